import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isSecretBeside, Neighbours } from "../../../tape/redaction/company.js";
import { keysInCompany } from "../../../tape/redaction/json-company.js";

const made = "SplxlOBeZQQYbYS6WxSbIA";

test("a key is found by those in its own object, wherever they stand there, and not by others", () => {
  const text = `{"code":"${made}","deep":[{"code":"${made}","x":{"a":[1]},"grant_type":"g"}],"x":{"state":"s"}}`;
  assert.deepEqual([...keysInCompany(text)], [text.lastIndexOf('"code"')]);
});

test("numbers and containers are no authorization code; both of repeated keys are", () => {
  assert.equal(keysInCompany('{"code":12345678901234567,"grant_type":"g"}').size, 0);
  assert.equal(keysInCompany(`{"code":["${made}"],"grant_type":"g"}`).size, 0);
  assert.equal(keysInCompany(`{"code":"${made}","code":"${made}","grant_type":"g"}`).size, 2);
});

test("names with escapes are read, and what was cut is judged by what is there", () => {
  assert.equal(keysInCompany(`{"c\\u006fde":"${made}","gr\\u0061nt_type":"g"}`).size, 1);
  assert.equal(keysInCompany(`{"grant_type":"g","code":"${made}","x`).size, 1);
});

test("what is found is what a plain walk over the parsed document finds", () => {
  const name = fc.constantFrom("code", "state", "grant_type", "signature", "expires", "note");
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(made, "DE", "SUMMER2026", 7, null),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(name, tie("value"), { maxKeys: 4 }),
    ),
  }));
  fc.assert(
    fc.property(value, (document) => {
      const text = JSON.stringify(document);
      assert.equal(keysInCompany(text).size, count(JSON.parse(text)));
    }),
    { numRuns: 1000 },
  );
});

function count(value: unknown): number {
  if (value === null || typeof value !== "object") return 0;
  const beside = new Neighbours(Array.isArray(value) ? [] : Object.keys(value).map((name) => ({ name })));
  return Object.entries(value).reduce(
    (sum, [name, inner]) =>
      sum + count(inner) + (typeof inner === "string" && isSecretBeside(name, inner, beside, true) ? 1 : 0),
    0,
  );
}
