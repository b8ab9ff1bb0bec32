import assert from "node:assert/strict";
import { test } from "node:test";
import { keyedHash } from "../../../tape/index.js";
import { askHttp2 } from "../../support/clients.js";
import { bodyText } from "../../support/collecting-writer.js";
import { grpcFrame } from "../../support/grpc.js";
import { RawClient } from "../../support/raw-client.js";
import { startTestRecorder, testKey } from "../../support/start-recorder.js";

/** What Envoy 1.40 sends as the copy of a GET: docs/findings, "Mirror: what M receives". */
const envoyCopy = [
  "GET /m100/get?a=1 HTTP/1.1",
  "host: 127.0.0.1-shadow:18000",
  "user-agent: curl/7.88.1",
  "accept: */*",
  "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  "authorization: Bearer s",
  "x-mixed-case: V",
  "x-dup: 1",
  "x-dup: 2",
  "cookie: a=1",
  "x-forwarded-proto: http",
  "x-request-id: 6db69b60-1f03-4c1e-885b-5cab4cc22fc5",
  "x-envoy-expected-rq-timeout-ms: 15000",
  "x-envoy-internal: true",
  "x-forwarded-for: 192.0.2.2",
];

function asBytes(lines: readonly string[], body = ""): string {
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

function flat(lines: readonly string[]): string[] {
  return lines.slice(1).flatMap((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]);
}

test("Envoy's copy of a GET becomes the original again, the copy's fields beside it", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const answer = await new RawClient(t, port).send(asBytes(envoyCopy)).until("\r\n\r\n");
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\ncontent-length: 0\r\n/);
  const { request, answer: recorded, vantage } = await writer.onlyCall();
  const added = ["host", "x-envoy-expected-rq-timeout-ms", "x-envoy-internal", "x-forwarded-for"];
  const original = envoyCopy.filter((line) => !added.includes(line.split(":")[0]!));
  original.splice(1, 0, "host: 127.0.0.1:18000");
  assert.equal(request.authority, "127.0.0.1:18000");
  assert.equal(request.path, "/m100/get?a=1");
  assert.deepEqual(request.headers, flat(original));
  assert.deepEqual(request.rawHeaders, flat(envoyCopy));
  assert.deepEqual([request.end, request.body.fullBytes, recorded.kind, vantage], ["complete", 0, "unknown", "mirror"]);
});

test("a request of a plain client stays as it came", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const lines = ["GET / HTTP/1.1", "Host: my-shadow:80", "X-Forwarded-For: 1.2.3.4"];
  await new RawClient(t, port).send(asBytes(lines)).until("200 OK");
  const { request } = await writer.onlyCall();
  assert.equal(request.authority, "my-shadow:80");
  assert.deepEqual(request.headers, flat(lines));
  assert.equal(request.rawHeaders, undefined);
});

test("a POST is answered after its body, not before", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const client = new RawClient(t, port);
  client.send(asBytes(["POST / HTTP/1.1", "host: a", "content-length: 10"], "first"));
  await client.send("GET").untilSent(); // bytes of the body, too
  const other = await new RawClient(t, port).send("GET /after HTTP/1.1\r\nhost: a\r\n\r\n").until("200 OK");
  assert.ok(other.length > 0);
  assert.equal(client.received, "");
  client.send("xx");
  await client.until("200 OK");
  assert.equal(bodyText((await writer.untilCalls(2))[0]!.request.body), "firstGETxx");
});

test("a chunked body and its trailers are kept without the chunks' framing", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const lines = ["POST /up HTTP/1.1", "host: a-shadow", "transfer-encoding: chunked", "x-envoy-internal: true"];
  const client = new RawClient(t, port).send(asBytes(lines, "3\r\none\r\n4\r\n,two\r\n0\r\nx-req-trailer: tv\r\n\r\n"));
  await client.until("200 OK");
  const { request } = await writer.onlyCall();
  assert.equal(bodyText(request.body), "one,two");
  assert.deepEqual(request.trailers, ["x-req-trailer", "tv"]);
  assert.equal(request.authority, "a");
});

test("HEAD is answered without a body", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  await new RawClient(t, port).send("HEAD / HTTP/1.1\r\nhost: a\r\n\r\n").until("content-length: 0");
  assert.equal((await writer.onlyCall()).request.method, "HEAD");
});

test("expect: 100-continue is answered before the body", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const client = new RawClient(t, port);
  client.send("POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
  await client.until("100 Continue");
  client.send("ok");
  await client.until("200 OK");
  assert.equal(bodyText((await writer.onlyCall()).request.body), "ok");
});

