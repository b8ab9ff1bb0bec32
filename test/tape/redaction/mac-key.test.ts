import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";
import fc from "fast-check";
import { MacKey } from "../../../tape/redaction/mac-key.js";

test("a message authentication code is the one that Node makes of the same key and text", () => {
  const keyBytes = fc.uint8Array({ minLength: 1, maxLength: 64 });
  fc.assert(
    fc.property(keyBytes, fc.string({ unit: "binary" }), (key, text) => {
      const expected = createHmac("sha256", key).update(text, "utf8").digest("binary");
      assert.equal(new MacKey(key).mac(text, "utf8"), expected);
    }),
  );
});

test("a long message and what is no UTF-8 are taken, and nothing of one message is left for the next", () => {
  const bytes = Buffer.from("a key of some bytes");
  const key = new MacKey(bytes);
  for (const text of ["x".repeat(100_000), "\xff\xfe\0", "short", ""]) {
    const expected = createHmac("sha256", bytes).update(text, "latin1").digest("binary");
    assert.equal(key.mac(text, "latin1"), expected);
  }
});

test("a key that would have to be hashed first is refused", () => {
  assert.throws(() => new MacKey(new Uint8Array(65)), RangeError);
});
