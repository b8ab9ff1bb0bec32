import assert from "node:assert/strict";
import { test } from "node:test";
import { compareTimes, isOfOneSort } from "../../../replayer/timing/compare-times.js";

const kinds = (timing: ReturnType<typeof compareTimes>) => ({
  candidate: timing?.candidate.map(({ kind }) => kind) ?? [],
  control: timing?.control.map(({ kind }) => kind) ?? [],
});

test("a call that takes half as long again, and a noticeable time more, is slower", () => {
  const [difference] = compareTimes({ reference: 4.2, lane: 253.6 })!.candidate;
  assert.deepEqual(difference, {
    ...{ kind: "slower", place: "timing", severity: "medium" },
    ...{ expected: "4.2 ms", actual: "254 ms" },
  });
});

test("what nobody notices, and what is little of a long call, is no difference", () => {
  assert.equal(compareTimes({ reference: 2, lane: 30 }), undefined);
  assert.equal(compareTimes({ reference: 1000, lane: 1400 }), undefined);
});

test("a faster call is control: the machine, or the version, is not even", () => {
  assert.deepEqual(kinds(compareTimes({ reference: 200, lane: 5 })), { candidate: [], control: ["slower"] });
});

test("a reference that is uneven when asked again, either way, is one control", () => {
  assert.deepEqual(kinds(compareTimes({ reference: 5, lane: 200, again: 300 })), {
    candidate: ["slower"],
    control: ["slower"],
  });
  assert.deepEqual(kinds(compareTimes({ reference: 300, lane: 301, again: 5 })), {
    candidate: [],
    control: ["slower"],
  });
});

test("times of answers of another sort are not compared", () => {
  assert.equal(isOfOneSort([]), true);
  const status = { kind: "status", place: "status", severity: "high", expected: 200, actual: 503 } as const;
  assert.equal(isOfOneSort([status]), false);
});

test("a machine that is a little uneven does not explain a call that became far slower", () => {
  assert.deepEqual(kinds(compareTimes({ reference: 5, lane: 600, again: 60 })), { candidate: ["slower"], control: [] });
});
