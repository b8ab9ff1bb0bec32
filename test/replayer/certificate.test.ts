import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Went } from "../../replayer/went.js";
import type { OrderCertificate } from "../../tape/index.js";
import { certified, wentAt } from "../support/replay-values.js";

test("a call sent before a call that had ended before it was answered is a violated edge", () => {
  const kept = [wentAt([0, 10], [0, 5]), wentAt([20, 30], [5, 9])];
  const broken = [wentAt([0, 10], [0, 5]), wentAt([20, 30], [4.9, 9])];
  assert.deepEqual(certified("recorded", kept), { order: "recorded", required: 1, violated: 0, startInversions: 0 });
  assert.deepEqual(certified("recorded", broken), {
    order: "recorded",
    required: 1,
    violated: 1,
    startInversions: 0,
  });
});

test("overlapping calls, calls without an end and calls left open require nothing under recorded", () => {
  const went = [wentAt([0, 30], [0, 50]), wentAt([10, undefined], [1, 60]), wentAt([20, 25], [2, 3], { open: true })];
  assert.equal(certified("recorded", [...went, wentAt([28, 40], [4, 5])]).required, 0);
});

test("an end at the very moment of a start is no edge: neither is known to be first", () => {
  assert.equal(certified("recorded", [wentAt([0, 10], [0, 9]), wentAt([10, 20], [0, 9])]).required, 0);
});

test("serial requires each call to wait for all before it, whatever was recorded of their ends", () => {
  const went = [wentAt([0, undefined], [0, 5]), wentAt([1, undefined], [5, 7]), wentAt([2, undefined], [6, 8])];
  assert.deepEqual(certified("serial", went), { order: "serial", required: 3, violated: 1, startInversions: 0 });
});

test("neighbours written the other way round are counted when nothing orders them", () => {
  const overlapping = [wentAt([0, 30], [2, 9]), wentAt([10, 40], [1, 9])];
  assert.equal(certified("recorded", overlapping).startInversions, 1);
  assert.equal(certified("none", overlapping).startInversions, 1);
  assert.equal(certified("serial", overlapping).startInversions, 0);
});

test("a run without calls is in order", () => {
  assert.deepEqual(certified("recorded", []), { order: "recorded", required: 0, violated: 0, startInversions: 0 });
});

const moment = fc.integer({ min: 0, max: 30 });
const interval = fc.tuple(moment, moment).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]);
const anyWent = fc
  .tuple(interval, interval, fc.constantFrom("ended", "endless", "open"))
  .map(([[startMs, endMs], lived, kind]) =>
    wentAt([startMs, kind === "endless" ? undefined : endMs], lived, { open: kind === "open" }),
  );
const anyRun = fc.array(anyWent, { maxLength: 40 }).map((went) => went.toSorted((a, b) => a.startedNs - b.startedNs));

test("the count of edges and of violated ones is that of the definition, pair by pair", () => {
  fc.assert(
    fc.property(anyRun, fc.constantFrom("serial", "recorded", "none"), (went, order) => {
      assert.deepEqual(certified(order, went), byDefinition(order, went));
    }),
    { numRuns: 500 },
  );
});

/** O(n²), straight from the words: A before B, and A's Outcome final before B is sent. */
function byDefinition(order: OrderCertificate["order"], went: readonly Went[]): OrderCertificate {
  let [required, violated, startInversions] = [0, 0, 0];
  for (const [a, first] of went.entries()) {
    for (const [b, second] of went.entries()) {
      const edge =
        order === "none" || first.open
          ? false
          : order === "serial"
            ? a < b
            : first.endedNs !== undefined && first.endedNs < second.startedNs;
      if (edge) required++;
      if (edge && first.answeredMs > second.sentMs) violated++;
      if (b === a + 1 && !edge && second.writtenMs < first.writtenMs) startInversions++;
    }
  }
  return { order, required, violated, startInversions };
}

test("a hundred thousand calls are certified in well under a second of work", () => {
  const went = Array.from({ length: 100_000 }, (_, at) => wentAt([at, at + 50], [at, at + 50]));
  const { required, violated } = certified("recorded", went);
  // Each call waits for all that ended: those more than 50 before it.
  const gap = 51;
  assert.equal(required, ((100_000 - gap) * (100_000 - gap + 1)) / 2);
  assert.equal(violated, 0);
});
