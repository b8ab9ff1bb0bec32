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
