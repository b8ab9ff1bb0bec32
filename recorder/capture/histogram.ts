/** Counts of values by upper bound, as Prometheus wants them. */
export class Histogram {
  readonly bounds: readonly number[];
  /** One count for each bound, and one for what is beyond; not cumulative. */
  readonly counts: number[];
  sum = 0;

  /** @param bounds ascending, inclusive */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const at = this.bounds.findIndex((bound) => value <= bound);
    this.counts[at === -1 ? this.bounds.length : at]!++;
    this.sum += value;
  }
}
