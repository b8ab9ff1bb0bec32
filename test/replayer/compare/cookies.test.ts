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

test("cookies of one name are told apart by path and domain, as browsers do", () => {
  const expected = ["sid=1; Path=/admin", "sid=2; Path=/", "sid=3; Path=/; Domain=.Shop.example"];
  const inOtherOrder = [expected[2]!, expected[0]!, expected[1]!];
  assert.deepEqual(compareCookies("header", expected, inOtherOrder), []);
  assert.deepEqual(compareCookies("header", expected, ["sid=STOLEN; Path=/admin", "sid=2; Path=/; Secure"]), [
    {
      kind: "changed-header",
      place: "header:set-cookie/sid;path=~1admin",
      severity: "medium",
      expected: "1",
      actual: "STOLEN",
    },
    { kind: "added-header", place: "header:set-cookie/sid;path=~1/secure", severity: "low", actual: "" },
    {
      kind: "missing-header",
      place: "header:set-cookie/sid;path=~1;domain=shop.example",
      severity: "high",
      expected: "3",
    },
  ]);
});

test("one cookie of a name keeps its name when its path changes, and counts as it is set last", () => {
  assert.deepEqual(compareCookies("header", ["a=0; Path=/x", "a=1; Path=/x"], ["a=1; Path=/y"]), [
    { kind: "changed-header", place: "header:set-cookie/a/path", severity: "medium", expected: "/x", actual: "/y" },
  ]);
});

test("a cookie without an equals sign is no error", () => {
  assert.deepEqual(compareCookies("header", ["odd"], ["odd"]), []);
});
