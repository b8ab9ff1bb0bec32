import type { LedgerCounts } from "../ledger.js";

const minuteNs = 60_000_000_000n;
const mostMinutes = 1000;

/** Counts by the minute of the tape in which they fall, until they are written. */
export class LedgerLines {
  readonly #write: (atNs: bigint, counts: Partial<LedgerCounts>) => Promise<void> | void;
  #minutes = new Map<bigint, Partial<LedgerCounts>>();

  constructor(write: (atNs: bigint, counts: Partial<LedgerCounts>) => Promise<void> | void) {
    this.#write = write;
  }

  add(atNs: bigint, counts: Partial<LedgerCounts>): void {
    const minute = atNs - (atNs % minuteNs);
    const sums = this.#minutes.get(minute) ?? {};
    for (const [count, by] of Object.entries(counts) as [keyof LedgerCounts, number][]) {
      sums[count] = (sums[count] ?? 0) + by;
    }
    this.#minutes.set(minute, sums);
  }

  get isFull(): boolean {
    return this.#minutes.size >= mostMinutes;
  }

  async flush(): Promise<void> {
    const minutes = this.#minutes;
    this.#minutes = new Map();
    for (const [minute, counts] of minutes) await this.#write(minute, counts);
  }
}
