import type { Gap, Ledger, LedgerEntry } from "./ledger.js";
import { sumOf } from "./ledger-sums.js";

/** How much of what was seen, and was to be kept, is on a tape. */
export interface Shares {
  seen: number;
  kept: number;
  dropped: number;
  sampledOut: number;
  /** Seen, and nothing more is known: open when the ledger was read, or lost with a recorder that died. */
  undecided: number;
  /** Kept of those not left out by choice that were seen, or are known to have been made (`headless`), from 0 to 1; absent when there were none. */
  share?: number;
}

/** Of all recorders together, and by the name of each. Calls within a gap were not seen: nobody can say how many. */
export interface Coverage extends Shares {
  recorders: readonly RecorderCoverage[];
  gaps: readonly Gap[];
}

export interface RecorderCoverage extends Shares {
  recorder: string;
  /** Its gaps together. One whose end is not known counts up to the end of what is looked at. */
  gapMs: number;
  /** From the first minute with an entry, or a gap, to the last. */
  minutes: readonly MinuteCoverage[];
}

export interface MinuteCoverage extends Shares {
  minuteNs: bigint;
  /** How much of it lies in a gap. */
  gapMs: number;
}

/** From inclusive, to exclusive; whole minutes count that touch it. */
export interface CoverageRange {
  fromNs?: bigint;
  toNs?: bigint;
}

const minuteNs = 60_000_000_000n;

/** Adds a ledger up. A recorder tells its counts within a second, so a minute may hold a little of the one before. */
export function coverageOf(ledger: Ledger, { fromNs, toNs }: CoverageRange = {}): Coverage {
  const entries = ledger.entries.filter(
    (entry) =>
      (fromNs === undefined || entry.minuteNs + minuteNs > fromNs) && (toNs === undefined || entry.minuteNs < toNs),
  );
  const gaps = ledger.gaps.filter(
    (gap) => (fromNs === undefined || (gap.toNs ?? fromNs + 1n) > fromNs) && (toNs === undefined || gap.fromNs < toNs),
  );
  const names = new Set([...entries.map(({ recorder }) => recorder.name), ...gaps.map(({ recorder }) => recorder)]);
  const endNs = toNs ?? endOf(entries, gaps);
  return {
    ...sharesOf(entries),
    gaps,
    recorders: [...names].sort().map((name) =>
      recorderCoverage(
        name,
        entries.filter(({ recorder }) => recorder.name === name),
        gaps
          .filter(({ recorder }) => recorder === name)
          .map((gap) => ({ fromNs: gap.fromNs, toNs: gap.toNs ?? endNs })),
      ),
    ),
  };
}

interface Stretch {
  fromNs: bigint;
  toNs: bigint;
}

function recorderCoverage(
  recorder: string,
  entries: readonly LedgerEntry[],
  gaps: readonly Stretch[],
): RecorderCoverage {
  const byMinute = new Map<bigint, LedgerEntry[]>();
  for (const entry of entries) byMinute.set(entry.minuteNs, [...(byMinute.get(entry.minuteNs) ?? []), entry]);
  const minutes = minutesBetween(entries, gaps).map((minute) => ({
    minuteNs: minute,
    ...sharesOf(byMinute.get(minute) ?? []),
    gapMs: gaps.reduce((sum, gap) => sum + overlapMs(gap, { fromNs: minute, toNs: minute + minuteNs }), 0),
  }));
  const gapMs = gaps.reduce((sum, { fromNs, toNs }) => sum + Math.max(0, Number(toNs - fromNs) / 1e6), 0);
  return { recorder, ...sharesOf(entries), gapMs, minutes };
}

/** All of them, also those in which nothing was counted. */
function minutesBetween(entries: readonly LedgerEntry[], gaps: readonly Stretch[]): bigint[] {
  const starts = [...entries.map((entry) => entry.minuteNs), ...gaps.map(({ fromNs }) => startOfMinute(fromNs))];
  const ends = [...entries.map((entry) => entry.minuteNs), ...gaps.map(({ toNs }) => startOfMinute(toNs))];
  if (starts.length === 0) return [];
  const first = starts.reduce((a, b) => (a < b ? a : b));
  const last = ends.reduce((a, b) => (a > b ? a : b));
  const minutes: bigint[] = [];
  for (let minute = first; minute <= last; minute += minuteNs) minutes.push(minute);
  return minutes;
}

function endOf(entries: readonly LedgerEntry[], gaps: readonly Gap[]): bigint {
  const ends = [
    ...entries.map((entry) => entry.minuteNs + minuteNs),
    ...gaps.map(({ fromNs, toNs }) => toNs ?? fromNs),
  ];
  return ends.reduce((a, b) => (a > b ? a : b), 0n);
}

function sharesOf(entries: readonly LedgerEntry[]): Shares {
  const { seen, kept, dropped, sampledOut, headless } = sumOf(entries);
  const wanted = seen - sampledOut + headless;
  return {
    ...{ seen, kept, dropped, sampledOut, undecided: seen - kept - dropped - sampledOut },
    ...(wanted > 0 ? { share: kept / wanted } : {}),
  };
}

function startOfMinute(atNs: bigint): bigint {
  return atNs - (atNs % minuteNs);
}

function overlapMs(a: Stretch, b: Stretch): number {
  const fromNs = a.fromNs > b.fromNs ? a.fromNs : b.fromNs;
  const toNs = a.toNs < b.toNs ? a.toNs : b.toNs;
  return toNs > fromNs ? Number(toNs - fromNs) / 1e6 : 0;
}
