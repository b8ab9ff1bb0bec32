import assert from "node:assert/strict";
import { test } from "node:test";
import { JsonNumber, type JsonTree } from "../../../message/index.js";
import { alignElements, pairBudget } from "../../../replayer/compare/json-arrays.js";

const numbers = (...values: readonly number[]): JsonTree[] => values.map((value) => new JsonNumber(String(value)));

test("equal elements are not returned, the others between them by position", () => {
  assert.deepEqual(alignElements(numbers(1, 2, 3, 9, 4), numbers(1, 7, 3, 4), pairBudget()), [[1, 1]]);
  assert.deepEqual(alignElements(numbers(1, 2, 3, 4, 5, 6), numbers(1, 3, 4, 6), pairBudget()), []);
  assert.deepEqual(alignElements(numbers(), numbers(1), pairBudget()), []);
});

test("an array too large for what is left of the budget is paired by position between its equal ends", () => {
  const [left, right] = [numbers(1, 2, 3, 4, 5, 6), numbers(1, 3, 4, 6)];
  assert.deepEqual(alignElements(left, right, { pairsLeft: 7 }), [
    [1, 1],
    [2, 2],
  ]);
});

test("what one array takes of the budget is gone for the next", () => {
  const budget = { pairsLeft: 8 };
  alignElements(numbers(1, 2, 3, 4, 5, 6), numbers(1, 3, 4, 6), budget);
  assert.equal(budget.pairsLeft, 0);
});
