import { crc32 } from "node:zlib";
import type { ExchangeHead, RecorderId } from "../exchange.js";
import { type ClockBound, clockGraph } from "./clock-graph.js";
import { anywhere, commonInterval, hullOf, type Interval } from "./common-interval.js";
import { mayBeSameCallee, type Sighting } from "./sighting.js";

/**
 * What is known of the clocks of a tape's recorders. A clock belongs to an incarnation: within one, time is monotonic; at
 * each start it is set by the wall clock anew, which may have been moved. Offsets are in nanoseconds.
 */
export interface Clocks {
  /** What is added to a time of `to` (an incarnation) to compare it with one of `from`; infinite where nothing is known. */
  between(from: string, to: string): Interval;
  /** Brings times of all incarnations onto one scale, as far as is known: 0 unless the tape proves a clock wrong. */
  correctionNs(incarnation: string): number;
  /** Each clock that is tied to others, against one of these. */
  readonly offsets: readonly ClockOffset[];
}

/** How far a clock is off against another one of the tape: what is added to its times to compare them. */
export interface ClockOffset {
  incarnation: string;
  /** The incarnation it is measured against: the first of those it is tied to. */
  against: string;
  loNs: number;
  hiNs: number;
  /** What the times of this incarnation are corrected by when a tree is drawn. */
  correctionNs: number;
  /** How many calls seen on both sides bound it, with any other. */
  pairs: number;
  /** Its bounds contradict each other: the clocks drifted while recording, and the bounds were widened to hold all of them. */
  drifted: boolean;
}

/** Whether calls that this incarnation saw in a time (by its own clock) may be missing from the tape. */
export type Lost = (recorder: RecorderId, fromNs: bigint, toNs: bigint) => boolean;

/** Clocks of machines that keep time are this near each other; more is believed of no single pair. */
const likelyNs = 1_000_000_000;
/** How many pairs have to agree that a clock is further off than that. */
const proofPairs = 3;
/** Up to this share of the pairs may be outvoted; beyond it the clocks are taken to have drifted. */
const outvotedShare = 0.1;

/** As if all recorders had one clock each, and nothing were known of their offsets. */
export const unknownClocks: Clocks = {
  between: (from, to) => (from === to ? { lo: 0, hi: 0 } : anywhere),
  correctionNs: () => 0,
  offsets: [],
};

/** Bounds the clocks of a tape by the sightings of it. */
export function readClocks(sightings: Iterable<Sighting>, lost: Lost = () => false): Clocks {
  const pairs = new ClockPairs();
  for (const sighting of sightings) pairs.add(sighting);
  return clocksFrom(pairs, lost);
}

/**
 * Bounds the offsets of the recorders' clocks by calls that were seen on both sides: where the caller's recorder sees a
 * request leave and the answer's head come back, the callee's sees the request come and the head leave in between. A
 * call counts when its request is met once on each side of the whole tape and neither recorder lost any near it.
 */
export function clocksFrom(pairs: ClockPairs, lost: Lost = () => false): Clocks {
  const bounds: (ClockBound & { pairs: number; drifted: boolean })[] = [];
  for (const { from, to, intervals } of bothSided(pairs, lost)) {
    const bound = boundOf(intervals);
    if (bound !== undefined) bounds.push({ from, to, pairs: intervals.length, ...bound });
  }
  if (bounds.length === 0) return unknownClocks;
  const graph = clockGraph(bounds);
  const offsets = graph.groups.flatMap((group) => offsetsOf(group, bounds, graph));
  const corrections = new Map(offsets.map(({ incarnation, correctionNs }) => [incarnation, correctionNs]));
  return { between: graph.between, correctionNs: (incarnation) => corrections.get(incarnation) ?? 0, offsets };
}

function boundOf(intervals: readonly Interval[]): (Interval & { drifted: boolean }) | undefined {
  const common = commonInterval(intervals);
  if (common === undefined) return undefined;
  const isFar = common.lo > likelyNs || common.hi < -likelyNs;
  if (isFar && intervals.length - common.left < proofPairs) return undefined;
  const drifted = common.left > intervals.length * outvotedShare;
  return drifted ? { ...hullOf(intervals), drifted } : { lo: common.lo, hi: common.hi, drifted };
}

interface PairsOfTwo {
  from: string;
  to: string;
  intervals: Interval[];
}

/** The pairs by the two incarnations, of which `from` comes first by name. */
function bothSided(met: ClockPairs, lost: Lost): Iterable<PairsOfTwo> {
  const pairs = new Map<string, PairsOfTwo>();
  for (const { outer, inner } of met.pairs()) {
    const interval = offsetBetween(outer, inner);
    if (interval === undefined || isLossNear(outer, lost) || isLossNear(inner, lost)) continue;
    const [a, b] = [outer.recorder.incarnation, inner.recorder.incarnation];
    const [from, to] = a < b ? [a, b] : [b, a];
    const key = `${from} ${to}`;
    const known = pairs.get(key) ?? { from, to, intervals: [] };
    pairs.set(key, known);
    known.intervals.push(from === a ? interval : { lo: -interval.hi, hi: -interval.lo });
  }
  return pairs.values();
}

