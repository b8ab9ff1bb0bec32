import assert from "node:assert/strict";
import { test } from "node:test";
import { joinCalls } from "../../../tape/index.js";
import { requestId, seen } from "../../support/sightings.js";

const failed = { kind: "response", status: 503, end: "complete", bodyKind: "empty", bodyBytes: 0 } as const;

test("a like call after one that failed is its next try, and the proxy's own count goes before that", () => {
  const call = { callee: "stock", path: "/s", requestId };
  const heads = [
    { ...seen({ ...call, at: [0, 10] }), answer: failed },
    { ...seen({ ...call, at: [12, 20] }), answer: failed },
    seen({ ...call, at: [25, 30] }),
    seen({ ...call, at: [40, 50] }),
    { ...seen({ callee: "price", path: "/p", requestId, at: [60, 70] }), attempt: 3 },
  ];
  assert.deepEqual(
    joinCalls(heads).map(({ attempt }) => attempt),
    [1, 2, 3, undefined, 3],
  );
});

test("like calls that overlap are no tries of each other", () => {
  const call = { callee: "stock", path: "/s", requestId };
  const heads = [{ ...seen({ ...call, at: [0, 100] }), answer: failed }, seen({ ...call, at: [5, 30] })];
  assert.deepEqual(
    joinCalls(heads).map(({ attempt }) => attempt),
    [undefined, undefined],
  );
});
