import assert from "node:assert/strict";
import { test } from "node:test";
import { joinCalls } from "../../../tape/index.js";
import { inWords, requestId, seen } from "../../support/sightings.js";

test("a known caller decides: on the tape the call is from within, else from outside", () => {
  const calls = joinCalls([
    seen({ at: [0, 100], callee: "a", path: "/a", requestId, caller: "browser" }),
    seen({ at: [200, 300], callee: "b", path: "/b", requestId, caller: "a" }),
    seen({ at: [10, 20], callee: "c", path: "/c", requestId, caller: "cron" }),
    seen({ at: [10, 20], callee: "d", path: "/d", caller: "a" }),
    seen({ at: [10, 20], callee: "e", path: "/e", caller: "cron" }),
    seen({ at: [10, 20], callee: "f", path: "/f" }),
  ]);
  const entries = calls.filter(({ entry }) => entry).map(({ best }) => best.callee);
  assert.deepEqual(entries.sort(), ["a", "c", "e", "f"]);
});

test("of copies alone the first of a trace is the one from outside", () => {
  const calls = joinCalls([
    seen({ at: [0], vantage: "mirror", callee: "a", path: "/a", requestId }),
    seen({ at: [3], vantage: "mirror", callee: "b", path: "/b", requestId }),
    seen({ at: [5], vantage: "mirror", callee: "c", path: "/c", requestId }),
  ]);
  assert.deepEqual(inWords(calls), ["a /a (mirror) entry", "b /b (mirror)", "c /c (mirror)"]);
});

test("another clock's few milliseconds do not hide that a call was inside another", () => {
  const calls = joinCalls([
    seen({ at: [0, 4], callee: "b", path: "/b", requestId }),
    seen({ at: [3, 20], callee: "a", path: "/a", requestId }),
  ]);
  assert.deepEqual(inWords(calls), ["b /b (inbound)", "a /a (inbound) entry"]);
});

test("a call that only overlaps another was not made by it", () => {
  const calls = joinCalls([
    seen({ at: [0, 100], callee: "a", path: "/a", requestId }),
    seen({ at: [50, 200], callee: "b", path: "/b", requestId }),
  ]);
  assert.deepEqual(inWords(calls), ["a /a (inbound) entry", "b /b (inbound) entry"]);
});

test("a long call keeps the thousands that are inside it", () => {
  const inner = Array.from({ length: 3000 }, (_, at) =>
    seen({ at: [1 + at, 2 + at], callee: "b", path: `/b/${at}`, requestId }),
  );
  const calls = joinCalls([seen({ at: [0, 10_000], callee: "a", path: "/a", requestId }), ...inner]);
  assert.deepEqual(inWords(calls.filter(({ entry }) => entry)), ["a /a (inbound) entry"]);
});

test("another try of a call, made while the first was still open, is from outside as the first was", () => {
  const calls = joinCalls([
    seen({ at: [0, 40], callee: "a", path: "/a", requestId }),
    seen({ at: [5, 30], callee: "a", path: "/a", requestId }),
  ]);
  assert.deepEqual(inWords(calls), ["a /a (inbound) entry", "a /a (inbound) entry"]);
});
