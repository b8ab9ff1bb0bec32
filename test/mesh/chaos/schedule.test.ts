import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { drawnOne, scheduleOf } from "../../../mesh/chaos/schedule.js";

const wishes = fc
  .record({
    least: fc.integer({ min: 1, max: 600_000 }),
    more: fc.integer({ min: 0, max: 600_000 }),
    forMs: fc.integer({ min: 0, max: 3_600_000 }),
    seed: fc.string(),
  })
  .filter(({ least, forMs }) => forMs / least < 1_000)
  .map(({ least, more, forMs, seed }) => ({ everyMs: [least, least + more] as const, forMs, seed }));

test("the same seed gives the same schedule, every gap is within its bounds, and nothing is due when the time is up", () => {
  fc.assert(
    fc.property(wishes, (wish) => {
      const all = [...scheduleOf(wish)];
      assert.deepEqual(all, [...scheduleOf(wish)]);
      const [least, most] = wish.everyMs;
      for (const [at, { number, dueMs }] of all.entries()) {
        const gapMs = dueMs - (all[at - 1]?.dueMs ?? 0);
        assert.ok(number === at + 1 && gapMs >= least - 1e-6 && gapMs <= most + 1e-6 && dueMs < wish.forMs);
      }
      assert.ok(all.length >= Math.floor((wish.forMs - 1) / most), "as many as there is time for");
    }),
  );
});

test("another seed gives another schedule, and each target its turn", () => {
  const times = (seed: string) => [...scheduleOf({ everyMs: [1_000, 2_000], forMs: 60_000, seed })];
  assert.notDeepEqual(times("1"), times("2"));
  const drawn = Array.from({ length: 300 }, (_, at) => drawnOne(["a", "b", "c"], "seed", at));
  for (const one of ["a", "b", "c"]) assert.ok(drawn.filter((target) => target === one).length > 60, one);
  assert.equal(drawnOne([], "seed", 1), undefined);
});
