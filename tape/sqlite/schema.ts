import type { Database } from "better-sqlite3";
import { ledgerCounts } from "../ledger.js";

/**
 * Format version 1 of a segment. Codes (`vantage`, `protocol`, `*_end`, `*_kind`) are indexes into the lists of
 * tape/codes.ts and tape/exchange.ts. Times `*_ns` are nanoseconds since the epoch, `*_after_ns` nanoseconds after
 * `started_ns`. Headers and trailers are the bytes "name NUL value NUL …". A change here is a new format version and a
 * step in upgrades.ts.
 */
export const segmentTables = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

CREATE TABLE recorder (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  incarnation TEXT NOT NULL UNIQUE,
  service TEXT, upstream TEXT, cluster TEXT, namespace TEXT, workload TEXT, version TEXT, node TEXT,
  process TEXT NOT NULL,
  started_ns INTEGER NOT NULL,
  alive_ns INTEGER NOT NULL,
  stopped_ns INTEGER
) STRICT;

CREATE TABLE body (
  id INTEGER PRIMARY KEY,
  hash BLOB UNIQUE,
  codec INTEGER NOT NULL,
  dictionary INTEGER,
  plain_bytes INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE exchange (
  id INTEGER PRIMARY KEY,
  recorder INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  started_ns INTEGER NOT NULL,
  request_ended_after_ns INTEGER,
  answer_started_after_ns INTEGER,
  answer_ended_after_ns INTEGER,
  vantage INTEGER NOT NULL,
  protocol INTEGER NOT NULL,
  request_end INTEGER NOT NULL,
  answer_kind INTEGER NOT NULL,
  answer_status INTEGER,
  answer_end INTEGER,
  request_body_kind INTEGER NOT NULL,
  request_body_bytes INTEGER NOT NULL,
  answer_body_kind INTEGER NOT NULL,
  answer_body_bytes INTEGER NOT NULL,
  frames INTEGER NOT NULL,
  method TEXT NOT NULL,
  scheme TEXT NOT NULL,
  authority TEXT NOT NULL,
  path TEXT NOT NULL,
  callee TEXT NOT NULL,
  caller TEXT,
  connection TEXT,
  client TEXT,
  trace_id TEXT,
  parent_span_id TEXT,
  request_id TEXT,
  redacted_request TEXT,
  redacted_answer TEXT,
  request_body INTEGER,
  answer_body INTEGER,
  request_wire_hash BLOB,
  answer_wire_hash BLOB,
  request_headers BLOB NOT NULL,
  request_raw_headers BLOB,
  request_trailers BLOB,
  answer_headers BLOB,
  answer_trailers BLOB
) STRICT;
CREATE INDEX exchange_started ON exchange (started_ns);
CREATE UNIQUE INDEX exchange_part ON exchange (recorder, sequence);
CREATE INDEX exchange_open ON exchange (recorder, sequence) WHERE complete = 0;

CREATE TABLE frame (
  exchange INTEGER NOT NULL,
  number INTEGER NOT NULL,
  direction INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  at_after_ns INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  PRIMARY KEY (exchange, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
  recorder INTEGER NOT NULL,
  minute_ns INTEGER NOT NULL,
  ${ledgerCounts.map((count) => `${columnOf(count)} INTEGER NOT NULL`).join(",\n  ")},
  PRIMARY KEY (recorder, minute_ns)
) STRICT, WITHOUT ROWID;
`;

/** Row ids within a segment are below this; ids of a tape are (number − 1) × this + row. */
export const rowsPerSegment = 100_000_000;

/** `sampledOut` → `sampled_out`. */
export function columnOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What a segment says of itself: table `meta`. */
export interface SegmentMeta {
  /** From 1, within its folder. */
  number: number;
  createdNs: bigint;
  sealedNs?: bigint;
  /** Id of the redaction key. */
  keyId: string;
}

export function readMeta(db: Database): SegmentMeta {
  const value = db.prepare<[string], unknown>("SELECT value FROM meta WHERE key = ?").pluck().safeIntegers(true);
  const number = value.get("number");
  const createdNs = value.get("created_ns");
  const keyId = value.get("key_id");
  const sealedNs = value.get("sealed_ns");
  if (typeof number !== "bigint" || typeof createdNs !== "bigint" || typeof keyId !== "string") {
    throw new RangeError("its table meta lacks number, created_ns or key_id");
  }
  return { number: Number(number), createdNs, keyId, ...(typeof sealedNs === "bigint" ? { sealedNs } : {}) };
}

export function writeMeta(db: Database, key: string, value: bigint | string): void {
  db.prepare("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value").run(
    key,
    value,
  );
}
