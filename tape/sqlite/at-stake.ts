import type { Database } from "better-sqlite3";
import { type LedgerCounts, ledgerCounts, noCounts } from "../ledger.js";
import { columnOf } from "./schema.js";

/** What of one incarnation stands in the segment it writes, and would be gone with its file. */
export interface AtStake {
  /** Since when it writes there. */
  sinceNs: bigint;
  exchanges: number;
  counts: LedgerCounts;
}

/** What the file says. */
export function readAtStake(db: Database, recorder: number): AtStake {
  const sinceNs = db.prepare<[number], bigint>("SELECT started_ns FROM recorder WHERE id = ?").pluck().safeIntegers();
  const exchanges = db.prepare<[number], number>("SELECT coalesce(sum(exchanges), 0) FROM block WHERE recorder = ?");
  return {
    sinceNs: sinceNs.get(recorder)!,
    exchanges: exchanges.pluck().get(recorder)!,
    counts: readCounts(db, recorder),
  };
}

function readCounts(db: Database, recorder: number): LedgerCounts {
  const sums = ledgerCounts.map((count) => `coalesce(sum(${columnOf(count)}), 0) AS ${count}`);
  const row = db
    .prepare<[number], LedgerCounts>(`SELECT ${sums.join(", ")} FROM ledger WHERE recorder = ?`)
    .get(recorder)!;
  return { ...noCounts(), ...row };
}

/**
 * What the ledger has to say of counts that went with a file: all of them again, but that the Exchanges which went with it
 * are no longer kept. Some of these may not have been counted as kept yet; that is told later, and evens it out.
 *
 * @param lostExchanges without calls still open: their answers are to come, and hold the whole call
 */
export function countsWithout(lostExchanges: number, { counts }: AtStake): LedgerCounts {
  return { ...counts, kept: counts.kept - lostExchanges, dropped: counts.dropped + lostExchanges };
}
