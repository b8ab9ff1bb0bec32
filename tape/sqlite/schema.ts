import type { Database } from "better-sqlite3";
import { ledgerCounts } from "../ledger.js";

/**
 * Format version 1 of a segment. Codes (`vantage`, `protocol`, `*_end`, `*_kind`) are indexes into the lists of
 * tape/codes.ts and tape/exchange.ts. Times `*_ns` are nanoseconds since the epoch, `*_after_ns` nanoseconds after the
 * start of the Exchange. A change here is a new format version and a step in upgrades.ts.
 *
 * - `block`: Exchanges packed together (block/record-flags.ts says how); the row of its first one is its id, the others
 *   follow. Incomplete is a block of one call whose answer is still to come; it is replaced when that has come. All others
 *   are never changed.
 * - `shape`: what many Exchanges have in common; `shape_block`: which blocks hold Exchanges of a shape, the index that
 *   selections are answered from.
 * - `body_shelf`: bodies packed together (block/body-shelf.ts); equal ones are stored once. One that is not shared belongs
 *   to an incomplete block.
 * - `dictionary`: what short runs of bytes are packed with.
 * - `frames`: of the few Exchanges that have any (block/frames.ts).
 * - `status`: what an access log told of Exchanges that ended without an answer; `here` unless their Exchange is not in
 *   this segment, or still open. `proxy` is a ProxyReport as JSON.
 * - `lost`: stretches whose Exchanges were in a file that was removed while the recorder wrote to it.
 */
export const segmentTables = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

CREATE TABLE recorder (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  incarnation TEXT NOT NULL UNIQUE,
  service TEXT, upstream TEXT, cluster TEXT, namespace TEXT, workload TEXT, version TEXT, node TEXT,
  process TEXT NOT NULL,
  redaction TEXT,
  started_ns INTEGER NOT NULL,
  alive_ns INTEGER NOT NULL,
  stopped_ns INTEGER
) STRICT;

CREATE TABLE shape (
  id INTEGER PRIMARY KEY,
  vantage INTEGER NOT NULL,
  protocol INTEGER NOT NULL,
  request_end INTEGER NOT NULL,
  request_body_kind INTEGER NOT NULL,
  answer_kind INTEGER NOT NULL,
  answer_status INTEGER,
  answer_end INTEGER,
  answer_body_kind INTEGER NOT NULL,
  method TEXT, scheme TEXT, authority TEXT, callee TEXT, caller TEXT,
  path_start TEXT
) STRICT;

CREATE TABLE dictionary (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

CREATE TABLE body_shelf (
  id INTEGER PRIMARY KEY,
  shared INTEGER NOT NULL,
  bodies INTEGER NOT NULL,
  codec INTEGER NOT NULL,
  dictionary INTEGER,
  plain_bytes INTEGER NOT NULL,
  directory BLOB NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE block (
  id INTEGER PRIMARY KEY,
  recorder INTEGER NOT NULL,
  exchanges INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  first_ns INTEGER NOT NULL,
  last_ns INTEGER NOT NULL,
  base_ns INTEGER NOT NULL,
  base_sequence INTEGER NOT NULL,
  least_sequence INTEGER NOT NULL,
  greatest_sequence INTEGER NOT NULL,
  own_shelf INTEGER,
  codec INTEGER NOT NULL,
  dictionary INTEGER,
  plain_bytes INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
CREATE INDEX block_started ON block (first_ns, last_ns, recorder, exchanges);
CREATE INDEX block_sequences ON block (recorder, least_sequence, greatest_sequence);
CREATE INDEX block_open ON block (recorder, least_sequence) WHERE complete = 0;

CREATE TABLE shape_block (
  shape INTEGER NOT NULL,
  block INTEGER NOT NULL,
  exchanges INTEGER NOT NULL,
  body_bytes INTEGER NOT NULL,
  PRIMARY KEY (shape, block)
) STRICT, WITHOUT ROWID;

CREATE TABLE frames (exchange INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;

CREATE TABLE status (
  recorder INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  vantage INTEGER NOT NULL,
  here INTEGER NOT NULL,
  answer_kind INTEGER NOT NULL,
  answer_status INTEGER,
  answer_end INTEGER,
  answer_started_after_ns INTEGER,
  answer_ended_after_ns INTEGER,
  proxy TEXT,
  PRIMARY KEY (recorder, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX status_elsewhere ON status (recorder, sequence) WHERE here = 0;

CREATE TABLE ledger (
  recorder INTEGER NOT NULL,
  minute_ns INTEGER NOT NULL,
  ${ledgerCounts.map((count) => `${columnOf(count)} INTEGER NOT NULL`).join(",\n  ")},
  PRIMARY KEY (recorder, minute_ns)
) STRICT, WITHOUT ROWID;

CREATE TABLE lost (
  recorder INTEGER NOT NULL,
  from_ns INTEGER NOT NULL,
  to_ns INTEGER NOT NULL,
  exchanges INTEGER NOT NULL,
  PRIMARY KEY (recorder, from_ns)
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

/** What tells a segment from every other one. */
export function readIdentity(db: Database): string {
  const identity = db.prepare<[], unknown>("SELECT value FROM meta WHERE key = 'identity'").pluck().get();
  if (typeof identity !== "string") throw new RangeError("its table meta lacks identity");
  return identity;
}

export function writeMeta(db: Database, key: string, value: bigint | string): void {
  db.prepare("INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value").run(
    key,
    value,
  );
}
