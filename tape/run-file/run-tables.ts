/**
 * Format version 1 of a run file. Answers are as in a segment: codes are indexes into tape/codes.ts, headers and trailers
 * the bytes "name NUL value NUL …". Steps, and Outcomes that are the same as their reference's, come in blocks of many
 * (blocks.ts), which overlap in their Steps where these did not end in order. Times `*_ms` are milliseconds since the run's first due time. `difference` holds
 * Differences as JSON, `paired_hops` the calls below a Step. A change here is a new format version and a step in sqlite/upgrades.ts.
 */
export const runTables = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE step_block (
  id INTEGER PRIMARY KEY,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  texts TEXT NOT NULL,
  numbers BLOB NOT NULL
) STRICT;

CREATE TABLE same_block (
  id INTEGER PRIMARY KEY,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  texts TEXT NOT NULL,
  numbers BLOB NOT NULL
) STRICT;

CREATE TABLE body (
  id INTEGER PRIMARY KEY,
  hash BLOB UNIQUE NOT NULL,
  codec INTEGER NOT NULL,
  dictionary INTEGER,
  plain_bytes INTEGER NOT NULL,
  bytes BLOB NOT NULL
) STRICT;

CREATE TABLE outcome (
  step INTEGER NOT NULL,
  lane TEXT NOT NULL,
  due_ms REAL NOT NULL,
  sent_ms REAL NOT NULL,
  answered_ms REAL NOT NULL,
  answer_kind INTEGER NOT NULL,
  answer_status INTEGER,
  answer_end INTEGER,
  failure_after_ms REAL,
  body_kind INTEGER NOT NULL,
  body_bytes INTEGER NOT NULL,
  body_hash TEXT NOT NULL,
  body INTEGER,
  headers BLOB,
  trailers BLOB,
  PRIMARY KEY (step, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE request (
  step INTEGER PRIMARY KEY,
  given TEXT NOT NULL,
  body_kind INTEGER NOT NULL,
  body_bytes INTEGER NOT NULL,
  body_hash TEXT NOT NULL,
  body INTEGER,
  headers BLOB NOT NULL
) STRICT;

CREATE TABLE difference (
  step INTEGER NOT NULL,
  hop TEXT NOT NULL,
  difference TEXT NOT NULL
) STRICT;
CREATE INDEX difference_step ON difference (step);

CREATE TABLE paired_hops (
  step INTEGER NOT NULL,
  lane TEXT NOT NULL,
  tree TEXT NOT NULL,
  PRIMARY KEY (step, lane)
) STRICT, WITHOUT ROWID;
`;
