import type { RecorderId } from "./exchange.js";

/** What a recorder counts. Every call seen ends in exactly one of `kept`, `dropped`, `sampledOut`, or is still open. */
export const ledgerCounts = [
  /** Calls whose request headers reached the recorder. */
  "seen",
  /** Exchanges handed to the store and made durable. */
  "kept",
  /** Seen and not kept because a bound was reached (queue, memory), or because the store refused it. */
  "dropped",
  /** Not kept by choice. */
  "sampledOut",
  /** Kept, with less of a body than came (the cap). */
  "truncated",
  /** Kept, and the request ended before it was complete. */
  "aborted",
  /** Kept without a body, for it may hold secrets and could not be read whole. */
  "unredactable",
  /** Connections closed because what came on them was no HTTP. */
  "unparsable",
  /** Batches the store could not write; their Exchanges are in `dropped`. */
  "storeErrors",
] as const;
export type LedgerCount = (typeof ledgerCounts)[number];
export type LedgerCounts = Record<LedgerCount, number>;

/** Counts of one recorder in one minute. */
export interface LedgerEntry {
  recorder: RecorderId;
  /** Start of the minute, in nanoseconds since the epoch. */
  minuteNs: bigint;
  counts: LedgerCounts;
}

/**
 * A stretch of time in which nothing may have been recorded: an incarnation ended without saying goodbye, and the next
 * one of the same name began. Calls in between are lost, their number unknown.
 */
export interface Gap {
  recorder: string;
  afterIncarnation: string;
  /** Last time the earlier incarnation was known to be storing. */
  fromNs: bigint;
  /** Start of the next incarnation; absent when none has come yet. */
  toNs?: bigint;
}

/** What a tape knows that it lacks. */
export interface Ledger {
  entries: readonly LedgerEntry[];
  gaps: readonly Gap[];
}

export function noCounts(): LedgerCounts {
  return Object.fromEntries(ledgerCounts.map((count) => [count, 0])) as LedgerCounts;
}
