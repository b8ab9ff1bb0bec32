import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { StepSet } from "../../../replayer/divergences/steps.js";

const steps = fc.array(fc.oneof(fc.nat(200), fc.nat(2_000_000)));

function setOf(members: Iterable<number>): StepSet {
  const set = new StepSet();
  for (const member of members) set.add(member);
  return set;
}

test("it behaves as a set of numbers does", () => {
  fc.assert(
    fc.property(steps, steps, (left, right) => {
      const [one, other] = [setOf(left), setOf(right)];
      const [ones, others] = [new Set(left), new Set(right)];
      const both = [...ones].filter((step) => others.has(step));
      assert.equal(one.size, ones.size);
      assert.equal(one.and(other).size, both.length);
      assert.equal(one.without(other).size, ones.size - both.length);
      for (const step of left) assert.equal(one.has(step), true);
      for (const step of right) assert.equal(one.has(step), ones.has(step));
      for (const step of both) assert.ok(one.and(other).has(step) && !one.without(other).has(step));
    }),
  );
});
