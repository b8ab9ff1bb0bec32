/** At most this many bars are drawn. */
const mostBuckets = 40;

/** Bounds within a decade, from coarse to fine; each is a number people would choose. */
const ladders: readonly (readonly number[])[] = [
  [1],
  [1, 3],
  [1, 2, 5],
  [1, 1.5, 2, 3, 5, 7],
  [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8],
  [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9],
];

/**
 * Upper bounds of the buckets between two latencies, ascending and readable, at most 40: the last is not below the
 * greatest. Steps are equal where the values lie within one decade, else they grow with the value, so a long tail does
 * not squeeze all the rest into one bar. In milliseconds.
 */
export function drawableBounds(leastMs: number, mostMs: number): number[] {
  const least = Math.max(0.001, leastMs);
  const most = Math.max(least, mostMs);
  return most <= least * 10 ? evenBounds(least, most) : growingBounds(least, most);
}

function evenBounds(least: number, most: number): number[] {
  const step = Math.max(0.001, niceStep((most - least) / (mostBuckets - 2)));
  const first = Math.max(1, Math.ceil(round(least / step)));
  const last = Math.max(first, Math.ceil(round(most / step)));
  return Array.from({ length: last - first + 1 }, (_, at) => round((first + at) * step));
}

/** The least of 1, 2, 5, 10, 20 … (and their tenths) that is not below. */
function niceStep(atLeast: number): number {
  const decade = 10 ** Math.floor(Math.log10(Math.max(atLeast, 1e-9)));
  return round((([1, 2, 5].find((factor) => factor * decade >= atLeast) ?? 10) as number) * decade);
}

function growingBounds(least: number, most: number): number[] {
  for (const ladder of ladders.toReversed()) {
    const bounds = climb(ladder, least, most);
    if (bounds.length <= mostBuckets) return bounds;
  }
  return climb(ladders[0]!, least, most);
}

function climb(ladder: readonly number[], least: number, most: number): number[] {
  const bounds: number[] = [];
  for (let decade = Math.floor(Math.log10(least)); ; decade++) {
    for (const rung of ladder) {
      const bound = round(rung * 10 ** decade);
      if (bound >= least) bounds.push(bound);
      if (bound >= most) return bounds;
    }
  }
}

/** Without the crumbs of binary fractions: twelve significant digits. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}
