import type { EncodedBatch } from "./batch.js";
import type { Exchange, ExchangeHead, RecorderId, Vantage } from "./exchange.js";
import type { Gap, Ledger, LedgerCounts } from "./ledger.js";
import type { RedactionSpec } from "./redaction/rules/spec.js";
import type { TapeWalk } from "./tape-walk.js";
import type { LeftOut } from "./where/left-out.js";

/**
 * Where one recorder incarnation writes. SQLite by default, memory in tests; one contract suite runs on both.
 * Redaction, compression and deduplication happen behind this door, off the caller's thread where the store has one.
 */
export interface TapeWriter {
  /**
   * Takes ownership of the batch's buffer. Resolves when durable against the death of this process, with what became of
   * the parts. A part (recorder, sequence, part) already stored is ignored, so a retry is safe. Rejects with a
   * TapeError when the store could not keep it: nothing of the batch is stored then.
   */
  append(batch: EncodedBatch): Promise<AppendReceipt>;
  /**
   * Adds counts to the recorder's ledger for the minute in which `atNs` falls, and marks it alive at `atNs`.
   */
  count(atNs: bigint, counts: Partial<LedgerCounts>): Promise<void>;
  /** Seals a folder's open segment, where it holds anything: the next append begins another. A file is never sealed. */
  roll(): Promise<void>;
  /** Writes what is pending, says goodbye in the ledger, seals a folder's open segment. Safe to call twice. */
  close(): Promise<void>;
}

export interface AppendReceipt {
  /** Exchanges that are new on the tape by this batch. */
  kept: number;
  /** Calls that the writer's keep rules left out: by choice, so they are not stored. */
  leftOut?: LeftOut;
  /** Bodies withheld because they could not be redacted. */
  unredactable: number;
  /** The batch's buffer, given back to be used again: hand it to `BatchEncoder.reuse`. */
  buffer?: ArrayBuffer;
}

/** Which Exchanges of a tape, all conditions together. */
export interface Selection {
  ids?: readonly number[];
  /** Started at or after. */
  fromNs?: bigint;
  /** Started before. */
  toNs?: bigint;
  /** Decides on the id alone, which costs less than on the head. */
  whereId?: (id: number) => boolean;
  /** Decides on the head alone; made by `parseWhere`. */
  where?: (head: ExchangeHead) => boolean;
  /** Decides on the whole Exchange, for conditions on headers and bodies; made by `parseWhere`. */
  whereWhole?: (exchange: Exchange) => boolean;
  /** What `where` can be sure of without looking at each Exchange; made by `parseWhere`. It never decides alone. */
  narrow?: Narrowing;
  limit?: number;
}

/** Lets a store pass over what a selection cannot hold. */
export interface Narrowing {
  /** False only when no Exchange like these can be selected. */
  mayHold(alike: Alike): boolean;
  /** None that started before, or at or after, can be selected. */
  fromNs?: bigint;
  toNs?: bigint;
  /** All of these stand in the path, the identifiers or the connection of each that can be selected. */
  texts: readonly string[];
}

/** What many Exchanges have in common. */
export interface Alike {
  /** Its vantage, method, scheme, authority, protocol, ends, parties and answer (without sizes) are theirs; the rest says nothing. */
  head: ExchangeHead;
  /** See `pathStartOf`. */
  pathStart: string | undefined;
  /** Method, scheme, authority, parties and path of each are its own: the head's say nothing. */
  isMixed: boolean;
}

/** A tape opened for reading: one segment or many, read as one. Never writes to it. */
export interface TapeReader {
  readonly segments: readonly SegmentDescription[];
  /** The redaction key's id, the same for all segments. */
  readonly keyId: string;
  /** In tape order (startedNs, recorder, sequence), streaming, flat memory. */
  read(which?: Selection): TapeWalk<Exchange>;
  /** As `read`, without headers and bodies. `whereWhole` is not consulted. */
  skim(which?: Selection): TapeWalk<ExchangeHead>;
  find(id: number): Promise<Exchange | undefined>;
  stats(): Promise<TapeStats>;
  ledger(): Promise<Ledger>;
  /** Safe to call twice. */
  close(): Promise<void>;
}

export interface SegmentDescription {
  path: string;
  /** Its Exchanges have the ids (number − 1) × 100,000,000 + row. Its own number, or the next free one where two segments opened together have the same. */
  number: number;
  formatVersion: number;
  createdNs: bigint;
  /** Absent while it is open for writing, or when its writer died. */
  sealedNs?: bigint;
  exchanges: number;
  bytes: number;
}

export interface TapeStats {
  exchanges: number;
  byVantage: Partial<Record<Vantage, number>>;
  answers: { response: number; failure: number; "status-only": number; unknown: number };
  truncated: number;
  dropped: number;
  counts: LedgerCounts;
  bodies: { stored: number; bytesStored: number; bytesSeen: number };
  firstNs?: bigint;
  lastNs?: bigint;
  recorders: readonly {
    id: RecorderId;
    service?: string;
    /** Where it forwarded to, `host:port`. */
    upstream?: string;
    /** What it redacted beside what is done unasked: see RecorderDescription. */
    redaction?: readonly RedactionSpec[];
    exchanges: number;
    startedNs: bigint;
    aliveNs: bigint;
    stoppedNs?: bigint;
  }[];
  gaps: readonly Gap[];
  segments: readonly SegmentDescription[];
}
