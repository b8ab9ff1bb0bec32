import { BatchEncoder, type CapturedPart, type EncodedBatch } from "../../tape/index.js";
import { orderBody, orderBodyWithSecrets } from "../recorder/json-body.js";

/** What the benchmark of the tape writes, by name: as the recorder captures what `bench/recorder` sends. */
export const callKinds = {
  "mirror, small GET": { inline: false },
  "mirror, 4 KB JSON, all differ": { inline: false, body: orderBody() },
  "mirror, 4 KB JSON with secrets": { inline: false, body: orderBodyWithSecrets() },
  "inline, small GET": { inline: true },
  "inline, 4 KB JSON, all differ": { inline: true, body: orderBody() },
  "inline, 4 KB JSON with secrets": { inline: true, body: orderBodyWithSecrets() },
} satisfies Record<string, CallKind>;

export interface CallKind {
  inline: boolean;
  /** Every `@` becomes the number of the call. */
  body?: string;
}

const headers = [
  ...["Host", "127.0.0.1:41234", "authorization", "Bearer bench-token"],
  ...["x-request-id", "6db69b60-1f03-4c1e-885b-5cab4cc22fc5"],
];
const answerBody = Buffer.from(JSON.stringify({ ok: true, items: ["one", "two", "three"], total: 3 }));
const answerHeaders = [
  ...["content-type", "application/json", "content-length", String(answerBody.length)],
  ...["Date", "Sun, 22 Nov 2026 10:00:00 GMT", "Connection", "keep-alive", "Keep-Alive", "timeout=5"],
];

/** Call number `number` of a kind; 50,000 of them began in a second. */
export function callPart(kind: CallKind, number: number, path?: string, status = 200): CapturedPart {
  const body = kind.body === undefined ? undefined : Buffer.from(kind.body.replaceAll("@", String(number)));
  const startedMs = number * 0.02;
  return {
    part: "call",
    sequence: number,
    vantage: kind.inline ? "inbound" : "mirror",
    connection: `c${number % 32}`,
    client: "127.0.0.1",
    request: {
      method: body === undefined ? "GET" : "POST",
      scheme: "http",
      authority: "127.0.0.1:41234",
      path: path ?? (body === undefined ? "/reviews/7?lang=en" : "/orders"),
      protocol: "http/1.1",
      headers:
        body === undefined
          ? headers
          : [...headers, "content-type", "application/json", "Content-Length", String(body.length)],
      body: { pieces: body === undefined ? [] : [body], fullBytes: body?.length ?? 0 },
      end: "complete",
      startedMs,
      endedMs: startedMs + 0.4,
    },
    answer: kind.inline
      ? {
          kind: "response",
          status,
          headers: answerHeaders,
          body: { pieces: [answerBody], fullBytes: answerBody.length },
          end: "complete",
          startedMs: startedMs + 1.1,
          endedMs: startedMs + 1.3,
        }
      : { kind: "unknown" },
  };
}

/** Batches as the recorder hands them over at full speed: 1 MiB. */
export function* batchesOf(parts: Iterable<CapturedPart>): Generator<EncodedBatch> {
  const encoder = new BatchEncoder(2 ** 20);
  for (const part of parts) {
    if (encoder.add(part)) continue;
    yield encoder.take();
    encoder.add(part);
  }
  if (encoder.parts > 0) yield encoder.take();
}

export function* callsOf(kind: CallKind, from: number, to: number): Generator<CapturedPart> {
  for (let number = from; number < to; number++) yield callPart(kind, number);
}
