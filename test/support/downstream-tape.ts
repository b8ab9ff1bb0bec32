import { BatchEncoder, type CapturedCall, openMemoryTape, type TapeReader } from "../../tape/index.js";
import { callPart, capturedRequest, capturedResponse, testKey, testRecorder } from "./captured.js";

type WholeCall = Extract<CapturedCall, { part: "call" }>;

/** A call that `caller` (reviews, unless said) made to `callee` (ratings). */
export interface DownstreamSeen extends Partial<Pick<WholeCall["request"], "method" | "path" | "protocol">> {
  caller?: string;
  callee?: string;
  /** Of the user request it belongs to. */
  trace: number;
  atMs: number;
  text?: string;
  headers?: readonly string[];
  answer?: WholeCall["answer"];
  frames?: WholeCall["frames"];
}

/** `x-request-id` of a recorded user request. */
export function recordedRequestId(trace: number): string {
  return `${String(trace).padStart(8, "0")}-2222-4333-8444-555555555555`;
}

/**
 * A tape of a chain, with an inbound recorder at each service: the calls given, and for each trace the call to reviews they
 * were made under, `GET /reviews/{trace}`. Gives the tape and the Exchange id of that call, by trace.
 */
export async function downstreamTape(
  calls: readonly DownstreamSeen[],
): Promise<{ tape: TapeReader; idOf: (trace: number) => number }> {
  const memory = openMemoryTape({ recorder: testRecorder("none"), key: testKey });
  const traces = [...new Set(calls.map((call) => call.trace))];
  const outer = traces.map((trace) => {
    const own = calls.filter((call) => call.trace === trace).map((call) => call.atMs);
    const [startedMs, endedMs] = [Math.min(...own) - 1, Math.max(...own) + 10];
    return part("reviews", { trace, atMs: startedMs, path: `/reviews/${trace}`, caller: "productpage" }, endedMs);
  });
  const byCallee = new Map([["reviews", outer]]);
  for (const call of calls) {
    const callee = call.callee ?? "ratings";
    byCallee.set(callee, [...(byCallee.get(callee) ?? []), part(callee, call)]);
  }
  for (const [callee, parts] of byCallee) {
    const writer = memory.join(testRecorder(callee, { service: callee }));
    const encoder = new BatchEncoder(4 << 20);
    for (const [at, make] of parts.entries()) encoder.add(make(at + 1));
    await writer.append(encoder.take());
  }
  const ids = new Map<string, number>();
  for await (const { id, request } of memory.reader.skim()) ids.set(request.path, id);
  return { tape: memory.reader, idOf: (trace) => ids.get(`/reviews/${trace}`)! };
}

function part(callee: string, call: DownstreamSeen, endedMs = call.atMs + 2): (sequence: number) => CapturedCall {
  const { caller = "reviews", trace, atMs, text, headers = [], method, path, protocol, answer, frames } = call;
  const request = capturedRequest({
    ...(text === undefined ? {} : { text }),
    ...(method === undefined ? {} : { method }),
    ...(protocol === undefined ? {} : { protocol }),
    authority: `${callee}:9080`,
    path: path ?? "/ratings/1",
    headers: ["x-request-id", recordedRequestId(trace), "x-envoy-downstream-service-cluster", caller, ...headers],
    startedMs: atMs,
    endedMs: atMs,
  });
  const given = answer ?? capturedResponse("{}", { startedMs: endedMs, endedMs });
  return (sequence) => callPart(sequence, { request, answer: given, ...(frames === undefined ? {} : { frames }) });
}
