import { type Draft, draftCalls } from "./calls/draft.js";
import { callerOf, entriesOf } from "./calls/entries.js";
import { type Sighting, sightingOf } from "./calls/sighting.js";
import { linkTraces } from "./calls/trace-keys.js";
import type { ExchangeHead, Vantage } from "./exchange.js";

export { comparableRequestId } from "./calls/sighting.js";

/** What happened once between a caller and a callee: its sightings, joined. */
export interface Call {
  /** The sighting that knows most; the one that a replay sends. */
  best: ExchangeHead;
  /** All, the best one included, in order of their start. */
  sightings: ExchangeHead[];
  /** `exact`: one sighting, or joined by request id with no other candidate. `inferred`: anything less. */
  certainty: "exact" | "inferred";
  /** It came from outside: no other call of the tape is known, or seems, to have made it. */
  entry: boolean;
  /** The same for all calls of one user request; absent when the call carries no identifier. */
  traceKey?: string;
}

/** Best first: who sees most of a call, and closest to the callee. */
const vantageRank: Readonly<Record<Vantage, number>> = { inbound: 0, "ext-proc": 1, outbound: 2, mirror: 3, import: 4 };

/**
 * Joins the sightings of a tape into calls, in order of their start. Sightings are one call when they share the request
 * id (or, where one has none, the trace id), method and path, their callee may be the same, they began near each other,
 * and no two of them are from where a call is seen once only: two inbound sightings are two calls (a retry).
 */
export function joinCalls(heads: readonly ExchangeHead[]): Call[] {
  const sightings = [...heads].sort(byStart).map(sightingOf);
  const traceKeyOf = linkTraces(sightings);
  const drafts = draftCalls(sightings).map((draft) => {
    const identifier = draft.sightings.flatMap(({ identifiers }) => identifiers)[0];
    return { draft, best: bestOf(draft), traceKey: identifier === undefined ? undefined : traceKeyOf(identifier) };
  });
  const entries = allEntries(drafts);
  return drafts.map(({ draft, best, traceKey }) => ({
    best: best.head,
    sightings: draft.sightings.map(({ head }) => head),
    certainty: draft.isInferred ? "inferred" : "exact",
    entry: entries.has(draft),
    ...(traceKey !== undefined && { traceKey }),
  }));
}

/** The calls of each user request, in order of their start; calls without identifiers are left out. */
export function callsByTrace(calls: readonly Call[]): Map<string, Call[]> {
  const traces = groupByTrace(calls);
  traces.delete(undefined);
  return traces as Map<string, Call[]>;
}

function byStart(a: ExchangeHead, b: ExchangeHead): number {
  return a.startedNs < b.startedNs ? -1 : a.startedNs > b.startedNs ? 1 : a.id - b.id;
}

function bestOf(draft: Draft): Sighting {
  return draft.sightings.reduce((a, b) => (vantageRank[b.head.vantage] < vantageRank[a.head.vantage] ? b : a));
}

interface DraftOfTrace {
  draft: Draft;
  best: Sighting;
  traceKey: string | undefined;
}

/** Calls without identifiers are from outside unless their caller was itself called somewhere on the tape. */
function allEntries(drafts: readonly DraftOfTrace[]): Set<Draft> {
  const traces = groupByTrace(drafts);
  const untraced = traces.get(undefined) ?? [];
  traces.delete(undefined);
  const called = new Set(drafts.flatMap(({ draft }) => draft.sightings.flatMap(({ calleeNames }) => calleeNames)));
  const entries = untraced.map(({ draft }) => draft).filter((draft) => !called.has(callerOf(draft) ?? ""));
  return new Set([...entries, ...[...traces.values()].flatMap((trace) => [...entriesOf(trace)])]);
}

function groupByTrace<T extends { traceKey?: string | undefined }>(calls: readonly T[]): Map<string | undefined, T[]> {
  const traces = new Map<string | undefined, T[]>();
  for (const call of calls) {
    const trace = traces.get(call.traceKey);
    if (trace === undefined) traces.set(call.traceKey, [call]);
    else trace.push(call);
  }
  return traces;
}
