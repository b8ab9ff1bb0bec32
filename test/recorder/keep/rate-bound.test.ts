import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RateBound } from "../../../recorder/keep/rate-bound.js";

test("calls that come evenly at the rate all fit; what comes faster does not", () => {
  const even = new RateBound(100, 0);
  for (let call = 0; call < 1000; call++) assert.equal(even.take(call * 10), true, `${call}`);
  const fast = new RateBound(100, 0);
  let taken = 0;
  for (let call = 0; call < 10_000; call++) if (fast.take(call)) taken++;
  // Ten seconds at 100 a second, and what the first second had saved.
  assert.ok(taken >= 1099 && taken <= 1100, `${taken}`);
});

test("after a pause those of one second fit at once, not more", () => {
  const bound = new RateBound(10, 0);
  const burst = () => Array.from({ length: 30 }, () => bound.take(60_000)).filter(Boolean).length;
  assert.equal(burst(), 10);
  bound.giveBack(3);
  assert.equal(burst(), 3);
  bound.giveBack(1000);
  assert.equal(burst(), 10);
});

test("a rate below one a second lets one call through now and then", () => {
  const bound = new RateBound(0.5, 0);
  const taken = [0, 1000, 1999, 2001, 3000, 4002].map((nowMs) => bound.take(nowMs));
  assert.deepEqual(taken, [true, false, false, true, false, true]);
});

test("in no stretch of time more fit than the rate gives and one second holds", () => {
  const gaps = fc.array(fc.nat({ max: 2000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), gaps, (perSecond, waits) => {
      const bound = new RateBound(perSecond, 0);
      const times: number[] = [];
      let nowMs = 0;
      for (const wait of waits) {
        nowMs += wait;
        if (bound.take(nowMs)) times.push(nowMs);
      }
      for (const [at, fromMs] of times.entries()) {
        for (const [further, toMs] of times.slice(at).entries()) {
          assert.ok(further + 1 <= perSecond + ((toMs - fromMs) / 1000) * perSecond + 1e-6);
        }
      }
    }),
    { numRuns: 200 },
  );
});
