import assert from "node:assert/strict";
import { test } from "node:test";
import { Counts } from "../../../recorder/capture/counts.js";

test("what grew is told once, and again when it could not be told", () => {
  const counts = new Counts();
  counts.add("seen", 2);
  counts.add("kept");
  const grown = counts.takeNew();
  assert.deepEqual(grown, { seen: 2, kept: 1 });
  assert.deepEqual(counts.takeNew(), {});
  counts.add("seen");
  counts.untold(grown);
  assert.deepEqual(counts.takeNew(), { seen: 3, kept: 1 });
  assert.equal(counts.total.seen, 3);
});
