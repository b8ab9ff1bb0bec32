import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readProcessingMessage } from "../../recorder/ext-proc/processing-message.js";
import { testRecorder } from "../support/captured.js";
import { CertificateMaker } from "../support/certificates.js";
import { bodyText } from "../support/collecting-writer.js";
import { processingRequest } from "../support/protos.js";
import { startTestRecorder } from "../support/start-recorder.js";
import { says, TellingClient } from "../support/telling-client.js";
import { until } from "../support/until.js";

/** What Envoy 1.40 says of a POST over HTTP/1.1 and of its answer. */
const posted = says.requestHeaders(
  [
    [":authority", "shop.example:8080"],
    [":path", "/orders?x=1"],
    [":method", "POST"],
    [":scheme", "http"],
    ["content-type", "text/plain"],
    ["x-dup", "1"],
    ["x-dup", "\xe9"],
    ["x-request-id", "dfeeaeea-9568-93da-a774-94c68ff06139"],
  ],
  false,
  {
    "request.protocol": "HTTP/1.1",
    "connection.id": 4,
    "source.address": "10.1.2.3:46338",
    "destination.address": "10.1.2.4:8080",
    "connection.uri_san_peer_certificate": "spiffe://cluster.local/ns/shop/sa/cart",
  },
);
const got = says.requestHeaders(
  [
    [":method", "GET"],
    [":path", "/orders"],
    [":scheme", "https"],
    [":authority", "shop.example"],
  ],
  true,
  { "request.protocol": "HTTP/2", "connection.id": 5 },
);
const answered = says.responseHeaders(
  [
    [":status", "201"],
    ["content-type", "text/plain"],
  ],
  false,
  { "response.code_details": "via_upstream", "response.flags": 0, "upstream.address": "10.1.2.5:9080" },
);

async function startTelling(t: Parameters<typeof startTestRecorder>[0], more: { maxBodyBytes?: number } = {}) {
  const recorder = await startTestRecorder(t, { mode: "ext-proc", ...more });
  return { ...recorder, envoy: new TellingClient(t, recorder.port) };
}

