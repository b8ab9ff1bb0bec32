import assert from "node:assert/strict";
import { test } from "node:test";
import { isSecretBeside, mayHaveCompany, Neighbours } from "../../../tape/redaction/company.js";

const made = "SplxlOBeZQQYbYS6WxSbIA";

function isSecret(name: string, value: string, beside: string, isJson = false): boolean {
  const others = beside.split(" ").map((other) => ({ name: other }));
  return isSecretBeside(name, value, new Neighbours([{ name }, ...others]), isJson);
}

test("a code is secret beside what a grant has, however names are written", () => {
  for (const beside of ["grant_type", "x redirectUri", "REDIRECT-URI", "code_verifier", "state", "client_id", "iss"]) {
    assert.ok(isSecret("code", made, beside), beside);
    assert.ok(isSecret("Code", made, beside, true), beside);
  }
  assert.ok(isSecret("code", "1234", "grant_type"));
});

test("codes of errors, countries and vouchers are none", () => {
  for (const [value, beside, isJson] of [
    [made, "message status id", true],
    ["DE", "grant_type", false],
    ["94105", "state", false],
    ["SUMMER2026", "state name", true],
    ["ERR_CONNECTION_TIMED_OUT", "state redirect_uri", true],
    ["InvalidInput", "client_id", true],
  ] as const) {
    assert.equal(isSecret("code", value, beside, isJson), false, value);
  }
  assert.equal(isSecret("codes", made, "grant_type"), false);
  assert.equal(isSecret("user_code", "CUSTOMER-17-Berlin", "name", true), false);
});

test("the cheap look at JSON finds company in any way of writing its name", () => {
  for (const text of ['{"grantType" : 1}', '{"GRANT_TYPE":1}', ' "redirect_uri ": ', '{"a":{"state":"x"}}']) {
    assert.ok(mayHaveCompany(text), text);
  }
  for (const text of ['{"estate":1}', '{"a":"state"}', '{"statement":1}'])
    assert.equal(mayHaveCompany(text), false, text);
});