/** `spoiled`: met more than once on a side, so that no two sightings are known to be of one call. */
type Sides = { outer?: Sighting; inner?: Sighting } | "spoiled";

/** How many requests are remembered; of a larger tape a share of them, drawn by hash, so that both sides are. */
const mostRequests = 20_000;

/** Gathers the requests that are met once on the caller's and once on the callee's side. In bounded memory. */
export class ClockPairs {
  readonly #byRequest = new Map<string, Sides>();
  /** One request in so many is remembered: a power of two. */
  #oneIn = 1;

  add(sighting: Sighting): void {
    const { head, identifiers } = sighting;
    if (identifiers.length === 0 || (head.vantage !== "outbound" && head.vantage !== "inbound")) return;
    const key = `${identifiers[0]} ${head.request.method} ${head.request.path}`;
    if (this.#oneIn > 1 && crc32(key) % this.#oneIn !== 0) return;
    const known = this.#byRequest.get(key) ?? {};
    if (known === "spoiled") return;
    const side = head.vantage === "outbound" ? "outer" : "inner";
    this.#byRequest.set(key, known[side] === undefined ? { ...known, [side]: sighting } : "spoiled");
    if (this.#byRequest.size > mostRequests) this.#rememberFewer();
  }

  *pairs(): Generator<{ outer: ExchangeHead; inner: ExchangeHead }> {
    for (const sides of this.#byRequest.values()) {
      if (sides === "spoiled" || sides.outer === undefined || sides.inner === undefined) continue;
      if (mayBeOneCall(sides.outer, sides.inner)) yield { outer: sides.outer.head, inner: sides.inner.head };
    }
  }

  #rememberFewer(): void {
    this.#oneIn *= 2;
    for (const key of this.#byRequest.keys()) if (crc32(key) % this.#oneIn !== 0) this.#byRequest.delete(key);
  }
}

function mayBeOneCall(outer: Sighting, inner: Sighting): boolean {
  const [one, other] = [outer.head, inner.head];
  if (one.recorder.incarnation === other.recorder.incarnation || !mayBeSameCallee(outer, inner)) return false;
  const [left, right] = [one.answer, other.answer];
  const differs = left.kind === "response" && right.kind === "response" && left.status !== right.status;
  return !differs && one.request.bodyBytes === other.request.bodyBytes;
}

/**
 * Of the inner clock against the outer one. Both moments are written down before anything is passed on, so the order is
 * sure; the ends of answers are not used, for these are noticed after they were passed on.
 */
function offsetBetween(outer: ExchangeHead, inner: ExchangeHead): Interval | undefined {
  const lo = outward(outer.startedNs - inner.startedNs, -1);
  const hi =
    outer.answerStartedNs === undefined || inner.answerStartedNs === undefined
      ? Number.POSITIVE_INFINITY
      : outward(outer.answerStartedNs - inner.answerStartedNs, 1);
  return lo <= hi ? { lo, hi } : undefined;
}

/** A double holds nanoseconds exactly up to 104 days; beyond, the bound is moved outward by more than the rounding. */
function outward(ns: bigint, direction: 1 | -1): number {
  const rounded = Number(ns);
  return Number.isSafeInteger(rounded) ? rounded : rounded + direction * Math.abs(rounded) * 2 ** -52;
}

const nearLossNs = 1_000_000_000n;

function isLossNear({ recorder, startedNs, answerEndedNs }: ExchangeHead, lost: Lost): boolean {
  return lost(recorder, startedNs - nearLossNs, (answerEndedNs ?? startedNs) + nearLossNs);
}

function offsetsOf(
  group: readonly string[],
  bounds: readonly (ClockBound & { pairs: number; drifted: boolean })[],
  graph: Pick<Clocks, "between">,
): ClockOffset[] {
  const against = group[0]!;
  const members = new Set(group);
  const own = bounds.filter(({ from }) => members.has(from));
  // Where all clocks may be right at once, none is corrected.
  const mayBeRight = own.every(({ lo, hi }) => lo <= 0 && hi >= 0);
  return group.map((incarnation) => {
    const { lo, hi } = graph.between(against, incarnation);
    const touching = own.filter(({ from, to }) => from === incarnation || to === incarnation);
    return {
      incarnation,
      against,
      loNs: lo,
      hiNs: hi,
      correctionNs: mayBeRight ? 0 : likeliest(lo, hi),
      pairs: touching.reduce((sum, { pairs }) => sum + pairs, 0),
      drifted: touching.some(({ drifted }) => drifted),
    };
  });
}

/** The middle of what is possible; where one side is open, the nearest to no correction at all. */
function likeliest(lo: number, hi: number): number {
  if (Number.isFinite(lo) && Number.isFinite(hi)) return Math.round((lo + hi) / 2);
  return Math.min(Math.max(0, lo), hi);
}
