import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { rawFromHeaderList } from "../../../message/index.js";
import { headerBytes, headersFromBytes } from "../../../tape/sqlite/header-bytes.js";

test("headers come back byte for byte, in order, repeats and empty values kept", () => {
  const text = fc
    .array(fc.integer({ min: 1, max: 255 }), { maxLength: 10 })
    .map((codes) => String.fromCharCode(...codes));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 6 }), (fields) => {
      const flat = fields.flat();
      assert.deepEqual(rawFromHeaderList(headersFromBytes(Buffer.from(headerBytes(flat)))), flat);
    }),
  );
});

test("bytes that are no header list are refused", () => {
  assert.deepEqual(headersFromBytes(null), []);
  for (const text of ["a", "a\0", "a\0b", "a\0b\0c\0"]) {
    assert.throws(() => headersFromBytes(Buffer.from(text)), RangeError, JSON.stringify(text));
  }
});
