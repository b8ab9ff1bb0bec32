import assert from "node:assert/strict";
import { test } from "node:test";
import { draw } from "../../../base/index.js";
import { discoveryBound } from "../../../replayer/noise/false-discoveries.js";

test("the example of Benjamini and Hochberg: of fifteen tests, four are discoveries", () => {
  // Table in section 4.1 of the paper.
  const chances = [
    ...[0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344],
    ...[0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1],
  ];
  assert.equal(discoveryBound(chances.toReversed(), 0.05), 0.0095);
});

test("nothing is discovered among nothing, and among what chance explains", () => {
  assert.equal(discoveryBound([], 0.05), 0);
  assert.equal(discoveryBound([0.06, 0.5, 1], 0.05), 0);
});

test("a thousand tests of chance alone give few discoveries", () => {
  const chances = Array.from({ length: 1000 }, (_, at) => draw("chance", at));
  const bound = discoveryBound(chances, 0.05);
  assert.ok(chances.filter((chance) => chance <= bound).length <= 1);
});
