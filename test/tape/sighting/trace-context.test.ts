import assert from "node:assert/strict";
import { test } from "node:test";
import { traceContextOf } from "../../../tape/sighting/trace-context.js";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const span = "b7ad6b7169203331";

test("trace, span and request id are read", () => {
  const found = traceContextOf({ traceparent: `00-${traceId}-${span}-01`, requestId: "6db69b60" });
  assert.deepEqual(found, { traceId, parentSpanId: span, requestId: "6db69b60" });
  assert.deepEqual(traceContextOf({}), {});
});

test("what is no traceparent is none", () => {
  const bad = [
    "",
    `00-${traceId}`,
    `00-${"0".repeat(32)}-${span}-01`,
    `00-${traceId}-${"0".repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${span}-01`,
    `00-${traceId}-${span}-01x`,
  ];
  for (const value of bad) assert.deepEqual(traceContextOf({ traceparent: value }), {}, value);
});

test("a later version with more fields is read", () => {
  assert.equal(traceContextOf({ traceparent: `cc-${traceId}-${span}-01-what-comes` }).traceId, traceId);
});

test("B3 is read where there is no traceparent, in one field or in several", () => {
  const parent = "05e3ac9a4f6e3b90";
  const expected = { traceId, parentSpanId: span, grandparentSpanId: parent };
  assert.deepEqual(traceContextOf({ b3: `${traceId}-${span}-1-${parent}` }), expected);
  assert.deepEqual(
    traceContextOf({ b3TraceId: traceId.toUpperCase(), b3SpanId: span, b3ParentSpanId: parent }),
    expected,
  );
  assert.deepEqual(traceContextOf({ b3TraceId: span }), { traceId: `${"0".repeat(16)}${span}` });
  assert.deepEqual(traceContextOf({ b3: "0" }), {});
  const both = traceContextOf({ traceparent: `00-${traceId}-${span}-01`, b3: `${parent}-${parent}` });
  assert.deepEqual(both, { traceId, parentSpanId: span });
});
