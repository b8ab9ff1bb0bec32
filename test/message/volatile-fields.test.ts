import assert from "node:assert/strict";
import { test } from "node:test";
import { volatileRequestFields, volatileResponseFields } from "../../message/index.js";

test("fields that carry an assertion in an answer are not volatile", () => {
  for (const name of ["etag", "x-csrf-token", "idempotency-key", "authorization", "location", "x-candidate-id"]) {
    assert.equal(volatileResponseFields.has(name), false, name);
  }
});

test("tracing, time and hop fields are volatile, and all names are in lower case", () => {
  for (const name of ["date", "x-request-id", "traceparent", "b3", "server", "via", "age", "x-forwarded-for"]) {
    assert.equal(volatileResponseFields.has(name), true, name);
  }
  assert.equal(volatileRequestFields.has("x-request-id"), true);
  for (const name of [...volatileRequestFields, ...volatileResponseFields]) assert.equal(name, name.toLowerCase());
});
