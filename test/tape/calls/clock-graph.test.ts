import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { clockGraph } from "../../../tape/calls/clock-graph.js";

test("bounds are chained from clock to clock, and the tightest way counts", () => {
  const { between, groups, contradictionNs } = clockGraph([
    { from: "a", to: "b", lo: 10, hi: 20 },
    { from: "b", to: "c", lo: -5, hi: 5 },
    { from: "a", to: "c", lo: 0, hi: 12 },
    { from: "x", to: "y", lo: 1, hi: Number.POSITIVE_INFINITY },
  ]);
  assert.deepEqual(between("a", "c"), { lo: 5, hi: 12 });
  assert.deepEqual(between("c", "a"), { lo: -12, hi: -5 });
  assert.deepEqual(between("a", "b"), { lo: 10, hi: 17 });
  assert.deepEqual(between("x", "y"), { lo: 1, hi: Number.POSITIVE_INFINITY });
  assert.deepEqual(between("a", "x"), { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY });
  assert.deepEqual(groups, [
    ["a", "b", "c"],
    ["x", "y"],
  ]);
  assert.equal(contradictionNs, 0);
});

test("bounds that cannot all be true are loosened until they can", () => {
  const { between, contradictionNs } = clockGraph([
    { from: "a", to: "b", lo: 1_000_000, hi: 1_000_000 },
    { from: "b", to: "c", lo: 0, hi: 0 },
    { from: "a", to: "c", lo: 0, hi: 0 },
  ]);
  assert.ok(contradictionNs * 3 >= 1_000_000 && contradictionNs < 1_000_000, String(contradictionNs));
  const { lo, hi } = between("a", "c");
  assert.ok(lo <= hi);
});

test("true bounds of clocks contain their true offsets, however they are chained", () => {
  const clocks = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 2, maxLength: 8 });
  const bound = fc.tuple(fc.nat(), fc.nat(), fc.nat(5000), fc.nat(5000));
  fc.assert(
    fc.property(clocks, fc.array(bound, { maxLength: 20 }), (offsets, drawn) => {
      const bounds = drawn.flatMap(([one, other, below, above]) => {
        const [a, b] = [one % offsets.length, other % offsets.length];
        const offset = offsets[b]! - offsets[a]!;
        return a === b ? [] : [{ from: `c${a}`, to: `c${b}`, lo: offset - below, hi: offset + above }];
      });
      const { between, contradictionNs } = clockGraph(bounds);
      assert.equal(contradictionNs, 0);
      for (const a of offsets.keys()) {
        for (const b of offsets.keys()) {
          const { lo, hi } = between(`c${a}`, `c${b}`);
          assert.ok(lo <= offsets[b]! - offsets[a]! && offsets[b]! - offsets[a]! <= hi);
        }
      }
    }),
  );
});