test("gRPC over HTTP/1.1 is answered with grpc-status 0 in its header fields", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const frame = grpcFrame(Buffer.from("hello")).toString("latin1");
  const lines = [
    "POST /pkg.Echo/Unary HTTP/1.1",
    "host: a",
    "content-type: application/grpc",
    "te: trailers",
    "transfer-encoding: chunked",
  ];
  const client = new RawClient(t, port).send(asBytes(lines, `a\r\n${frame}\r\n0\r\n\r\n`));
  assert.match(
    await client.until("\r\n\r\n"),
    /^HTTP\/1\.1 200 OK\r\ncontent-type: application\/grpc\r\ngrpc-status: 0\r\n/,
  );
  assert.equal(bodyText((await writer.onlyCall()).request.body), frame);
});

test("gRPC over HTTP/2 is answered with grpc-status 0 in its trailers", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const headers = [
    ["content-type", "application/grpc"],
    ["x-envoy-internal", "true"],
    [":authority", "echo.example-shadow:50051"],
  ] as const;
  const got = await askHttp2(port, {
    method: "POST",
    path: "/pkg.Echo/Unary",
    headers,
    body: [grpcFrame(Buffer.from("hi"))],
  });
  assert.equal(got.status, 200);
  assert.equal(got.headers["content-type"], "application/grpc");
  assert.deepEqual(got.trailers, { "grpc-status": "0" });
  const { request } = await writer.onlyCall();
  assert.equal(request.authority, "echo.example:50051");
  assert.deepEqual(request.headers, ["content-type", "application/grpc"]);
  assert.equal(request.body.fullBytes, 7);
});

test("trailers over HTTP/2 are kept", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  await askHttp2(port, { method: "POST", path: "/", body: ["a", "b"], trailers: { "x-req-trailer": "tv" } });
  assert.deepEqual((await writer.onlyCall()).request.trailers, ["x-req-trailer", "tv"]);
});

test("a client that goes away in the middle of its body leaves an aborted request with what had come", async (t) => {
  const recorder = await startTestRecorder(t);
  const client = new RawClient(t, recorder.port).send(
    "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\npartial",
  );
  await client.untilSent();
  client.abort();
  const { request, answer } = await recorder.writer.onlyCall();
  assert.deepEqual([request.end, bodyText(request.body), answer.kind], ["aborted", "partial", "unknown"]);
  await recorder.stop();
  assert.equal(recorder.writer.counted.aborted, 1);
});

test("an HTTP/2 stream that is reset in the middle of its body leaves an aborted request", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  // Node's own client ends a stream before it resets it, so these are frames by hand: SETTINGS, HEADERS, DATA, RST_STREAM.
  const client = new RawClient(t, port).send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
  client.send("\0\0\x06\x01\x04\0\0\0\x01\x83\x86\x84\x01\x01a\0\0\x07\0\0\0\0\0\x01partial");
  client.send("\0\0\x04\x03\0\0\0\0\x01\0\0\0\x08");
  const { request } = await writer.onlyCall();
  assert.deepEqual([request.end, bodyText(request.body)], ["aborted", "partial"]);
});

test("beyond the cap a body is read, counted and hashed, and the call answered", async (t) => {
  const recorder = await startTestRecorder(t, { maxBodyBytes: 1000 });
  const body = Buffer.alloc(5_000_000, "tapeloop ");
  await askHttp2(recorder.port, { method: "POST", path: "/big", body: [body] });
  const { request } = await recorder.writer.onlyCall();
  assert.equal(request.body.fullBytes, body.length);
  assert.equal(bodyText(request.body), body.toString("latin1", 0, 1000));
  assert.deepEqual(Buffer.from(request.body.hash!), Buffer.from(keyedHash(testKey, [body])));
  await recorder.stop();
  assert.equal(recorder.writer.counted.truncated, 1);
});

test("requests that carry a replay's mark are answered, counted as sampled out, and not recorded", async (t) => {
  const recorder = await startTestRecorder(t);
  const client = new RawClient(t, recorder.port);
  await client.send("GET /1 HTTP/1.1\r\nhost: a\r\nx-tapeloop-run: r1\r\n\r\n").until("200 OK");
  await client.send("GET /2 HTTP/1.1\r\nhost: a\r\nbaggage: a=b,tapeloop.run=r1,c=d\r\n\r\n").until("200 OK");
  await client.send("GET /3 HTTP/1.1\r\nhost: a\r\nbaggage: a=b\r\n\r\n").until("200 OK");
  assert.equal((await recorder.writer.onlyCall()).request.path, "/3");
  await recorder.stop();
  const { seen, kept, sampledOut } = recorder.writer.counted;
  assert.deepEqual({ seen, kept, sampledOut }, { seen: 3, kept: 1, sampledOut: 2 });
});

test("requests that carry a replay's mark are recorded when asked for", async (t) => {
  const { port, writer } = await startTestRecorder(t, { recordReplays: true });
  await new RawClient(t, port).send("GET /1 HTTP/1.1\r\nhost: a\r\nx-tapeloop-run: r1\r\n\r\n").until("200 OK");
  assert.equal((await writer.onlyCall()).request.path, "/1");
});
