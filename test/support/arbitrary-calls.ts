import fc from "fast-check";
import {
  BatchEncoder,
  type CapturedAnswer,
  type CapturedBody,
  type CapturedCall,
  type CapturedFrame,
  type CapturedRequest,
  openMemoryTape,
  type RecorderDescription,
  type RedactionKey,
  type TapeReader,
} from "../../tape/index.js";

/** Any latin1 text that can stand in a header value. */
const fieldText = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) });
const fields = fc
  .array(
    fc.tuple(fc.constantFrom("Accept", "x-many", "X-Many", "content-language", "x-api-key", "cookie"), fieldText),
    {
      maxLength: 5,
    },
  )
  .map((pairs) => pairs.flat());
const types = fc.constantFrom("application/json", "text/plain; charset=utf-8", "application/octet-stream");
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json().map((text) => Buffer.from(text)),
  fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
  fc.string().map((secret) => Buffer.from(JSON.stringify({ password: secret, grüße: [secret] }))),
);

const body: fc.Arbitrary<CapturedBody> = fc.tuple(bytes, fc.constantFrom(0, 0, 0, 1, 5000)).map(([kept, more]) => ({
  pieces: kept.length === 0 ? [] : [kept],
  fullBytes: kept.length + more,
}));

const request: fc.Arbitrary<CapturedRequest> = fc
  .record({
    method: fc.constantFrom("GET", "POST", "HEAD", "PURGE", "OPTIONS"),
    scheme: fc.constantFrom("http", "https"),
    authority: fc.constantFrom("shop.example.com", "reviews:9080", "[2001:db8::1]:8080"),
    path: fc.constantFrom("/", "/a/../b?token=abc&x=%20", "*", "/[x]?q='\"", "/?"),
    protocol: fc.constantFrom("http/1.0" as const, "http/1.1" as const, "h2" as const),
    headers: fc.tuple(fields, types).map(([flat, type]) => [...flat, "content-type", type]),
    body,
    end: fc.constantFrom("complete" as const, "complete" as const, "aborted" as const),
    trailers: fields,
    rawHeaders: fc.option(fields, { nil: undefined }),
  })
  .map(({ rawHeaders, trailers, ...rest }) => ({
    ...rest,
    ...(rawHeaders ? { rawHeaders } : {}),
    ...(trailers.length > 0 ? { trailers } : {}),
    startedMs: 0,
  }));

const answer: fc.Arbitrary<CapturedAnswer> = fc.oneof(
  fc.constant({ kind: "unknown" as const }),
  fc
    .record({ kind: fc.constant("failure" as const), reason: fc.constantFrom("refused", "reset", "tls") })
    .map(({ kind, reason }) => ({ kind, reason: reason as "refused", endedMs: 5.000001 })),
  fc
    .record({
      status: fc.constantFrom(200, 204, 404, 503, 101),
      headers: fc.tuple(fields, types).map(([flat, type]) => [...flat, "content-type", type]),
      trailers: fields,
      body,
      end: fc.constantFrom("complete" as const, "complete" as const, "reset" as const, "timed-out" as const),
    })
    .map(({ trailers, ...rest }) => ({
      kind: "response" as const,
      ...rest,
      ...(trailers.length > 0 ? { trailers } : {}),
      startedMs: 1.5,
      endedMs: 2.25,
    })),
);

/** Calls as a recorder may capture them, secrets and odd bytes included. */
export const anyCall: fc.Arbitrary<CapturedCall> = fc
  .record({
    vantage: fc.constantFrom("mirror" as const, "inbound" as const, "outbound" as const, "ext-proc" as const),
    request,
    answer,
    connection: fc.option(fc.constantFrom("1", "c-2"), { nil: undefined }),
    client: fc.option(fc.constant("192.0.2.7"), { nil: undefined }),
    afterNs: fc.integer({ min: 0, max: 2 ** 40 }),
  })
  .map(({ connection, client, afterNs, ...rest }) => ({
    part: "call" as const,
    sequence: 0,
    ...atTime(rest, afterNs / 1e6),
    ...(connection === undefined ? {} : { connection }),
    ...(client === undefined ? {} : { client }),
  }));

/** A WebSocket conversation: text and binary messages of either side. */
export const anyConversation: fc.Arbitrary<CapturedCall> = fc
  .array(fc.record({ up: fc.boolean(), isText: fc.boolean(), text: fc.string({ unit: "binary", minLength: 1 }) }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((messages) => {
    const sides = { "to-server": [] as Buffer[], "to-client": [] as Buffer[] };
    const frames = messages.map(({ up, isText, text }, at): CapturedFrame => {
      const direction = up ? "to-server" : "to-client";
      const payload = Buffer.from(text);
      const offset = Buffer.concat(sides[direction]).length;
      sides[direction].push(payload);
      return { direction, kind: isText ? "text" : "binary", atMs: 100 + at, offset, length: payload.length };
    });
    const bodyOf = (pieces: Buffer[]) => ({
      pieces: pieces.filter(({ length }) => length > 0),
      fullBytes: Buffer.concat(pieces).length,
    });
    return {
      part: "call",
      sequence: 0,
      vantage: "inbound",
      request: {
        method: "GET",
        scheme: "http",
        authority: "live:80",
        path: "/live",
        protocol: "http/1.1",
        headers: ["upgrade", "websocket"],
        body: bodyOf(sides["to-server"]),
        end: "complete",
        startedMs: 90,
      },
      answer: {
        kind: "response",
        status: 101,
        headers: ["upgrade", "websocket"],
        body: bodyOf(sides["to-client"]),
        end: "complete",
        startedMs: 95,
        endedMs: 200,
      },
      frames,
    };
  });

function atTime<T extends { request: CapturedRequest; answer: CapturedAnswer }>(call: T, startedMs: number): T {
  const { request, answer } = call;
  const shifted: CapturedAnswer =
    answer.kind === "unknown"
      ? answer
      : answer.kind === "failure"
        ? { ...answer, endedMs: startedMs + answer.endedMs }
        : { ...answer, startedMs: startedMs + 1.5, endedMs: startedMs + 2.25 };
  return { ...call, request: { ...request, startedMs, endedMs: startedMs + 0.5 }, answer: shifted };
}

const recorders: readonly RecorderDescription[] = ["a", "b"].map((name, at) => ({
  id: { name, incarnation: `${at}123456789abcdef` },
  service: `service-${name}`,
  upstream: "127.0.0.1:9080",
  origin: at === 0 ? { cluster: "west", node: "n1" } : {},
  epochNsAtZero: 1_700_000_000_123_456_789n + BigInt(at),
}));

/** A tape in memory on which two recorders stored these calls in turn. */
export async function tapeOfCalls(calls: readonly CapturedCall[], key: RedactionKey): Promise<TapeReader> {
  const tape = openMemoryTape({ recorder: recorders[0]!, key });
  const writers = [tape.writer, tape.join(recorders[1]!)];
  for (const [at, writer] of writers.entries()) {
    const encoder = new BatchEncoder(16 << 20);
    for (const [index, call] of calls.entries()) {
      if (index % 2 === at) encoder.add({ ...call, sequence: index + 1 });
    }
    if (encoder.parts > 0) await writer.append(encoder.take());
    await writer.close();
  }
  return tape.reader;
}
