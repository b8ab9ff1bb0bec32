import assert from "node:assert/strict";
import { test } from "node:test";
import { openPacer } from "../../replayer/pacer.js";
import { stepAt } from "../support/replay-values.js";

test("the first Step is due at once, the others at their distance from it, however late the clock has become", () => {
  let nowMs = 1_000;
  const pacer = openPacer({ kind: "scaled", speed: 2 }, { now: () => nowMs });
  assert.equal(pacer.dueMs(stepAt(0, 0, 5)), 1_000);
  nowMs = 60_000;
  assert.equal(pacer.dueMs(stepAt(1, 100, 105)), 1_050);
  assert.equal(pacer.dueMs(stepAt(2, 200, 205)), 1_100);
});

test("a first Step that could not be sent does not delay the run", () => {
  const pacer = openPacer({ kind: "rate", perSecond: 10 }, { now: () => 500 });
  assert.equal(pacer.dueMs(stepAt(3, 0, 5)), 500);
  assert.equal(pacer.dueMs(stepAt(4, 0, 5)), 600);
});

test("asap sets no time", () => {
  assert.equal(openPacer({ kind: "asap" }, { now: () => 0 }).dueMs(stepAt(0, 0, 1)), undefined);
});
