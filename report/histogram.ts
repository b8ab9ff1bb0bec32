import type { LatencySummary } from "../tape/index.js";

/** One bar: how many of each series took longer than `fromMs` and at most `toMs`. */
export interface Bar {
  fromMs: number;
  toMs: number;
  counts: readonly number[];
}

/**
 * The same bars for several latency distributions, so that they can be drawn beside each other: bounds grow by a
 * constant factor from the smallest to the largest. Inside a source bucket calls are taken as evenly spread, the last of
 * them at its upper bound; counts are whole and keep their sum.
 */
export function sharedBars(series: readonly LatencySummary[], bars: number): Bar[] {
  const filled = series.filter((one) => one.count > 0);
  if (filled.length === 0) return [];
  const low = Math.max(0.001, Math.min(...filled.map((one) => one.min)));
  const high = Math.max(low * 1.01, ...filled.map((one) => one.max));
  const bounds = Array.from({ length: bars + 1 }, (_, at) => (at === bars ? high : low * (high / low) ** (at / bars)));
  const reached = series.map((one) => bounds.slice(1).map((bound) => countUpTo(one, bound)));
  return Array.from({ length: bars }, (_, at) => ({
    fromMs: bounds[at]!,
    toMs: bounds[at + 1]!,
    counts: reached.map((counts) => counts[at]! - (counts[at - 1] ?? 0)),
  }));
}

/** How many of a distribution took at most so long. */
function countUpTo({ buckets, min, max }: LatencySummary, ms: number): number {
  let count = 0;
  let lower = min;
  for (const bucket of buckets) {
    const upper = Math.max(lower, Math.min(bucket.upToMs, max));
    if (upper > ms) return count + Math.floor((bucket.count * Math.max(0, ms - lower)) / Math.max(upper - lower, 1e-9));
    count += bucket.count;
    lower = upper;
  }
  return count;
}
