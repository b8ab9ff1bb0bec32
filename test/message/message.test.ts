import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyBytes } from "../../message/index.js";

test("a body's size is what was on the wire, however much of it is kept", () => {
  const bytes = new Uint8Array(3);
  assert.equal(bodyBytes({ kind: "empty" }), 0);
  assert.equal(bodyBytes({ kind: "whole", bytes, hash: "00" }), 3);
  assert.equal(bodyBytes({ kind: "cut", bytes, fullBytes: 900, hash: "00" }), 900);
  assert.equal(bodyBytes({ kind: "unredactable", fullBytes: 700, hash: "00" }), 700);
});
