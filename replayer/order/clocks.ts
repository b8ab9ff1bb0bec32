/** How sure the order of two recorders' moments is, after their clocks were corrected. Clocks go by their index in a plan. */
export interface ClockBounds {
  /**
   * How much later than it seems a moment of `from` may truly be beside one of `to`, in nanoseconds: 0 or more, 0 for one
   * clock. Only what lies further apart than this is ordered.
   */
  lagNs(from: number, to: number): number;
  /** The most of all. */
  readonly mostNs: number;
}

/** One clock, or clocks that are all the same. */
export const oneClock: ClockBounds = { lagNs: () => 0, mostNs: 0 };

/** From a square table of lags, by `from` then `to`. */
export function clockBounds(lags: readonly (readonly number[])[]): ClockBounds {
  const mostNs = Math.max(0, ...lags.flat());
  return { lagNs: (from, to) => (from === to ? 0 : (lags[from]?.[to] ?? 0)), mostNs };
}
