import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { countSmaller } from "../../replayer/count-smaller.js";

test("counts what was added and is not above the bound, repeats included", () => {
  const values = fc.array(fc.integer({ min: -20, max: 20 }));
  fc.assert(
    fc.property(values, fc.nat(), fc.integer({ min: -25, max: 25 }), (all, some, bound) => {
      const counter = countSmaller(all);
      const added = all.slice(0, all.length === 0 ? 0 : some % (all.length + 1));
      for (const value of added) counter.add(value);
      assert.equal(counter.countUpTo(bound), added.filter((value) => value <= bound).length);
    }),
  );
});
