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
  /** Streams of an external processor that ended before the request's headers came: calls of which nothing else is known. */
  "headless",
  /** Entries of an access log that were joined to a mirrored call. */
  "statuses",
  /** Entries of an access log that tell of no Exchange here: their call was not seen, or a bound was reached. */
  "statusesLost",
  /** Connections turned away before HTTP was spoken: above the limit, or without the TLS they need. */
  "refused",
  /** Tunnels (CONNECT) passed through unread: no Exchanges, and not among `seen`. */
  "opaque",
] as const;
export type LedgerCount = (typeof ledgerCounts)[number];
export type LedgerCounts = Record<LedgerCount, number>;

/** Counts of one recorder in one minute. */
export interface LedgerEntry {
  recorder: RecorderId;
  /** Start of the minute, in nanoseconds since the epoch. */
  minuteNs: bigint;
  counts: LedgerCounts;
  /** How often this incarnation took over from one of the same name in this minute: 1, or absent. */
  restarts?: number;
}

/**
 * A stretch of time in which nothing may have been recorded: an incarnation ended without saying goodbye, and the next
 * one of the same name began. Calls in between are lost, their number unknown. Or: one in which something was recorded,
 * into a file that was then removed.
 */
export interface Gap {
  recorder: string;
  afterIncarnation: string;
  /** Last time the earlier incarnation was known to be storing. */
  fromNs: bigint;
  /** Start of the next incarnation; absent when none has come yet. */
  toNs?: bigint;
  /** The file it wrote to was removed, and so many Exchanges with it; it began another at `toNs`. The ledger counts them as dropped. */
  lostExchanges?: number;
}

/**
 * One incarnation took over from an earlier one of the same name, and nothing was recorded in between. Where the earlier one
 * said goodbye that was somebody's choice (a deployment, a second session on one tape); else the time is a {@link Gap}, too.
 */
export interface Restart {
  recorder: string;
  incarnation: string;
  afterIncarnation: string;
  saidGoodbye: boolean;
  /** The goodbye, or the last sign of life. */
  fromNs: bigint;
  toNs: bigint;
}

/** What a tape knows that it lacks. */
export interface Ledger {
  entries: readonly LedgerEntry[];
  gaps: readonly Gap[];
  restarts: readonly Restart[];
}

export function noCounts(): LedgerCounts {
  return Object.fromEntries(ledgerCounts.map((count) => [count, 0])) as LedgerCounts;
}
