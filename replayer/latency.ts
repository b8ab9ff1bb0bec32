import { Int32Histogram } from "hdr-histogram-js";
import type { LatencySummary } from "../tape/index.js";
import { drawableBounds } from "./latency-buckets.js";

/** Takes in latencies of one kind of one lane, in flat memory. */
export interface LatencyRecorder {
  /** Milliseconds, fractions included; below zero counts as zero, what is not finite is ignored. */
  add(latencyMs: number): void;
  /** Of all added so far; may be asked at any time. All zeroes and no buckets when nothing was added. */
  summary(): LatencySummary;
}

/** Longer ones are counted as this: an hour, in microseconds. It bounds the memory to about 400 kB. */
const longestUs = 3_600_000_000;

/** Shorter ones, in microseconds, are only counted until they are asked for: to find a value's bucket takes longer. */
const shortUs = 65_536;

/** Up to here, 8 s, there is room from the start: to make more takes longer than to count. */
const usualUs = 8_000_000;

/**
 * An HDR histogram that counts microseconds: values up to 2 ms are exact to one, longer ones to three significant
 * digits, so nothing is lost that a reader could see.
 */
export function latencyRecorder(): LatencyRecorder {
  const histogram = new Int32Histogram(1, usualUs, 3);
  histogram.autoResize = true;
  // The histogram rounds its extremes to three digits; these are kept as they came.
  let leastUs = Number.POSITIVE_INFINITY;
  let mostUs = 0;
  const short = new Uint32Array(shortUs);
  const takeShort = () => {
    for (let us = 0; us < shortUs; us++) if (short[us]! > 0) histogram.recordValueWithCount(us, short[us]!);
    short.fill(0);
  };
  return {
    add(latencyMs) {
      if (!Number.isFinite(latencyMs)) return;
      const us = Math.min(longestUs, Math.max(0, Math.round(latencyMs * 1000)));
      if (us < leastUs) leastUs = us;
      if (us > mostUs) mostUs = us;
      if (us < shortUs) short[us]!++;
      else histogram.recordValue(us);
    },
    summary() {
      takeShort();
      return histogram.totalCount === 0 ? nothing() : summaryOf(histogram, leastUs, mostUs);
    },
  };
}

function nothing(): LatencySummary {
  return { count: 0, min: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0, buckets: [] };
}

function summaryOf(histogram: Int32Histogram, leastUs: number, mostUs: number): LatencySummary {
  // A percentile is the upper edge of its histogram cell, which may lie above the greatest value.
  const at = (percentile: number) => Math.max(leastUs, Math.min(mostUs, histogram.getValueAtPercentile(percentile)));
  return {
    count: histogram.totalCount,
    min: leastUs / 1000,
    mean: Math.round(histogram.mean) / 1000,
    p50: at(50) / 1000,
    p90: at(90) / 1000,
    p99: at(99) / 1000,
    p999: at(99.9) / 1000,
    max: mostUs / 1000,
    buckets: bucketsOf(histogram, leastUs / 1000, mostUs / 1000),
  };
}

function bucketsOf(histogram: Int32Histogram, leastMs: number, mostMs: number): LatencySummary["buckets"] {
  const buckets = drawableBounds(leastMs, mostMs).map((upToMs) => ({ upToMs, count: 0 }));
  const cells = histogram.recordedValuesIterator;
  cells.reset();
  let at = 0;
  while (cells.hasNext()) {
    const cell = cells.next();
    // The middle of a cell stands for its values: a bound that cuts through one puts it where most of it lies.
    const ms = Math.min(mostMs, histogram.medianEquivalentValue(cell.valueIteratedTo) / 1000);
    while (at < buckets.length - 1 && ms > buckets[at]!.upToMs) at++;
    buckets[at]!.count += cell.countAddedInThisIterationStep;
  }
  return buckets;
}
