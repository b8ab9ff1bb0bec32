/** Each step is two hundredths above the one before: a percentile is told at most that much too high. */
const growth = Math.log(1.02);
const leastMs = 0.1;

/** Latencies in steps that grow by 2 %, counted: to be added up over parts of a window. */
export type LatencyCounts = Map<number, number>;

export function addLatency(counts: LatencyCounts, tookMs: number): void {
  const step = Math.max(0, Math.ceil(Math.log(Math.max(tookMs, leastMs) / leastMs) / growth));
  counts.set(step, (counts.get(step) ?? 0) + 1);
}

/** The latency that this share, 0 to 1, does not exceed, rounded up to its step; undefined of none. */
export function percentileOf(all: readonly LatencyCounts[], share: number): number | undefined {
  const sum: LatencyCounts = new Map();
  let total = 0;
  for (const [step, count] of all.flatMap((counts) => [...counts])) {
    sum.set(step, (sum.get(step) ?? 0) + count);
    total += count;
  }
  let left = Math.max(1, Math.ceil(total * share));
  for (const [step, count] of [...sum].sort(([one], [other]) => one - other)) {
    left -= count;
    if (left <= 0) return leastMs * Math.exp(step * growth);
  }
  return undefined;
}