test("a call is stored when its answer's last message has come, whole, with what Envoy knows of it", async (t) => {
  const { envoy, writer } = await startTelling(t);
  envoy
    .processor({ traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" })
    .tell([posted, says.requestBody("first,"), says.requestBody("last"), says.requestTrailers([["x-sum", "1"]])])
    .tell([answered, says.responseBody("made"), says.responseTrailers([["x-done", "yes"]])]);
  const { request, answer, beside, ...call } = await writer.onlyCall();
  const { headers, trailers, body, startedMs, endedMs, ...line } = request;
  assert.deepEqual(line, {
    method: "POST",
    scheme: "http",
    authority: "shop.example:8080",
    path: "/orders?x=1",
    protocol: "http/1.1",
    end: "complete",
  });
  assert.deepEqual(headers, [
    ...["content-type", "text/plain", "x-dup", "1", "x-dup", "\xe9"],
    ...["x-request-id", "dfeeaeea-9568-93da-a774-94c68ff06139"],
  ]);
  assert.deepEqual([bodyText(body), trailers], ["first,last", ["x-sum", "1"]]);
  assert.ok(endedMs! >= startedMs);
  assert.ok(answer.kind === "response");
  assert.deepEqual([answer.status, answer.end, bodyText(answer.body)], [201, "complete", "made"]);
  assert.deepEqual(
    [answer.headers, answer.trailers],
    [
      ["content-type", "text/plain"],
      ["x-done", "yes"],
    ],
  );
  assert.deepEqual([call.vantage, call.connection, call.client], ["ext-proc", "4@10.1.2.4:8080", "10.1.2.3"]);
  assert.deepEqual(beside, {
    caller: "cart.shop",
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    proxy: { answeredBy: "service", upstream: "10.1.2.5:9080" },
  });
});

test("messages that come byte by byte are the same messages", async (t) => {
  const { envoy, writer } = await startTelling(t);
  envoy.processor().tell([posted, says.requestBody("up", true), answered, says.responseBody("down", true)], 1);
  const { request, answer } = await writer.onlyCall();
  assert.ok(answer.kind === "response");
  assert.deepEqual([bodyText(request.body), bodyText(answer.body), answer.end], ["up", "down", "complete"]);
});

test("a body beyond the cap is cut, counted and hashed", async (t) => {
  const { envoy, writer } = await startTelling(t, { maxBodyBytes: 4 });
  envoy.processor().tell([got, answered, says.responseBody("abcdefgh", true)]);
  const { answer } = await writer.onlyCall();
  assert.ok(answer.kind === "response");
  assert.deepEqual([bodyText(answer.body), answer.body.fullBytes, answer.body.hash?.length], ["abcd", 8, 16]);
});

test("an answer that came before the request ended waits for the request, and keeps its own end", async (t) => {
  const { envoy, writer } = await startTelling(t);
  const stream = envoy.processor({ "x-tapeloop-closes-after-ms": "0" });
  stream.tell([posted, says.requestBody("half"), answered, says.responseBody("no more", true)]);
  await untilOpen(writer);
  stream.close();
  const { request, answer } = await writer.onlyCall();
  assert.ok(answer.kind === "response");
  assert.deepEqual([request.end, answer.end, bodyText(answer.body)], ["aborted", "complete", "no more"]);
  assert.ok(answer.endedMs! <= request.endedMs!);
});

/** What came of the call is read: its request was stored while it was open. */
async function untilOpen(writer: { parts: readonly { part: string }[] }): Promise<void> {
  await until("the request to be stored", () => writer.parts.some(({ part }) => part === "request"));
}

for (const how of ["close", "reset"] as const) {
  test(`a stream's ${how} before an answer means that the client left, when Envoy saw it`, async (t) => {
    const { envoy, writer } = await startTelling(t);
    const stream = envoy.processor({ "x-tapeloop-closes-after-ms": "600000" });
    stream.tell([posted, says.requestBody("half")]);
    await untilOpen(writer);
    stream[how]();
    const { request, answer } = await writer.onlyCall();
    assert.deepEqual([request.end, bodyText(request.body), answer.kind], ["aborted", "half", "failure"]);
    assert.equal(answer.kind === "failure" && answer.reason, "aborted");
    // The delay of Envoy is taken off, but never so much that the end lies before what was still seen.
    assert.ok(answer.kind === "failure" && answer.endedMs < request.startedMs + 500);
  });
}

test("an answer that broke off is kept as far as it came, and nobody is blamed", async (t) => {
  const { envoy, writer } = await startTelling(t);
  const stream = envoy.processor().tell([got, answered, says.responseBody("half of")]);
  await untilOpen(writer);
  stream.close();
  const { answer } = await writer.onlyCall();
  assert.ok(answer.kind === "response");
  assert.deepEqual([answer.status, answer.end, bodyText(answer.body)], [201, "broken-off", "half of"]);
});

test("a connection that is lost leaves its calls open: nobody knows how they went on", async (t) => {
  const { envoy, writer } = await startTelling(t);
  envoy.processor().tell([posted, says.requestBody("half")]);
  await untilOpen(writer);
  envoy.destroy();
  const { request, answer } = await writer.onlyCall();
  assert.deepEqual([request.end, answer.kind], ["open", "unknown"]);
});

test("within TLS calls are told alike, and a connection that is lost is told apart, too", async (t) => {
  const certificates = new CertificateMaker();
  const { cert, key } = certificates.make("recorder", "DNS:localhost,IP:127.0.0.1");
  const { port, writer } = await startTestRecorder(t, { mode: "ext-proc", tls: { cert, key } });
  const envoy = new TellingClient(t, port, certificates.ca);
  envoy.processor().tell([got, answered, says.responseBody("made", true)]);
  envoy.processor().tell([posted, says.requestBody("half")]);
  await untilOpen(writer);
  envoy.destroy();
  const calls = await writer.untilCalls(2);
  assert.deepEqual(
    calls.map(({ request, answer }) => [request.end, answer.kind]),
    [
      ["complete", "response"],
      ["open", "unknown"],
    ],
  );
});

test("a stream that ends before it said anything is counted", async (t) => {
  const { envoy, writer, stop } = await startTelling(t);
  envoy.processor().close();
  envoy.processor().tell([answered]).close();
  const told = envoy.processor().tell([got, says.responseHeaders([[":status", "204"]], true)]);
  await writer.onlyCall();
  told.close();
  await stop();
  const { seen, kept, headless } = writer.counted;
  assert.deepEqual({ seen, kept, headless }, { seen: 1, kept: 1, headless: 2 });
});

test("an answer that Envoy made itself says so, with its reason and flags", async (t) => {
  const { envoy, writer } = await startTelling(t);
  const attributes = {
    "response.code_details": "upstream_reset_before_response_started{remote_connection_failure}",
    "response.flags": 32 + 2 ** 15,
    "upstream.request_attempt_count": 3,
    "xds.route_name": "main",
  };
  const refused = says.responseHeaders([[":status", "503"]], false, attributes);
  envoy.processor().tell([got, refused, says.responseBody("upstream connect error", true)]);
  const { answer, beside } = await writer.onlyCall();
  assert.ok(answer.kind === "response");
  assert.deepEqual([answer.status, bodyText(answer.body)], [503, "upstream connect error"]);
  assert.deepEqual(beside?.proxy, {
    answeredBy: "proxy",
    details: "upstream_reset_before_response_started{remote_connection_failure}",
    flags: ["UF", "URX"],
    attempts: 3,
    route: "main",
  });
});

test("bytes that are no message end their stream alone", async (t) => {
  const { envoy, writer, stop } = await startTelling(t);
  const prefix = Buffer.from([0, 0, 0, 0, 3]);
  envoy
    .processor()
    .tell([posted])
    .write(Buffer.concat([prefix, Buffer.from([0x12, 0x7f, 0x01])]));
  envoy.processor().write(Buffer.from([1, 0, 0, 0, 0]));
  envoy.processor().write(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]));
  assert.equal((await envoy.ask("/nothing"))["grpc-status"], "12");
  envoy.processor().tell([got, says.responseHeaders([[":status", "204"]], true)]);
  const [unreadable, next] = await writer.untilCalls(2);
  assert.deepEqual([unreadable!.request.end, unreadable!.answer.kind], ["open", "unknown"]);
  assert.equal(next!.answer.kind, "response");
  await stop();
  assert.deepEqual([writer.counted.unparsable, writer.counted.headless], [3, 2]);
});

