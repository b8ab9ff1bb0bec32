import assert from "node:assert/strict";
import { test } from "node:test";
import { notSentOf } from "../../report/not-sent.js";
import { type NotSentReason, notSentReasons } from "../../tape/index.js";

test("what was not sent comes with its reason in words, the most frequent first, and none for nothing", () => {
  const every = Object.fromEntries(notSentReasons.map((reason, at) => [reason, at])) as Record<NotSentReason, number>;
  const told = notSentOf({ notSent: every });
  assert.equal(told.length, notSentReasons.length - 1);
  assert.ok(told.every(({ why }) => why.length > 5));
  assert.deepEqual(
    told.map(({ count }) => count),
    [...Array(notSentReasons.length).keys()].slice(1).reverse(),
  );
});

test("a reason that only a later version knows is told without words", () => {
  assert.deepEqual(notSentOf({ notSent: { eclipsed: 2 } as never }), [{ reason: "eclipsed", why: "", count: 2 }]);
});
