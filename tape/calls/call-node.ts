import type { Call } from "../calls.js";
import type { TimedSighting } from "./draft.js";
import { callerNamesOf, isSameRequest } from "./sighting.js";
import type { Timeline } from "./timeline.js";

/** A call with what placing it in a tree compares worked out once. */
export interface CallNode {
  call: Call;
  best: TimedSighting;
  sightings: readonly TimedSighting[];
  calleeNames: readonly string[];
  /** As a sighting gives it. */
  caller: string | undefined;
  /** Empty where no sighting knows the caller. */
  callerNames: readonly string[];
  /** The first start of all, in nanoseconds on the tape's common scale. */
  startNs: number;
  /** When the best sighting that saw it end saw that. */
  endNs: number | undefined;
}

export function callNodeOf(call: Call, sightings: readonly TimedSighting[]): CallNode {
  const best = sightings.find(({ head }) => head === call.best)!;
  const caller = callerOf(sightings);
  return {
    call,
    best,
    sightings,
    calleeNames: sightings.length === 1 ? best.calleeNames : [...new Set(sightings.flatMap((one) => one.calleeNames))],
    caller,
    callerNames: caller === undefined ? [] : callerNamesOf(caller),
    startNs: sightings[0]!.moments.startNs,
    endNs: (best.moments.endNs === undefined ? sightings.find(({ moments }) => moments.endNs !== undefined) : best)
      ?.moments.endNs,
  };
}

/** What a recorder was told on the caller's side goes before what the request's headers say. */
function callerOf(sightings: readonly TimedSighting[]): string | undefined {
  const outside = sightings.find(({ head }) => head.vantage === "outbound")?.head.caller;
  return outside ?? sightings.find(({ head }) => head.caller !== undefined)?.head.caller;
}

/**
 * Copies and reports reach their recorder by a way of their own, after the call has gone on: on a busy machine this much
 * later at most. Their starts and ends are those of the way.
 */
const lateNs = 1_000_000_000;
/** Ends are noticed after the last byte was passed on. */
const noticedNs = 10_000_000;

/** How long a call whose end nobody saw is taken to be open: Envoy's route timeout, if nobody sets it. */
const openNs = 15_000_000_000;

/** Whether `outer` may have begun before `inner`, by every two of their sightings: what makes a call has begun before it. */
export function mayHaveBegunBefore(timeline: Timeline, outer: CallNode, inner: CallNode): boolean {
  return everyPair(outer, inner, (one, other) => {
    const { hi } = timeline.slack(one.moments.clock, other.moments.clock);
    return other.moments.startNs - one.moments.startNs + hi + lateOf(one) >= 0;
  });
}

/** Whether `outer` may still have been open when `inner` began. */
export function mayBeOpenAtStart(timeline: Timeline, outer: CallNode, inner: CallNode): boolean {
  if (outer.endNs === undefined) return inner.startNs - outer.startNs <= openNs;
  return everyPair(outer, inner, (one, other) => {
    if (one.moments.endNs === undefined) return true;
    const { lo } = timeline.slack(one.moments.clock, other.moments.clock);
    return other.moments.startNs - one.moments.endNs + lo <= lateOf(other);
  });
}

/** Whether `inner` may have begun and ended within `outer`; false where the end of `outer` is not known. */
export function mayEnclose(timeline: Timeline, outer: CallNode, inner: CallNode): boolean {
  if (outer.endNs === undefined) return false;
  if (!mayHaveBegunBefore(timeline, outer, inner) || !mayBeOpenAtStart(timeline, outer, inner)) return false;
  if (inner.endNs === undefined) return true;
  const arePrompt = lateOf(outer.best) === 0 && lateOf(inner.best) === 0;
  if (arePrompt && inner.endNs - inner.startNs >= outer.endNs - outer.startNs) return false;
  return everyPair(outer, inner, (one, other) => {
    if (one.moments.endNs === undefined || other.moments.endNs === undefined) return true;
    const { lo } = timeline.slack(one.moments.clock, other.moments.clock);
    return other.moments.endNs - one.moments.endNs + lo <= Math.max(noticedNs, lateOf(other));
  });
}

/** Another try, or a call passed on to the same place: never made by the one it repeats. */
export function repeats(one: CallNode, other: CallNode): boolean {
  return isSameRequest(one.best, other.best);
}

/** Never by a recorder that stands before its callee, which would know that by name. */
export function isSeenOnItsWay({ sightings }: CallNode): boolean {
  return sightings.every(({ head }) => head.vantage !== "inbound");
}

function lateOf({ head: { vantage } }: TimedSighting): number {
  return vantage === "mirror" || vantage === "ext-proc" ? lateNs : 0;
}

/** Written out: a call may be compared with hundreds. */
function everyPair(
  outer: CallNode,
  inner: CallNode,
  holds: (one: TimedSighting, other: TimedSighting) => boolean,
): boolean {
  for (const one of outer.sightings) for (const other of inner.sightings) if (!holds(one, other)) return false;
  return true;
}
