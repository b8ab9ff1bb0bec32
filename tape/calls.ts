import type { Doubt } from "./calls/draft.js";
import { joinSightings } from "./calls/join-sightings.js";
import type { Timeline } from "./calls/timeline.js";
import type { ExchangeHead } from "./exchange.js";
import { placeCalls } from "./trees/place-calls.js";

export { comparableRequestId } from "./calls/sighting.js";
export { assumedClockNs, type Timeline } from "./calls/timeline.js";

/** What happened once between a caller and a callee: its sightings, joined. */
export interface Call {
  /** The sighting that knows most; the one that a replay sends. */
  best: ExchangeHead;
  /** All, the best one included, in order of their start. */
  sightings: ExchangeHead[];
  /** `exact`: one sighting, or joined by request id or span with no other candidate. `inferred`: anything less. */
  certainty: "exact" | "inferred";
  /** Why it is inferred. */
  doubt?: Doubt;
  /** It came from outside: no other call of the tape is known, or seems, to have made it. */
  entry: boolean;
  /** The same for all calls of one user request; absent when the call carries no identifier. */
  traceKey?: string;
  /** Which try of its request it is, from 1, where that was tried again. */
  attempt?: number;
}

/**
 * Joins the sightings of a tape into calls, in order of their start. Sightings are one call when they share the request
 * id (or, where one has none, the trace id), method and path, their callee may be the same, they began near each other,
 * and no two of them are from where a call is seen once only: two inbound sightings are two calls (a retry). Starts are
 * compared after the recorders' clocks were corrected by what the tape knows of them (`readClocks`).
 */
export function joinCalls(heads: readonly ExchangeHead[]): Call[] {
  return joinTimedCalls(heads).calls;
}

/** The same, with the scale that the moments of all their recorders were brought onto. */
export function joinTimedCalls(heads: readonly ExchangeHead[]): { calls: Call[]; timeline: Timeline } {
  const joined = joinSightings(heads);
  for (const { node, join } of placeCalls(joined)) node.call.entry = join.kind === "entry";
  return { calls: joined.nodes.map(({ call }) => call), timeline: joined.timeline };
}

/** The calls of each user request, in order of their start; calls without identifiers are left out. */
export function callsByTrace(calls: readonly Call[]): Map<string, Call[]> {
  const traces = new Map<string, Call[]>();
  for (const call of calls) {
    if (call.traceKey === undefined) continue;
    const trace = traces.get(call.traceKey);
    if (trace === undefined) traces.set(call.traceKey, [call]);
    else trace.push(call);
  }
  return traces;
}
