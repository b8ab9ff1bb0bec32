import assert from "node:assert/strict";
import { test } from "node:test";
import { compareCookies } from "../../../replayer/compare/cookies.js";

test("cookies are compared by name, whatever their order and that of their attributes", () => {
  const expected = ["sid=1; Path=/; Max-Age=60", "lang=en"];
  assert.deepEqual(compareCookies("header", expected, ["lang=en", "sid=1; max-age=60; path=/"]), []);
});

test("a session id that is new does not hide an attribute that is gone", () => {
  assert.deepEqual(compareCookies("header", ["sid=1; Secure; HttpOnly"], ["sid=2; HttpOnly"]), [
    { kind: "changed-header", place: "header:set-cookie/sid", severity: "medium", expected: "1", actual: "2" },
    { kind: "missing-header", place: "header:set-cookie/sid/secure", severity: "high", expected: "" },
  ]);
});

test("a cookie that is gone and one that is new are seen from both sides", () => {
  assert.deepEqual(compareCookies("header", ["a=1"], ["b=2; Path=/"]), [
    { kind: "missing-header", place: "header:set-cookie/a", severity: "high", expected: "1" },
    { kind: "added-header", place: "header:set-cookie/b", severity: "low", actual: "2" },
  ]);
});

test("a cookie without an equals sign is no error", () => {
  assert.deepEqual(compareCookies("header", ["odd"], ["odd"]), []);
});
