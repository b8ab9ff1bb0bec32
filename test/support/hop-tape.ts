import { baggageFor } from "../../base/index.js";
import { replayIdentity } from "../../replayer/identity.js";
import {
  BatchEncoder,
  openMemoryTape,
  type RecorderDescription,
  type RedactionKey,
  type TapeReader,
} from "../../tape/index.js";
import { capturedAnswer, capturedRequest, testKey } from "./redaction.js";

/** A call as the recorder in front of `service` saw it, between two times in milliseconds. */
export interface SeenCall {
  service: string;
  path: string;
  at: readonly [startMs: number, endMs: number];
  /** Bytes, or a value that goes as JSON. */
  body: unknown;
  /** Those of JSON unless said. */
  answerHeaders?: readonly string[];
  status?: number;
  /** What was sent, as JSON by POST; a GET without it. */
  sent?: unknown;
  caller?: string;
  /** `inbound` unless said. */
  vantage?: "inbound" | "ext-proc";
  /** What the request carried on; see `recordedTrace` and `replayTrace`. */
  headers: readonly string[];
}

/** The headers of one recorded user request. */
export function recordedTrace(request: number): string[] {
  return ["x-request-id", `${String(request).padStart(8, "0")}-2222-4333-8444-555555555555`];
}

/** The headers of one replayed Step, as far as services pass them on. */
export function replayTrace(
  run: string,
  step: number,
  lane: string,
  carried: "request-id" | "traceparent" | "baggage",
): string[] {
  const mark = { run, step: String(step), lane };
  const { requestId, traceId, spanId } = replayIdentity(mark);
  switch (carried) {
    case "request-id":
      return ["x-request-id", requestId];
    case "traceparent":
      return ["traceparent", `00-${traceId}-${spanId}-01`];
    case "baggage":
      return ["baggage", `user=7,${baggageFor(mark)}`];
  }
}

/** A tape in memory, written by one inbound recorder for each service. */
export async function hopTape(calls: readonly SeenCall[], key: RedactionKey = testKey): Promise<TapeReader> {
  const tape = openMemoryTape({ recorder: recorderOf("none"), key });
  for (const service of new Set(calls.map((call) => call.service))) {
    const writer = tape.join(recorderOf(service));
    const encoder = new BatchEncoder(1 << 20);
    const seen = calls.filter((call) => call.service === service);
    for (const [
      at,
      {
        path,
        at: [startedMs, endedMs],
        body,
        answerHeaders = ["content-type", "application/json"],
        status = 200,
        sent,
        headers,
        caller,
        vantage = "inbound",
      },
    ] of seen.entries()) {
      const named = caller === undefined ? [] : ["x-envoy-downstream-service-cluster", caller];
      const asJson = sent === undefined ? [] : ["content-type", "application/json"];
      const request = capturedRequest(sent === undefined ? "" : JSON.stringify(sent), {
        method: sent === undefined ? "GET" : "POST",
        path,
        authority: `${service}:9080`,
        headers: [...headers, ...named, ...asJson],
        startedMs,
        endedMs: startedMs,
      });
      const answer = capturedAnswer(body instanceof Uint8Array ? body : JSON.stringify(body), {
        ...{ status, headers: answerHeaders, startedMs: endedMs, endedMs },
      });
      encoder.add({ part: "call", sequence: at + 1, vantage, request, answer });
    }
    await writer.append(encoder.take());
  }
  return tape.reader;
}

function recorderOf(service: string): RecorderDescription {
  const incarnation = Buffer.from(service.padEnd(8, "-")).toString("hex").slice(0, 16);
  return { id: { name: service, incarnation }, service, origin: {}, epochNsAtZero: 1_700_000_000_000_000_000n };
}
