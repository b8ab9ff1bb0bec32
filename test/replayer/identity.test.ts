import assert from "node:assert/strict";
import { test } from "node:test";
import { newRunId, replayIdentity } from "../../replayer/identity.js";

test("identifiers have their forms: a UUID of version 4, a W3C trace and span", () => {
  for (let step = 0; step < 50; step++) {
    const { requestId, traceId, spanId } = replayIdentity({ run: "r", step: String(step), lane: "candidate" });
    assert.match(requestId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.match(traceId, /^[0-9a-f]{32}$/);
    assert.match(spanId, /^[0-9a-f]{16}$/);
  }
});

test("the same mark gives the same identifiers, any other mark gives others", () => {
  const marks = ["a", "b"].flatMap((run) =>
    ["1", "11"].flatMap((step) => ["baseline", "candidate"].map((lane) => ({ run, step, lane }))),
  );
  assert.deepEqual(replayIdentity(marks[0]!), replayIdentity({ ...marks[0]! }));
  for (const part of ["requestId", "traceId", "spanId"] as const) {
    assert.equal(new Set(marks.map((mark) => replayIdentity(mark)[part])).size, marks.length);
  }
});

test("run ids differ", () => {
  assert.match(newRunId(), /^[0-9a-f]{12}$/);
  assert.notEqual(newRunId(), newRunId());
});
