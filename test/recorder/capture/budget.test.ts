import assert from "node:assert/strict";
import { test } from "node:test";
import { Budget } from "../../../recorder/capture/budget.js";

test("a budget gives up to its limit, nothing beyond, and again what was given back", () => {
  const budget = new Budget(10);
  assert.deepEqual([budget.take(6), budget.take(5), budget.take(4), budget.usedBytes], [true, false, true, 10]);
  budget.give(6);
  assert.deepEqual([budget.take(6), budget.take(1)], [true, false]);
});
