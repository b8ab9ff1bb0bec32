import type { Call } from "../calls.js";
import type { ExchangeHead, Vantage } from "../exchange.js";
import { compareInTapeOrder } from "../tape-order.js";
import { markAttempts } from "./attempts.js";
import { type CallNode, callNodeOf } from "./call-node.js";
import { type Clocks, type Lost, readClocks } from "./clocks.js";
import { type Draft, draftCalls, type TimedSighting } from "./draft.js";
import { sightingOf } from "./sighting.js";
import { type Timeline, timelineOf } from "./timeline.js";
import { linkTraces } from "./trace-keys.js";

/** What joining may be told beside the heads. */
export interface JoinSources {
  /** Where calls are missing from the tape: what may be wrong for it is not called sure. */
  lost?: Lost;
  /** Known from a walk of the whole tape; else read from the heads given. */
  clocks?: Clocks;
}

/** The calls of a tape in order of their start, not yet placed in trees. */
export interface JoinedSightings {
  nodes: CallNode[];
  timeline: Timeline;
}

/** Best first: who sees most of a call, and closest to the callee. */
const vantageRank: Readonly<Record<Vantage, number>> = { inbound: 0, "ext-proc": 1, outbound: 2, mirror: 3, import: 4 };

/** Joins the sightings of a tape into calls. The order of the heads does not matter. */
export function joinSightings(heads: readonly ExchangeHead[], sources: JoinSources = {}): JoinedSightings {
  const inOrder = isInTapeOrder(heads) ? heads : [...heads].sort(compareInTapeOrder);
  const bare = inOrder.map(sightingOf);
  const clocks = sources.clocks ?? readClocks(bare, sources.lost);
  const timeline = timelineOf(inOrder[0]?.startedNs ?? 0n, clocks);
  // Not copied: a tape has very many.
  const sightings: TimedSighting[] = bare.map((sighting) =>
    Object.assign(sighting, { moments: timeline.momentsOf(sighting.head) }),
  );
  if (clocks.offsets.some(({ correctionNs }) => correctionNs !== 0)) {
    sightings.sort((a, b) => a.moments.startNs - b.moments.startNs || compareInTapeOrder(a.head, b.head));
  }
  const traceKeyOf = linkTraces(sightings);
  const { lost } = sources;
  const nodes = draftCalls(sightings, lost === undefined ? { timeline } : { timeline, lost }).map((draft) => {
    const identifier = draft.sightings.flatMap(({ identifiers }) => identifiers)[0];
    return callNodeOf(callOf(draft, identifier && traceKeyOf(identifier)), draft.sightings);
  });
  markAttempts(nodes);
  return { nodes, timeline };
}

function isInTapeOrder(heads: readonly ExchangeHead[]): boolean {
  for (let at = 1; at < heads.length; at++) if (compareInTapeOrder(heads[at - 1]!, heads[at]!) > 0) return false;
  return true;
}

function callOf(draft: Draft, traceKey: string | undefined): Call {
  const call: Call = {
    best: bestOf(draft),
    sightings: draft.sightings.map(({ head }) => head),
    certainty: draft.doubt === undefined ? "exact" : "inferred",
    entry: false,
  };
  if (draft.doubt !== undefined) call.doubt = draft.doubt;
  if (traceKey !== undefined) call.traceKey = traceKey;
  return call;
}

function bestOf({ sightings }: Draft): ExchangeHead {
  return sightings.reduce((a, b) => (vantageRank[b.head.vantage] < vantageRank[a.head.vantage] ? b : a)).head;
}