test("the hops of a trace are sampled alike, the first one too, whose request carries no traceparent yet", async (t) => {
  const keep = { recorder: testRecorder("gateway"), sample: { share: 0.5, by: "trace" as const } };
  const { port, writer, stop } = await startTestRecorder(t, { mode: "ext-proc", keep });
  const envoy = new TellingClient(t, port);
  const traces = Array.from({ length: 40 }, (_, at) => `00-${String(at + 1).padStart(32, "0")}-b7ad6b7169203331-01`);
  const fields = [
    [":method", "GET"],
    ["x-request-id", "6db69b60-1f03-4c1e-885b-5cab4cc22fc5"],
  ] as const;
  const status = says.responseHeaders([[":status", "204"]], true);
  for (const [at, traceparent] of traces.entries()) {
    const path = [":path", `/${at}`] as const;
    envoy.processor({ traceparent }).tell([says.requestHeaders([path, ...fields], true), status]);
    envoy.processor().tell([says.requestHeaders([path, ...fields, ["traceparent", traceparent]], true), status]);
  }
  await until("all to be decided", () => writer.counted.kept + writer.counted.sampledOut === 80, {
    seen: () => writer.counted,
  });
  await stop();
  const hops = new Map<string, number>();
  for (const { request } of writer.calls) hops.set(request.path, (hops.get(request.path) ?? 0) + 1);
  assert.ok(hops.size > 5 && hops.size < 35, `${hops.size} traces are kept`);
  assert.deepEqual(new Set(hops.values()), new Set([2]));
});

