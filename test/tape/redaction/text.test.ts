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

test("a text full of stems is searched in linear time", () => {
  const text = "token=".repeat(200_000);
  const began = process.cpuUsage();
  redacted(text);
  // Quadratic, this would take hours.
  assert.ok(process.cpuUsage(began).user < 20_000_000);
});
