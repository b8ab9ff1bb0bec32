import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { test } from "node:test";
import { Deadlines, type Timed } from "../../../replayer/send/deadlines.js";

test("each is expired once, not before its time and in the order of their times; what was deleted is not", async (t) => {
  const deadlines = new Deadlines<Timed>(performance);
  t.after(() => deadlines.close());
  const begunMs = performance.now();
  const expired: { name: string; lateMs: number }[] = [];
  await new Promise<void>((resolve) => {
    const add = (name: string, afterMs: number) => {
      const timed: Timed = {
        place: -1,
        dueMs: begunMs + afterMs,
        expire() {
          deadlines.delete(timed);
          expired.push({ name, lateMs: performance.now() - timed.dueMs });
          if (name === "last") resolve();
        },
      };
      deadlines.add(timed);
      return timed;
    };
    add("last", 60);
    add("first", 10);
    const moved = add("moved", 20);
    moved.dueMs = begunMs + 40;
    deadlines.delete(add("deleted", 15));
    add("far", 2 ** 33);
  });
  assert.deepEqual(
    expired.map(({ name }) => name),
    ["first", "moved", "last"],
  );
  assert.ok(expired.every(({ lateMs }) => lateMs >= 0));
  assert.equal(deadlines.running().length, 1);
});

test("those that are overdue together, as after a stall, are expired in the order of their times", async (t) => {
  let nowMs = 0;
  const deadlines = new Deadlines<Timed>({ now: () => nowMs });
  t.after(() => deadlines.close());
  const expired: number[] = [];
  const allExpired = new Promise<void>((resolve) => {
    for (const dueMs of [7, 3, 9, 5, 1]) {
      const timed: Timed = {
        ...{ place: -1, dueMs },
        expire() {
          deadlines.delete(timed);
          if (expired.push(dueMs) === 5) resolve();
        },
      };
      deadlines.add(timed);
    }
  });
  nowMs = 10;
  await allExpired;
  assert.deepEqual(expired, [1, 3, 5, 7, 9]);
});

test("what is added while another expires gets its time, too", async (t) => {
  const deadlines = new Deadlines<Timed>(performance);
  t.after(() => deadlines.close());
  const expired: string[] = [];
  await new Promise<void>((resolve) => {
    const add = (name: string, next?: string) => {
      const timed: Timed = {
        ...{ place: -1, dueMs: performance.now() + 5 },
        expire() {
          deadlines.delete(timed);
          expired.push(name);
          if (next === undefined) resolve();
          else add(next, next === "second" ? "third" : undefined);
        },
      };
      deadlines.add(timed);
    };
    add("first", "second");
  });
  assert.deepEqual(expired, ["first", "second", "third"]);
});
