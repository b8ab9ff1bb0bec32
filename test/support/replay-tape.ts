import {
  BatchEncoder,
  type CapturedAnswer,
  type CapturedPart,
  type CapturedRequest,
  openMemoryTape,
  type RecorderDescription,
  type RedactionKey,
  type TapeReader,
} from "../../tape/index.js";
import { testKey } from "./wire-request.js";

/** A call to be on a tape; what is not said is `GET /reviews/1`, answered 200 with `{"ok":true}` after 5 ms. */
export interface TapeCall {
  startMs: number;
  /** When the answer had ended; `null` for a mirror, which never knows. */
  endMs?: number | null;
  method?: string;
  path?: string;
  authority?: string;
  headers?: readonly string[];
  body?: string | Uint8Array;
  trailers?: readonly string[];
  protocol?: CapturedRequest["protocol"];
  requestEnd?: CapturedRequest["end"];
  status?: number;
  answerHeaders?: readonly string[];
  answerBody?: string | Uint8Array;
  answerTrailers?: readonly string[];
  answer?: CapturedAnswer;
}

export const testRecorder: RecorderDescription = {
  id: { name: "reviews", incarnation: "0123456789abcdef" },
  service: "reviews",
  origin: {},
  epochNsAtZero: 1_700_000_000_000_000_000n,
};

/** A tape in memory that holds these calls, as an inline recorder of `reviews` would have kept them (mirror without ends). */
export async function tapeOf(calls: readonly TapeCall[], key: RedactionKey = testKey): Promise<TapeReader> {
  const { writer, reader } = openMemoryTape({ recorder: testRecorder, key });
  const encoder = new BatchEncoder(64 << 20);
  for (const [at, call] of calls.entries()) encoder.add(partOf(call, at + 1));
  if (calls.length > 0) await writer.append(encoder.take());
  await writer.close();
  return reader;
}

function partOf(call: TapeCall, sequence: number): CapturedPart {
  const mirrored = call.endMs === null;
  return {
    part: "call",
    sequence,
    vantage: mirrored ? "mirror" : "inbound",
    request: requestOf(call),
    answer: call.answer ?? (mirrored ? { kind: "unknown" } : answerOf(call)),
  };
}

function requestOf(call: TapeCall): CapturedRequest {
  const bytes = bytesOf(call.body ?? "");
  return {
    method: call.method ?? "GET",
    scheme: "http",
    authority: call.authority ?? "reviews:9080",
    path: call.path ?? "/reviews/1",
    protocol: call.protocol ?? "http/1.1",
    headers: call.headers ?? ["host", call.authority ?? "reviews:9080"],
    ...(call.trailers === undefined ? {} : { trailers: call.trailers }),
    body: { pieces: bytes.length === 0 ? [] : [bytes], fullBytes: bytes.length },
    end: call.requestEnd ?? "complete",
    startedMs: call.startMs,
    endedMs: call.startMs,
  };
}

function answerOf(call: TapeCall): CapturedAnswer {
  const bytes = bytesOf(call.answerBody ?? '{"ok":true}');
  const endedMs = call.endMs ?? call.startMs + 5;
  return {
    kind: "response",
    status: call.status ?? 200,
    headers: call.answerHeaders ?? ["content-type", "application/json"],
    ...(call.answerTrailers === undefined ? {} : { trailers: call.answerTrailers }),
    body: { pieces: bytes.length === 0 ? [] : [bytes], fullBytes: bytes.length },
    end: "complete",
    startedMs: endedMs,
    endedMs,
  };
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === "string" ? Buffer.from(body) : body;
}
