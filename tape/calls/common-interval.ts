/** From `lo` to `hi`, both included; infinite where nothing bounds it. */
export interface Interval {
  lo: number;
  hi: number;
}

export const anywhere: Interval = { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY };

/** What is common to most of the intervals, and how many of them do not take part in it. */
export interface CommonInterval extends Interval {
  left: number;
}

/**
 * Where most of the intervals meet (Marzullo's algorithm, as NTP uses it on its servers): of true statements about one
 * number that is where all of them meet, and a few false ones are outvoted. Of several such places the smallest is given, so
 * that the order of the input does not matter. Undefined without an interval.
 */
export function commonInterval(intervals: readonly Interval[]): CommonInterval | undefined {
  const edges = intervals
    .flatMap(({ lo, hi }) => [
      { at: lo, step: 1 },
      { at: hi, step: -1 },
    ])
    // At one place begins come first: touching intervals meet.
    .sort((a, b) => (a.at === b.at ? b.step - a.step : a.at < b.at ? -1 : 1));
  let count = 0;
  let best = 0;
  let found: Interval | undefined;
  for (const [place, { at, step }] of edges.entries()) {
    count += step;
    if (step < 0 || count < best) continue;
    const next = edges[place + 1]!;
    const here = { lo: at, hi: next.at };
    if (next.step > 0 || (count === best && found !== undefined && width(found) <= width(here))) continue;
    best = count;
    found = here;
  }
  return found && { ...found, left: intervals.length - best };
}

/** The least that holds all of them. */
export function hullOf(intervals: readonly Interval[]): Interval {
  let lo = Number.POSITIVE_INFINITY;
  let hi = Number.NEGATIVE_INFINITY;
  for (const one of intervals) {
    lo = Math.min(lo, one.lo);
    hi = Math.max(hi, one.hi);
  }
  return { lo, hi };
}

function width({ lo, hi }: Interval): number {
  return hi - lo;
}
