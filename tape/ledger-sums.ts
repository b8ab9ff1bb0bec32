import type { RecorderId } from "./exchange.js";
import { type Gap, type LedgerCounts, type LedgerEntry, ledgerCounts, noCounts } from "./ledger.js";

/** What a tape knows of one incarnation, from all its segments. */
export interface Incarnation {
  id: RecorderId;
  service?: string;
  upstream?: string;
  startedNs: bigint;
  /** When it last stored or counted something. */
  aliveNs: bigint;
  /** Absent when it did not say goodbye. */
  stoppedNs?: bigint;
  /** Known to have ended without a goodbye: its process is gone. */
  dead: boolean;
}

/** Adds `more` to `sums`. */
export function addCounts(sums: LedgerCounts, more: Readonly<Partial<LedgerCounts>>): void {
  for (const count of ledgerCounts) sums[count] += more[count] ?? 0;
}

/** The counts of all entries together. */
export function sumOf(entries: Iterable<LedgerEntry>): LedgerCounts {
  const sums = noCounts();
  for (const entry of entries) addCounts(sums, entry.counts);
  return sums;
}

/**
 * Where nothing may have been recorded: from the last sign of life of an incarnation that did not say goodbye to the
 * start of the next one of its name. Without a next one it is a gap only when the incarnation is known to be dead; two of
 * one name that overlap (replicas) leave none.
 */
export function gapsBetween(incarnations: readonly Incarnation[]): Gap[] {
  const byStart = [...incarnations].sort((a, b) =>
    a.startedNs < b.startedNs ? -1 : a.startedNs > b.startedNs ? 1 : 0,
  );
  return byStart
    .filter((incarnation) => incarnation.stoppedNs === undefined)
    .flatMap((ended) => {
      const next = byStart.find(
        ({ id, startedNs }) =>
          id.name === ended.id.name && id.incarnation !== ended.id.incarnation && startedNs > ended.aliveNs,
      );
      if (!next && !ended.dead) return [];
      const gap: Gap = { recorder: ended.id.name, afterIncarnation: ended.id.incarnation, fromNs: ended.aliveNs };
      return [next ? { ...gap, toNs: next.startedNs } : gap];
    });
}
