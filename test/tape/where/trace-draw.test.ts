import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { drawOfCall, drawOfHeaders, drawOfTrace } from "../../../tape/where/trace-draw.js";

const uuid = (number: number) =>
  createHash("sha256")
    .update(String(number))
    .digest("hex")
    .slice(0, 32)
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");

test("of an x-request-id the last four hex digits decide, in either case", () => {
  assert.equal(drawOfTrace({ requestId: "6db69b60-1f03-4c1e-885b-5cab4cc20000" }), 0);
  assert.equal(drawOfTrace({ requestId: "6db69b60-1f03-4c1e-885b-5cab4cc28000" }), 0.5);
  assert.equal(drawOfTrace({ requestId: "6db69b60-1f03-4c1e-885b-5cab4cc2FfFf" }), 65_535 / 65_536);
});

test("what a tracing Envoy does to an x-request-id changes nothing, whatever the id looks like", () => {
  for (const requestId of [
    "6db69b60-1f03-4c1e-885b-5cab4cc22fc5",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "checkout-of-anna-x",
  ]) {
    const rewritten = `${requestId.slice(0, 14)}9${requestId.slice(15)}`;
    assert.notEqual(rewritten, requestId);
    assert.equal(drawOfTrace({ requestId: rewritten }), drawOfTrace({ requestId }), requestId);
  }
});

test("the trace-id comes first, unless sampling is by request-id", () => {
  const both = { traceId: "0af7651916cd43dd8448eb211c80319c", requestId: "x-0000" };
  assert.equal(drawOfTrace(both), drawOfTrace({ traceId: both.traceId }));
  assert.equal(drawOfTrace(both, "request-id"), 0);
  assert.equal(drawOfTrace({ traceId: both.traceId }, "request-id"), undefined);
  assert.equal(drawOfTrace({}), undefined);
});

test("headers are read as they come, in any case of their names", () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const headers = ["Host", "a", "TraceParent", `00-${traceId}-b7ad6b7169203331-01`, "X-Request-Id", "id-8000"];
  assert.equal(drawOfHeaders(headers, "trace"), drawOfTrace({ traceId }));
  assert.equal(drawOfHeaders(headers, "request-id"), 0.5);
  assert.equal(drawOfHeaders(["host", "a"], "trace"), undefined);
});

const many = 20_000;
const sources: [string, (number: number) => number][] = [
  ["UUIDs", (number) => drawOfTrace({ requestId: uuid(number) })!],
  ["trace-ids that count", (number) => drawOfTrace({ traceId: number.toString(16).padStart(32, "0") })!],
  [
    "trace-ids that begin with the time",
    (number) => drawOfTrace({ traceId: (0x69000000 + number).toString(16).padEnd(32, "0") })!,
  ],
  ["ids of another alphabet", (number) => drawOfTrace({ requestId: `order#${number}z` })!],
  ["calls that nothing names", (number) => drawOfCall("0123456789abcdef", number)],
];

for (const [what, drawOf] of sources) {
  test(`the draws of ${what} spread evenly`, () => {
    const tenths = new Array<number>(10).fill(0);
    for (let number = 0; number < many; number++) {
      const draw = drawOf(number);
      assert.ok(draw >= 0 && draw < 1);
      tenths[Math.floor(draw * 10)]!++;
    }
    // Chi-squared with 9 degrees of freedom: 33.7 is passed once in ten thousand by chance, and these are no chance.
    const expected = many / 10;
    const chiSquared = tenths.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
    assert.ok(chiSquared < 33.7, `${chiSquared}: ${tenths.join(" ")}`);
  });
}
