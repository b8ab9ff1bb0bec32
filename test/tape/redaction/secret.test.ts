import assert from "node:assert/strict";
import { test } from "node:test";
import { pseudonymOf } from "../../../tape/index.js";
import { replaceCredentials, replaceSecret } from "../../../tape/redaction/secret.js";
import { testKey } from "../../support/redaction.js";

test("the scheme is kept and the token has the pseudonym it has alone", () => {
  const token = "eyJhbGciOiJIUzI1NiJ9.e30.abc";
  assert.equal(replaceCredentials(`Bearer ${token}`, testKey).text, `Bearer ${pseudonymOf(token, testKey)}`);
  assert.equal(replaceCredentials(`Basic  ${token}`, testKey).text, `Basic  ${pseudonymOf(token, testKey)}`);
  assert.equal(replaceCredentials(`My-Scheme ${token}`, testKey).text, `My-Scheme ${pseudonymOf(token, testKey)}`);
  assert.equal(replaceCredentials(token, testKey).text, pseudonymOf(token, testKey));
});

test("elsewhere only known schemes are kept: the first word of a passphrase is secret too", () => {
  assert.equal(replaceSecret("bearer abc123", testKey).text, `bearer ${pseudonymOf("abc123", testKey)}`);
  assert.equal(replaceSecret("correct horse", testKey).text, pseudonymOf("correct horse", testKey));
  assert.equal(replaceSecret("Bearer", testKey).text, pseudonymOf("Bearer", testKey));
});
