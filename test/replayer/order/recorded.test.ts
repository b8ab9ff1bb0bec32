import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { recorded } from "../../../replayer/order/recorded.js";
import { playThrough } from "../../support/play-through.js";
import { certified, stepAt } from "../../support/replay-values.js";

test("a call waits for those that had ended before it began, and not for those it overlapped", () => {
  const order = recorded.start({ concurrency: 1 });
  const [early, long, late] = [stepAt(0, 0, 10), stepAt(1, 5, 100), stepAt(2, 20, 30)];
  const gone: number[] = [];
  order.take(early, () => gone.push(0));
  order.take(long, () => gone.push(1));
  order.take(late, () => gone.push(2));
  assert.deepEqual(gone, [0, 1]);
  order.final(early);
  assert.deepEqual(gone, [0, 1, 2]);
});

test("a call that was final before the walk passed its end holds nobody back", () => {
  const order = recorded.start({ concurrency: 1 });
  const [first, second] = [stepAt(0, 0, 10), stepAt(1, 20, 30)];
  const gone: number[] = [];
  order.take(first, () => gone.push(0));
  order.final(first);
  assert.equal(
    order.take(second, () => gone.push(1)),
    undefined,
  );
  assert.deepEqual(gone, [0, 1]);
});

test("calls without a recorded end go in the order of their starts and wait for nothing", () => {
  const order = recorded.start({ concurrency: 1 });
  const gone: number[] = [];
  for (const at of [0, 1, 2]) order.take(stepAt(at, at * 10), () => gone.push(at));
  assert.deepEqual(gone, [0, 1, 2]);
});

const anyTape = fc
  .array(fc.tuple(fc.nat(200), fc.option(fc.nat(60), { nil: undefined })), { maxLength: 60 })
  .map((calls) => calls.toSorted(([a], [b]) => a - b))
  .map((calls) =>
    calls.map(([startMs, lengthMs], at) =>
      stepAt(at, startMs, lengthMs === undefined ? undefined : startMs + lengthMs),
    ),
  );

test("whatever the delays of the answers, no edge of the full relation is violated", () => {
  fc.assert(
    fc.property(anyTape, fc.array(fc.nat(80), { minLength: 60, maxLength: 60 }), (steps, delaysMs) => {
      const went = playThrough(recorded.start({ concurrency: 1 }), steps, delaysMs);
      const certificate = certified("recorded", went);
      assert.equal(went.length, steps.length);
      assert.equal(certificate.violated, 0);
      assert.equal(certificate.startInversions, 0);
    }),
    { numRuns: 300 },
  );
});

test("no call is held longer than its predecessors ask for", () => {
  fc.assert(
    fc.property(anyTape, fc.array(fc.nat(80), { minLength: 60, maxLength: 60 }), (steps, delaysMs) => {
      const went = playThrough(recorded.start({ concurrency: 1 }), steps, delaysMs);
      for (const [b, second] of went.entries()) {
        const before = went.filter((first) => first.endedNs !== undefined && first.endedNs < second.startedNs);
        const sentBefore = went.slice(0, b).map(({ sentMs }) => sentMs);
        assert.equal(second.sentMs, Math.max(0, ...before.map(({ answeredMs }) => answeredMs), ...sentBefore));
      }
    }),
  );
});
