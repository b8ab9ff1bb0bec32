import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../base/index.js";
import { dueOffsetMs, paceInWords, parsePace } from "../../replayer/pace.js";
import { stepAt } from "../support/replay-values.js";

test("every pace is read and said back", () => {
  assert.deepEqual(parsePace("asap"), { kind: "asap" });
  assert.deepEqual(parsePace("recorded"), { kind: "scaled", speed: 1 });
  assert.deepEqual(parsePace("2x"), { kind: "scaled", speed: 2 });
  assert.deepEqual(parsePace(" 0.5x "), { kind: "scaled", speed: 0.5 });
  assert.deepEqual(parsePace("500/s"), { kind: "rate", perSecond: 500 });
  for (const text of ["asap", "recorded", "2x", "0.5x", "500/s"]) assert.equal(paceInWords(parsePace(text)), text);
});

test("what is no pace is refused with its text", () => {
  for (const text of ["", "fast", "0x", "0/s", "-1x", "2", "x", "1e3/s", "2xx", "Infinityx"]) {
    assert.throws(
      () => parsePace(text),
      (error) => error instanceof OperatorError && error.message.includes(`"${text}"`),
      text,
    );
  }
});

test("due times are absolute: from the recorded start or from the place in the run, never from the Step before", () => {
  const step = stepAt(7, 3_000, 3_500);
  assert.equal(dueOffsetMs({ kind: "asap" }, step), undefined);
  assert.equal(dueOffsetMs({ kind: "scaled", speed: 1 }, step), 3_000);
  assert.equal(dueOffsetMs({ kind: "scaled", speed: 2 }, step), 1_500);
  assert.equal(dueOffsetMs({ kind: "rate", perSecond: 500 }, step), 14);
});