const header = fc.record({ key: fc.string(), rawValue: fc.uint8Array({ maxLength: 20 }) });
const headers = fc.record({
  headers: fc.record({ headers: fc.array(header, { maxLength: 6 }) }),
  endOfStream: fc.boolean(),
});
const body = fc.record({ body: fc.uint8Array({ maxLength: 200 }), endOfStream: fc.boolean() });
const trailers = fc.record({ trailers: fc.record({ headers: fc.array(header, { maxLength: 4 }) }) });
const value = fc.oneof(
  fc.record({ stringValue: fc.string() }),
  fc.record({ numberValue: fc.double({ noNaN: true }) }),
  fc.record({ boolValue: fc.boolean() }),
  fc.constant({ nullValue: 0 }),
);
const attributes = fc.dictionary(
  fc.constantFrom("filter", "other"),
  fc.record({ fields: fc.dictionary(fc.string(), value, { maxKeys: 5 }) }),
);
const message = fc.tuple(
  fc.oneof(
    ...[headers.map((requestHeaders) => ({ requestHeaders })), headers.map((responseHeaders) => ({ responseHeaders }))],
    ...[body.map((requestBody) => ({ requestBody })), body.map((responseBody) => ({ responseBody }))],
    ...[trailers.map((requestTrailers) => ({ requestTrailers })), fc.constant({})],
  ),
  attributes,
);

test("our reading of a message is that of protobufjs", () => {
  fc.assert(
    fc.property(message, ([step, told]) => {
      const bytes = processingRequest.encode(processingRequest.create({ ...step, attributes: told })).finish();
      assert.deepEqual(comparable(readProcessingMessage(bytes)), expected(bytes));
    }),
  );
});

test("no bytes do more than be refused as a protobuf message", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      try {
        readProcessingMessage(bytes);
      } catch (refusal) {
        assert.ok(refusal instanceof RangeError, String(refusal));
      }
    }),
    { numRuns: 5000 },
  );
});

interface Decoded {
  request?: string;
  attributes: Record<
    string,
    { fields: Record<string, { stringValue?: string; numberValue?: number; boolValue?: boolean }> }
  >;
  [step: string]: unknown;
}

/** What protobufjs reads, in our words. */
function expected(bytes: Uint8Array): unknown {
  const decoded = processingRequest.decode(bytes) as unknown as Decoded;
  const name = decoded.request;
  if (name === undefined) return { kind: "other" };
  const kind = name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`);
  const step = decoded[name] as { headers?: HeaderMap; trailers?: HeaderMap; body?: Uint8Array; endOfStream?: boolean };
  if (kind.endsWith("body")) return { kind, bytes: hex(step.body), isLast: step.endOfStream };
  const fields = (step.headers ?? step.trailers)?.headers.flatMap(({ key, rawValue }) => [
    latin1(Buffer.from(key)),
    latin1(rawValue),
  ]);
  if (kind.endsWith("trailers")) return { kind, fields };
  const told = Object.values(decoded.attributes).flatMap((struct) => Object.entries(struct.fields));
  const simple = told.map(([attribute, one]) => [latin1(Buffer.from(attribute)), simpleValue(one)] as const);
  const attributes = Object.fromEntries(
    simple.filter(([attribute, one]) => one !== undefined && attribute !== "__proto__"),
  );
  return { kind, fields, isLast: step.endOfStream, attributes };
}

interface HeaderMap {
  headers: { key: string; rawValue: Uint8Array }[];
}

function simpleValue(one: { stringValue?: string; numberValue?: number; boolValue?: boolean }): unknown {
  if (Object.hasOwn(one, "stringValue")) return latin1(Buffer.from(one.stringValue!));
  if (Object.hasOwn(one, "numberValue")) return one.numberValue;
  return Object.hasOwn(one, "boolValue") ? one.boolValue : undefined;
}

function comparable(read: ReturnType<typeof readProcessingMessage>): unknown {
  return "bytes" in read ? { ...read, bytes: hex(read.bytes) } : read;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString("hex");
}
