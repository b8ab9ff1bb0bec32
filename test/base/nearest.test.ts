import assert from "node:assert/strict";
import { test } from "node:test";
import { didYouMean, nearest } from "../../base/index.js";

test("a typo finds its word, a stranger finds none", () => {
  assert.equal(nearest("trget", ["target", "pace"]), "target");
  assert.equal(nearest("TARGET", ["target"]), "target");
  assert.equal(nearest("zebra", ["target", "pace"]), undefined);
  assert.equal(nearest("any", []), undefined);
});

test("the hint names the near word, else the known ones", () => {
  assert.equal(didYouMean("pase", ["target", "pace"]), ' (did you mean "pace"?)');
  assert.equal(didYouMean("zebra", ["target", "pace"]), " (known: target, pace)");
});
