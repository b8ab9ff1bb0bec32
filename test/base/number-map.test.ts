import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NumberMap } from "../../base/index.js";
import { keptOf, type Passing, passing } from "../support/kept-by-old.js";

/** Few, so that they are met again and fall on one place; small, of more than 32 bits, and of either sign. */
const anyKey = fc.oneof(
  fc.nat(40),
  fc.nat(40).map((key) => key * 2 ** 32),
  fc.nat(40).map((key) => key * -1024 - 1),
);

test("whatever is set and deleted, it holds what a Map would", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyKey, fc.boolean()), { maxLength: 300 }), (moves) => {
      const [map, model] = [new NumberMap<{ at: number }>(), new Map<number, { at: number }>()];
      for (const [at, [key, isSet]] of moves.entries()) {
        if (isSet) {
          map.set(key, { at });
          model.set(key, { at });
        } else assert.equal(map.delete(key), model.delete(key));
        assert.equal(map.size, model.size);
      }
      for (const [key] of moves) assert.deepEqual(map.get(key), model.get(key));
    }),
    { numRuns: 500 },
  );
});

test("what was deleted is not kept in memory by what stayed", () => {
  const map = new NumberMap<Passing>();
  const kept = keptOf(2_500, (at) => {
    map.set(at, passing());
    map.delete(at - 32);
  });
  assert.ok(kept < 250, `${kept} of 2,500`);
});
