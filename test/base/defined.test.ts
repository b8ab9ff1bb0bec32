import assert from "node:assert/strict";
import { test } from "node:test";
import { defined } from "../../base/index.js";

test("keys without a value go, falsy values stay", () => {
  const fields = defined({ a: undefined as string | undefined, b: 0, c: null, d: "" });
  assert.deepEqual(Object.keys(fields), ["b", "c", "d"]);
});
