import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBody, encodeBody } from "../../../tape/sqlite/body-codec.js";

test("a body that was coded is decoded to the same bytes, and never takes more than it had", () => {
  const repetitive = fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 200 }))
    .map(([piece, times]) => new Uint8Array(Buffer.concat(Array.from({ length: times }, () => piece))));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 2000 }), repetitive), (bytes) => {
      const coded = encodeBody(bytes);
      assert.ok(coded.bytes.length <= bytes.length);
      assert.deepEqual(Buffer.from(decodeBody({ ...coded, plainBytes: bytes.length })), Buffer.from(bytes));
    }),
  );
});

test("repetitive text is stored smaller, short text as it is", () => {
  assert.ok(encodeBody(Buffer.from('{"stars":5}'.repeat(50))).bytes.length < 100);
  const short = Buffer.from("a".repeat(100));
  assert.deepEqual(encodeBody(short), { codec: 0, bytes: short });
});

test("bytes that are not what was stored are refused", () => {
  const coded = encodeBody(Buffer.from("a".repeat(1000)));
  assert.throws(() => decodeBody({ ...coded, plainBytes: 999 }));
  assert.throws(() => decodeBody({ ...coded, plainBytes: 1001 }), RangeError);
  assert.throws(() => decodeBody({ ...coded, codec: 7, plainBytes: 1000 }), RangeError);
  assert.throws(() => decodeBody({ codec: 0, bytes: Buffer.from("ab"), plainBytes: 3 }), RangeError);
});
