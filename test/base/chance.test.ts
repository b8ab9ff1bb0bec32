import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { draw } from "../../base/index.js";

test("a draw depends on its names alone and lies in [0, 1)", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer(), (seed, rule, step) => {
      const drawn = draw(seed, rule, step);
      assert.equal(drawn, draw(seed, rule, step));
      assert.ok(drawn >= 0 && drawn < 1);
    }),
  );
});

test("names do not run into each other", () => {
  assert.notEqual(draw("s", "ab", "c"), draw("s", "a", "bc"));
});

test("draws spread evenly", () => {
  const low = Array.from({ length: 10_000 }, (_, step) => draw("seed", step)).filter((drawn) => drawn < 0.3).length;
  assert.ok(Math.abs(low - 3000) < 200, `${low} of 10000 below 0.3`);
});
