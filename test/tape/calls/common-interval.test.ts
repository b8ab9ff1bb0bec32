import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { commonInterval, hullOf } from "../../../tape/calls/common-interval.js";

test("what most intervals have in common is found, and how many do not take part", () => {
  const intervals = [
    { lo: 0, hi: 10 },
    { lo: 4, hi: 20 },
    { lo: 100, hi: 101 },
    { lo: -5, hi: 6 },
  ];
  assert.deepEqual(commonInterval(intervals), { lo: 4, hi: 6, left: 1 });
  assert.deepEqual(hullOf(intervals), { lo: -5, hi: 101 });
  assert.equal(commonInterval([]), undefined);
});

test("intervals that touch meet, and one may be open on a side", () => {
  const touching = [
    { lo: 0, hi: 5 },
    { lo: 5, hi: Number.POSITIVE_INFINITY },
  ];
  assert.deepEqual(commonInterval(touching), { lo: 5, hi: 5, left: 0 });
});

test("where all intervals hold one number, what is common is their intersection, in any order", () => {
  const around = fc.tuple(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 0, max: 1000 }));
  fc.assert(
    fc.property(fc.integer(), fc.array(around, { minLength: 1 }), (truth, all) => {
      const intervals = all.map(([below, above]) => ({ lo: truth - below, hi: truth + above }));
      const [lo, hi] = [Math.max(...intervals.map((one) => one.lo)), Math.min(...intervals.map((one) => one.hi))];
      assert.deepEqual(commonInterval(intervals), { lo, hi, left: 0 });
      assert.deepEqual(commonInterval(intervals.toReversed()), { lo, hi, left: 0 });
    }),
  );
});
