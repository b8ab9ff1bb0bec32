import assert from "node:assert/strict";
import { test } from "node:test";
import type { HeaderList } from "../../message/index.js";
import { replayIdentity } from "../../replayer/identity.js";
import { type Rewriting, rewriterFor } from "../../replayer/rewrite.js";
import { allFields } from "../../replayer/send/wire-request.js";
import type { Request } from "../../tape/index.js";

const request = (headers: HeaderList, changes: Partial<Request> = {}): Request => ({
  method: "GET",
  scheme: "http",
  authority: "shop.example",
  path: "/reviews/1?full=1",
  protocol: "http/1.1",
  end: "complete",
  headers,
  body: { kind: "empty" },
  trailers: [],
  ...changes,
});

const rewrite = (headers: HeaderList, changes: Partial<Rewriting> = {}, of: Partial<Request> = {}) => {
  const rewriting = { run: "r1", lane: "candidate", authority: "127.0.0.1:9080", pathPrefix: "", headers: [] };
  const wire = rewriterFor({ ...rewriting, ...changes })(request(headers, of), 5);
  const flat = allFields(wire);
  const fields = flat.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${flat[at + 1]}`] : []));
  const own = fields.filter((field) => !/^(x-request-id|traceparent|baggage|x-tapeloop-)/.test(field));
  return { wire, fields, own };
};

test("the target's authority replaces the recorded one; no forwarded host is made up or touched", () => {
  const { wire, own } = rewrite([
    ["Host", "shop.example"],
    ["x-forwarded-host", "www.shop.example"],
  ]);
  assert.equal(wire.authority, "127.0.0.1:9080");
  assert.deepEqual(own, ["x-forwarded-host: www.shop.example"]);
});

test("the recorded authority goes out where it is kept, unless there was none; a host of the operator's before both", () => {
  const authority = (changes: Partial<Rewriting>, of: Partial<Request> = {}) => rewrite([], changes, of).wire.authority;
  assert.equal(authority({ keepHost: true }), "shop.example");
  assert.equal(authority({ keepHost: true }, { authority: "" }), "127.0.0.1:9080");
  assert.equal(authority({ headers: [["Host", "other.example"]] }), "other.example");
  assert.equal(authority({ headers: [["host", ""]] }), "127.0.0.1:9080");
});

test("hop-by-hop fields, those Connection names, framing and expect do not go out", () => {
  const { own } = rewrite([
    ["Connection", "keep-alive, X-Secret-Hop"],
    ["X-Secret-Hop", "1"],
    ["Keep-Alive", "timeout=5"],
    ["Transfer-Encoding", "chunked"],
    ["Content-Length", "3"],
    ["Expect", "100-continue"],
    ["Proxy-Authorization", "Basic x"],
    ["Upgrade", "h2c"],
    ["accept", "text/html"],
  ]);
  assert.deepEqual(own, ["accept: text/html"]);
});

test("order, case and repeats of the other fields are kept", () => {
  const { own } = rewrite([
    ["X-B", "1"],
    ["x-a", "2"],
    ["X-B", "3"],
  ]);
  assert.deepEqual(own, ["X-B: 1", "x-a: 2", "X-B: 3"]);
});

test("trace context is fresh, unsampled and known from the mark; b3 and tracestate are dropped", () => {
  const { fields } = rewrite([
    ["x-request-id", "11111111-1111-4111-8111-111111111111"],
    ["traceparent", "00-11111111111111111111111111111111-1111111111111111-01"],
    ["tracestate", "vendor=1"],
    ["b3", "1-1-1"],
    ["X-B3-TraceId", "1"],
    ["x-b3-sampled", "1"],
  ]);
  const { requestId, traceId, spanId } = replayIdentity({ run: "r1", step: "5", lane: "candidate" });
  assert.deepEqual(fields, [
    `x-request-id: ${requestId}`,
    `traceparent: 00-${traceId}-${spanId}-00`,
    "baggage: tapeloop.run=r1,tapeloop.step=5,tapeloop.lane=candidate",
    "x-tapeloop-run: r1",
    "x-tapeloop-step: 5",
    "x-tapeloop-lane: candidate",
  ]);
});

test("recorded baggage is kept, without the marks of an earlier replay", () => {
  const { fields } = rewrite([
    ["baggage", "user=7;prop=1, tapeloop.run=old"],
    ["Baggage", "tapeloop.step=1,plan=gold"],
    ["x-tapeloop-run", "old"],
  ]);
  assert.ok(
    fields.includes("baggage: user=7;prop=1,plan=gold,tapeloop.run=r1,tapeloop.step=5,tapeloop.lane=candidate"),
  );
  assert.equal(fields.filter((field) => field.startsWith("x-tapeloop-run")).length, 1);
});

test("given headers replace recorded ones of any case, remove with an empty value, and host sets the authority", () => {
  const { wire, own, fields } = rewrite(
    [
      ["Authorization", "Bearer pseudonym"],
      ["Cookie", "sid=pseudonym"],
    ],
    {
      headers: [
        ["authorization", "Bearer live"],
        ["cookie", ""],
        ["Host", "shop.example"],
        ["x-request-id", "mine"],
      ],
    },
  );
  assert.deepEqual(own, ["authorization: Bearer live"]);
  assert.equal(wire.authority, "shop.example");
  assert.deepEqual(
    fields.filter((field) => field.startsWith("x-request-id")),
    ["x-request-id: mine"],
  );
});

test("te: trailers goes out when the caller took trailers, and always with gRPC, which wants HTTP/2", () => {
  assert.deepEqual(rewrite([["TE", "trailers, deflate"]]).own, ["te: trailers"]);
  assert.deepEqual(rewrite([["te", "deflate"]]).own, []);
  const grpc = rewrite([["content-type", "application/grpc+proto"]], {}, { method: "POST" });
  assert.deepEqual(grpc.own, ["content-type: application/grpc+proto", "te: trailers"]);
  assert.equal(grpc.wire.protocol, "h2");
  assert.equal(rewrite([["content-type", "application/grpc-web+proto"]]).wire.protocol, "http/1.1");
});

test("whether the recorded request stated its length is kept", () => {
  assert.equal(rewrite([["Content-Length", "3"]]).wire.hasLength, true);
  assert.equal(rewrite([["Transfer-Encoding", "chunked"]]).wire.hasLength, false);
});

test("body and trailers go along; a base URL's path goes before the recorded one, but not before `*`", () => {
  const bytes = new TextEncoder().encode("abc");
  const { wire } = rewrite(
    [["content-length", "3"]],
    { pathPrefix: "/v2" },
    { body: { kind: "whole", bytes, hash: "" }, trailers: [["x-sum", "1"]] },
  );
  assert.deepEqual([wire.body, wire.hasLength, wire.trailers], [bytes, true, ["x-sum", "1"]]);
  assert.equal(wire.path, "/v2/reviews/1?full=1");
  assert.equal(rewrite([], { pathPrefix: "/v2" }, { method: "OPTIONS", path: "*" }).wire.path, "*");
});
