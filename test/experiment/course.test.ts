import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Course } from "../../experiment/course/course.js";
import { next, pending, type Turn } from "../../experiment/course/states.js";

const turns: Turn[] = [
  { kind: "planned" },
  { kind: "was-steady" },
  { kind: "tripped", why: "too slow" },
  { kind: "cannot-know", why: "no reading" },
  { kind: "held" },
  { kind: "put-back" },
];
const anyTurns = fc.array(fc.constantFrom(...turns), { maxLength: 12 });
const after = (...kinds: Turn["kind"][]) =>
  kinds.map((kind) => turns.find((turn) => turn.kind === kind)!).reduce(next, pending);

test("an experiment that held passes, and everything is put back after its conclusion", () => {
  assert.equal(after("planned", "was-steady").state, "Running");
  assert.equal(after("planned", "was-steady", "held").state, "Passed");
  const over = after("planned", "was-steady", "held", "put-back");
  assert.deepEqual([over.state, over.conclusion, over.reasons], ["PutBack", "Passed", []]);
});

test("what is unwell before anything was changed says nothing of the experiment: inconclusive, never failed", () => {
  assert.equal(after("planned", "tripped").conclusion, "Inconclusive");
  assert.equal(after("tripped").conclusion, "Inconclusive");
  assert.equal(after("planned", "was-steady", "tripped").conclusion, "Failed");
});

test("whatever comes: nothing passes that failed, that could not be known, or that never ran", () => {
  fc.assert(
    fc.property(anyTurns, (taken) => {
      const standings = [pending];
      for (const turn of taken) standings.push(next(standings.at(-1)!, turn));
      const last = standings.at(-1)!;
      if (last.conclusion !== "Passed") return;
      assert.ok(standings.some(({ state }) => state === "Running"));
      const concludedAt = standings.findIndex(({ conclusion }) => conclusion !== undefined);
      assert.ok(!taken.slice(0, concludedAt - 1).some(({ kind }) => kind === "tripped" || kind === "cannot-know"));
      assert.ok(!taken.some(({ kind }) => kind === "cannot-know"));
    }),
  );
});

test("whatever comes: a failure stays one, and nothing is put back before there is a conclusion", () => {
  fc.assert(
    fc.property(anyTurns, (taken) => {
      let standing = pending;
      for (const turn of taken) {
        const before = standing;
        standing = next(before, turn);
        if (before.conclusion === "Failed") assert.equal(standing.conclusion, "Failed");
        if (before.conclusion !== undefined) assert.notEqual(standing.conclusion, undefined);
        if (standing.state === "PutBack") assert.notEqual(before.conclusion, undefined);
      }
    }),
  );
});

test("a pass that turns out to stand on nothing is none: the state after it says so", () => {
  const told: string[] = [];
  let nowMs = 100;
  const clock = { now: () => nowMs, epochNsAtZero: 0n, sleepUntil: async () => {} };
  const course = new Course(clock, ({ state }) => told.push(state));
  for (const kind of ["planned", "was-steady", "held"] as const) {
    nowMs += 10;
    course.turn({ kind });
  }
  course.turn({ kind: "cannot-know", why: "somebody took the fault out" });
  course.turn({ kind: "put-back" });
  assert.deepEqual(told, ["Steady", "Running", "Passed", "Inconclusive", "PutBack"]);
  assert.deepEqual(course.states.slice(0, 3), [
    { state: "Pending", atMs: 0 },
    { state: "Steady", atMs: 10 },
    { state: "Running", atMs: 20 },
  ]);
  assert.deepEqual(course.standing.reasons, ["somebody took the fault out"]);
});
