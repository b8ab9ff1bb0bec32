import type { Answer, Vantage } from "./exchange.js";
import type { LedgerEntry } from "./ledger.js";
import { addCounts, gapsBetween, type Incarnation, sumOf } from "./ledger-sums.js";
import type { SegmentDescription, TapeStats } from "./store.js";

/** Exchanges of one sort. */
export interface Tally {
  vantage: Vantage;
  answer: Answer["kind"];
  exchanges: number;
  truncated: number;
  /** Bytes of request and answer bodies as they were on the wire, as far as redaction left their length. */
  bodyBytes: number;
}

/** What is counted in one segment. */
export interface SegmentFigures {
  tallies: readonly Tally[];
  /** Exchanges by incarnation. */
  exchangesBy: ReadonlyMap<string, number>;
  bodies: { stored: number; bytesStored: number };
  firstNs?: bigint;
  lastNs?: bigint;
}

/** What is known of a tape beside its Exchanges. */
export interface TapeRecord {
  segments: readonly SegmentDescription[];
  incarnations: readonly Incarnation[];
  entries: readonly LedgerEntry[];
}

/** Puts the figures of all segments together. */
export function statsOf(figures: readonly SegmentFigures[], tape: TapeRecord): TapeStats {
  const tallies = figures.flatMap((segment) => segment.tallies);
  const counts = sumOf(tape.entries);
  const firstNs = extreme(
    figures.map((segment) => segment.firstNs),
    isLess,
  );
  const lastNs = extreme(
    figures.map((segment) => segment.lastNs),
    isMore,
  );
  return {
    exchanges: total(tallies, "exchanges"),
    byVantage: byVantage(tallies),
    answers: byAnswer(tallies),
    truncated: total(tallies, "truncated"),
    dropped: counts.dropped,
    counts,
    bodies: {
      stored: figures.reduce((sum, { bodies }) => sum + bodies.stored, 0),
      bytesStored: figures.reduce((sum, { bodies }) => sum + bodies.bytesStored, 0),
      bytesSeen: total(tallies, "bodyBytes"),
    },
    ...(firstNs === undefined ? {} : { firstNs }),
    ...(lastNs === undefined ? {} : { lastNs }),
    recorders: tape.incarnations.map(({ dead: _, lost: _lost, ...incarnation }) => ({
      ...incarnation,
      exchanges: figures.reduce((sum, { exchangesBy }) => sum + (exchangesBy.get(incarnation.id.incarnation) ?? 0), 0),
    })),
    gaps: gapsBetween(tape.incarnations),
    segments: tape.segments,
  };
}

/** One entry for each recorder and minute, by minute: several segments may hold a part of its counts. */
export function mergeEntries(entries: Iterable<LedgerEntry>): LedgerEntry[] {
  const merged = new Map<string, LedgerEntry>();
  for (const entry of entries) {
    const key = `${entry.recorder.incarnation} ${entry.minuteNs}`;
    const present = merged.get(key);
    if (present) addCounts(present.counts, entry.counts);
    else merged.set(key, { ...entry, counts: { ...entry.counts } });
  }
  return [...merged.values()].sort((a, b) => (a.minuteNs < b.minuteNs ? -1 : a.minuteNs > b.minuteNs ? 1 : 0));
}

/** One for each incarnation, by start: each segment it wrote tells a part of its life. */
export function mergeIncarnations(parts: Iterable<Incarnation>): Incarnation[] {
  const merged = new Map<string, Incarnation>();
  for (const part of parts) {
    const present = merged.get(part.id.incarnation);
    merged.set(part.id.incarnation, present ? joined(present, part) : part);
  }
  return [...merged.values()].sort((a, b) => (a.startedNs < b.startedNs ? -1 : a.startedNs > b.startedNs ? 1 : 0));
}

function joined(a: Incarnation, b: Incarnation): Incarnation {
  const stoppedNs = a.stoppedNs ?? b.stoppedNs;
  const lost = [...(a.lost ?? []), ...(b.lost ?? [])];
  return {
    ...a,
    startedNs: extreme([a.startedNs, b.startedNs], isLess)!,
    aliveNs: extreme([a.aliveNs, b.aliveNs], isMore)!,
    ...(stoppedNs === undefined ? {} : { stoppedNs }),
    dead: a.dead || b.dead,
    ...(lost.length === 0 ? {} : { lost }),
  };
}

const isLess = (a: bigint, b: bigint) => a < b;
const isMore = (a: bigint, b: bigint) => a > b;

function total(tallies: readonly Tally[], figure: "exchanges" | "truncated" | "bodyBytes"): number {
  return tallies.reduce((sum, tally) => sum + tally[figure], 0);
}

function byVantage(tallies: readonly Tally[]): TapeStats["byVantage"] {
  const sums: TapeStats["byVantage"] = {};
  for (const { vantage, exchanges } of tallies) sums[vantage] = (sums[vantage] ?? 0) + exchanges;
  return sums;
}

function byAnswer(tallies: readonly Tally[]): TapeStats["answers"] {
  const sums = { response: 0, failure: 0, "status-only": 0, unknown: 0 };
  for (const { answer, exchanges } of tallies) sums[answer] += exchanges;
  return sums;
}

function extreme(
  values: readonly (bigint | undefined)[],
  isBetter: (a: bigint, b: bigint) => boolean,
): bigint | undefined {
  let best: bigint | undefined;
  for (const value of values) if (value !== undefined && (best === undefined || isBetter(value, best))) best = value;
  return best;
}
