import {
  BatchEncoder,
  type CapturedAnswer,
  type CapturedCall,
  type CapturedPart,
  type CapturedRequest,
  type EncodedBatch,
  newRecorderId,
  type RecorderDescription,
  redactionKey,
} from "../../tape/index.js";

/** A redaction key for tests, always the same. */
export const testKey = redactionKey(new Uint8Array(32).fill(7));

/** Monotonic zero of test recorders: times in tests are small numbers of milliseconds after it. */
export const testEpochNs = 1_700_000_000_000_000_000n;

export function testRecorder(name = "reviews-1", over: Partial<RecorderDescription> = {}): RecorderDescription {
  return { id: newRecorderId(name), origin: {}, epochNsAtZero: testEpochNs, ...over };
}

/** A request as a recorder captures it. */
export function capturedRequest(over: Partial<CapturedRequest> & { text?: string } = {}): CapturedRequest {
  const { text, ...rest } = over;
  return {
    method: text === undefined ? "GET" : "POST",
    scheme: "http",
    authority: "reviews:9080",
    path: "/reviews/1",
    protocol: "http/1.1",
    headers: ["host", "reviews:9080", "content-type", "text/plain"],
    body: capturedBody(text ?? ""),
    end: "complete",
    startedMs: 1,
    endedMs: 2,
    ...rest,
  };
}

/** A response as a recorder captures it. */
export function capturedResponse(text = "", over: Partial<Extract<CapturedAnswer, { kind: "response" }>> = {}) {
  return {
    kind: "response",
    status: 200,
    headers: ["content-type", "text/plain"],
    body: capturedBody(text),
    end: "complete",
    startedMs: 3,
    endedMs: 4,
    ...over,
  } satisfies CapturedAnswer;
}

export function capturedBody(text: string): { pieces: Uint8Array[]; fullBytes: number } {
  const bytes = Buffer.from(text);
  return { pieces: bytes.length === 0 ? [] : [bytes], fullBytes: bytes.length };
}

/** A whole call in one part. */
export function callPart(sequence: number, over: Partial<Extract<CapturedCall, { part: "call" }>> = {}): CapturedCall {
  return {
    part: "call",
    sequence,
    vantage: "inbound",
    request: capturedRequest({ startedMs: sequence, endedMs: sequence + 0.5 }),
    answer: capturedResponse("ok", { startedMs: sequence + 1, endedMs: sequence + 2 }),
    ...over,
  };
}

export function batchOf(...parts: readonly CapturedPart[]): EncodedBatch {
  const encoder = new BatchEncoder(1024 * 1024);
  for (const part of parts) {
    if (!encoder.add(part)) throw new Error("the parts of this test do not fit one batch");
  }
  return encoder.take();
}

/** All that an async source gives. */
export async function allOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}
