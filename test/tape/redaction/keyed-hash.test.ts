import assert from "node:assert/strict";
import { test } from "node:test";
import { keyedHash, keyedHashBytes, keyedHasher, redactionKey } from "../../../tape/index.js";
import { testKey } from "../../support/redaction.js";

test("a keyed hash is 16 bytes and the same however the bytes were cut into pieces", () => {
  const whole = keyedHash(testKey, [Buffer.from("one two")]);
  assert.equal(whole.length, keyedHashBytes);
  assert.deepEqual(keyedHash(testKey, [Buffer.from("one"), Buffer.from(""), Buffer.from(" two")]), whole);
  const hasher = keyedHasher(testKey);
  for (const byte of Buffer.from("one two")) hasher.update(Uint8Array.of(byte));
  assert.deepEqual(hasher.digest(), whole);
});

test("another key or another body gives another hash", () => {
  const body = [Buffer.from("body")];
  assert.notDeepEqual(keyedHash(redactionKey(new Uint8Array(32)), body), keyedHash(testKey, body));
  assert.notDeepEqual(keyedHash(testKey, [Buffer.from("bodz")]), keyedHash(testKey, body));
});
