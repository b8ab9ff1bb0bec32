import assert from "node:assert/strict";
import { test } from "node:test";
import { pseudonymOf } from "../../../tape/index.js";
import { PlaceList } from "../../../tape/redaction/places.js";
import { redactText } from "../../../tape/redaction/text/text.js";
import { testKey, testRedaction } from "../../support/redaction.js";

const p = (secret: string) => pseudonymOf(secret, testKey);

function redacted(text: string): string {
  return redactText(text, testRedaction, new PlaceList(), "body");
}

test("a value beside a telling name is replaced, however the two are joined", () => {
  const secret = "hunter2-of-ann";
  for (const text of [
    "login failed: password=SECRET for ann",
    "password: SECRET",
    '"clientSecret" : "SECRET"',
    "user.password => 'SECRET'",
    "x?a=1&access_token=SECRET&b=2",
    "next=%2Fcb%3Faccess_token%3DSECRET",
    'say \\"token\\":\\"SECRET\\" twice',
    "DB_PASSWORD=SECRET;",
    "const apiKey = `SECRET`",
    "GET /cb?code=SECRET&state=xyz",
    "next=%2Fcb%3Fcode%3DSECRET%26state%3Dxyz",
    "see <wsse:Password Type='t'> SECRET </wsse:Password> there",
    '<p><input type="hidden" name="csrf" value="SECRET"/>',
    "<input value=SECRET name=csrf>",
    "smtp:\n  pass: SECRET\n",
    "{ 'pass': 'SECRET' }",
  ]) {
    assert.equal(redacted(text.replace("SECRET", secret)), text.replace("SECRET", p(secret)), text);
  }
});

test("prose and code about secrets is left alone", () => {
  for (const text of [
    "password: required",
    "the token is expired",
    "token = getToken(request)",
    "secret: $SECRET_FROM_ENV",
    "passwords must have digits; pin: see below",
    "password=",
    "max_tokens=1000&page_token=abcdef123456",
    "first pass: X1234567, 3 tests pass: 12 of 14",
    "pass: 1234ms\npass=true",
    "code=E1234567 state=failed",
    "run <token> or <password>@host, name=csrf value=hunter2-of-ann",
    "<b>x</b> name=csrf value=hunter2-of-ann",
  ]) {
    assert.equal(redacted(text), text);
  }
});

test("secrets that overlap are replaced as one", () => {
  const text = "token=ann@shop.example.com/rest";
  const after = redacted(text);
  assert.doesNotMatch(after, /ann@|shop|rest/);
  assert.equal(after.length, text.length);
});

test("a value in markup is replaced to its end, however long", () => {
  const long = "hunter2-of-ann-".repeat(2000);
  for (const text of [`<input name="SAMLResponse" value="${long}">`, `<samlResponse>${long}</samlResponse>`]) {
    assert.doesNotMatch(redacted(text), /hunter2/);
  }
});

test("a text full of stems is searched in linear time", () => {
  const text = ["token=", "code=abcd1234&", '<a name="token ', "a:token>"].map((part) => part.repeat(50_000)).join("");
  const began = process.cpuUsage();
  redacted(text);
  // Quadratic, this would take hours.
  assert.ok(process.cpuUsage(began).user < 20_000_000);
});
