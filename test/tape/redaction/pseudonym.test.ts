import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pseudonymOf, redactionKey } from "../../../tape/index.js";
import { pseudonymOfBoolean, pseudonymOfNumber } from "../../../tape/redaction/pseudonym.js";
import { testKey } from "../../support/redaction.js";

/** Each character by its class. */
function format(text: string): string {
  return text
    .replace(/[^\0-\x7f]/gu, "ü")
    .replace(/[0-9]/g, "9")
    .replace(/[a-z]/g, "a")
    .replace(/[A-Z]/g, "A");
}

const anySecret = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ unit: "binary", minLength: 1 }),
  fc.string({ unit: fc.constantFrom(..."abcXYZ019-_.=/+ "), minLength: 1, maxLength: 200 }),
);
const notHex = anySecret.filter((secret) => !/[0-9a-f]{8}|[0-9A-F]{8}/.test(secret));

test("digits, lower and upper case letters stay what they are and other ASCII stays itself", () => {
  fc.assert(
    fc.property(
      notHex.filter((secret) => /[^\0-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]/.test(secret)),
      (secret) => assert.equal(format(pseudonymOf(secret, testKey)), format(secret)),
    ),
  );
});

test("a pseudonym has the secret's length in characters and in UTF-8 bytes", () => {
  fc.assert(
    fc.property(anySecret, (secret) => {
      const pseudonym = pseudonymOf(secret, testKey);
      assert.equal(Buffer.byteLength(pseudonym), Buffer.byteLength(secret));
      assert.equal(Array.from(pseudonym).length, Array.from(secret).length);
    }),
  );
});

test("a pseudonym is always the same for a key, another for another key, and never the secret", () => {
  const otherKey = redactionKey(new Uint8Array(32).fill(8));
  fc.assert(
    fc.property(anySecret, (secret) => {
      assert.equal(pseudonymOf(secret, testKey), pseudonymOf(secret, { ...testKey }));
      assert.notEqual(pseudonymOf(secret, testKey), secret);
    }),
  );
  assert.notEqual(
    pseudonymOf("correct horse battery staple", testKey),
    pseudonymOf("correct horse battery staple", otherKey),
  );
  for (let digit = 0; digit < 10; digit++) assert.notEqual(pseudonymOf(String(digit), testKey), String(digit));
});

test("different long secrets keep different pseudonyms", () => {
  const secrets = Array.from({ length: 2000 }, (_, at) => `session-${at}-of-some-user`);
  assert.equal(new Set(secrets.map((secret) => pseudonymOf(secret, testKey))).size, secrets.length);
});

test("hex stays hex in its case, and a UUID keeps its version and variant", () => {
  assert.match(pseudonymOf("9f86d081884c7d659a2feaa0c55ad015", testKey), /^[0-9a-f]{32}$/);
  assert.match(pseudonymOf("key-9F86D081884C7D65", testKey), /^[a-z]{3}-[0-9A-F]{16}$/);
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      const pseudonym = pseudonymOf(uuid, testKey);
      assert.match(pseudonym, /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
      assert.deepEqual([pseudonym[14], pseudonym[19]], [uuid[14], uuid[19]]);
    }),
  );
});

test("a JSON number stays a JSON number, of the same sign and with its exponent sign", () => {
  const lexeme = fc.oneof(
    fc.maxSafeInteger().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    fc.constantFrom("0", "-0", "0.0", "10e5", "12345678e9", "1E-05", "9007199254740993"),
  );
  fc.assert(
    fc.property(lexeme, (number) => {
      const pseudonym = pseudonymOfNumber(number, testKey);
      assert.doesNotThrow(() => JSON.parse(pseudonym), pseudonym);
      assert.equal(format(pseudonym), format(number));
    }),
  );
  assert.equal(pseudonymOfNumber("4711", testKey), pseudonymOf("4711", testKey));
});

test("a secret of punctuation alone is not kept", () => {
  assert.match(pseudonymOf("!!?-*", testKey), /^[a-z]{5}$/);
});

test("an empty secret stays empty", () => {
  assert.equal(pseudonymOf("", testKey), "");
});

test("booleans are turned round or kept, both alike, by the key", () => {
  const turned = Array.from({ length: 64 }, (_, at) => {
    const key = redactionKey(new Uint8Array(32).fill(at));
    assert.notEqual(pseudonymOfBoolean(true, key), pseudonymOfBoolean(false, key));
    return pseudonymOfBoolean(true, key);
  });
  assert.equal(new Set(turned).size, 2);
});
