import { type LedgerCount, type LedgerCounts, ledgerCounts, noCounts } from "../../tape/index.js";

/** Counts since the recorder's start, and how much of them the ledger has not been told yet. */
export class Counts {
  readonly total: LedgerCounts = noCounts();
  readonly #told: LedgerCounts = noCounts();

  add(count: LedgerCount, by = 1): void {
    this.total[count] += by;
  }

  /** What grew since the last call; who could not tell the ledger gives it back with {@link untold}. */
  takeNew(): Partial<LedgerCounts> {
    const grown: Partial<LedgerCounts> = {};
    for (const count of ledgerCounts) {
      const by = this.total[count] - this.#told[count];
      if (by === 0) continue;
      grown[count] = by;
      this.#told[count] += by;
    }
    return grown;
  }

  untold(counts: Partial<LedgerCounts>): void {
    for (const count of ledgerCounts) this.#told[count] -= counts[count] ?? 0;
  }
}
