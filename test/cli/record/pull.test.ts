import assert from "node:assert/strict";
import { test } from "node:test";
import { pullOptionsOf, pullSettings } from "../../../cli/record/pull.js";

test("a folder can be pulled, a file cannot", () => {
  assert.deepEqual(pullOptionsOf({ tape: "tape/" }), { pull: { folder: "tape/" } });
  assert.deepEqual(pullOptionsOf({ tape: "tape.db", adminToken: "open-sesame" }), { pull: { token: "open-sesame" } });
});

test("a token that is soon guessed is refused", () => {
  assert.equal(pullSettings.adminToken.safeParse("1234567").success, false);
  assert.equal(pullSettings.adminToken.safeParse("12345678").success, true);
});
