import assert from "node:assert/strict";
import { test } from "node:test";
import { ConditionRefused, numberTest, textTest } from "../../../tape/where/condition.js";

test("one of several values is enough; != and !~ hold when none does", () => {
  assert.equal(textTest("=", "a", false)(["b", "a"]), true);
  assert.equal(textTest("!=", "a", false)(["b", "a"]), false);
  assert.equal(textTest("!=", "a", false)([]), true);
  assert.equal(textTest("=", "a", false)([]), false);
  assert.equal(textTest("!~", "^a", false)(["b"]), true);
});

test("text is compared by letter, or ignoring case where the field says so", () => {
  assert.equal(textTest("=", "get", false)(["GET"]), false);
  assert.equal(textTest("=", "get", true)(["GET"]), true);
  assert.equal(textTest("^=", "ge", true)(["GET"]), true);
  assert.equal(textTest("~", "^g.t$", true)(["GET"]), true);
});

test("a class of status compares by its first digit", () => {
  assert.equal(numberTest("status", "=", "5xx")([503]), true);
  assert.equal(numberTest("status", "!=", "5xx")([404]), true);
  assert.equal(numberTest("status", ">=", "4XX")([404]), true);
  assert.equal(numberTest("status", "<", "4xx")([404]), false);
  assert.equal(numberTest("status", "^=", "5")([503]), true);
});

test("durations have units, times are RFC 3339 or nanoseconds", () => {
  assert.equal(numberTest("duration", ">", "1.5s")([1501]), true);
  assert.equal(numberTest("duration", ">", "250")([250]), false);
  const atMs = Date.parse("2026-01-31T12:00:00Z");
  assert.equal(numberTest("time", "=", "2026-01-31T12:00:00Z")([atMs]), true);
  assert.equal(numberTest("time", "<=", `${BigInt(atMs) * 1_000_000n}`)([atMs]), true);
});

test("a value or operator that does not fit the field is refused", () => {
  for (const attempt of [
    () => numberTest("number", "=", "ten"),
    () => numberTest("status", "=", "6xx"),
    () => numberTest("duration", "<", "5 parsecs"),
    () => numberTest("time", "<", "yesterday"),
    () => textTest("<", "a", false),
    () => textTest("~", "(", false),
  ]) {
    assert.throws(attempt, ConditionRefused);
  }
});
