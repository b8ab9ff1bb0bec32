import { existsSync, readFileSync, statSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { TapeError } from "../errors.js";
import { type FileKind, readFormatVersion, stampFormat } from "./format.js";
import { databaseFrom } from "./memory-copy.js";
import { openSqlite } from "./sqlite.js";
import { orTapeError, tapeErrorFor } from "./trouble.js";
import { upgradedForReading } from "./upgrades.js";

/** How long a lock held by another process is waited for. */
export const busyTimeoutMs = 5000;
// Readers of a long tape hold many segments open, and a writer appends: SQLite's default of 16 MB of pages for each would only
// be filled.
const cacheKib = 2000;
const largestInMemory = 2 ** 30;

/**
 * Opens a file of this kind for reading, without ever changing it. A file of an older format version is read into
 * memory and upgraded there. Throws a TapeError when it is missing, foreign, newer or damaged.
 */
export function openForReading(path: string, kind: FileKind): Database {
  refuseMissing(path, kind);
  const db = orTapeError(`open ${kind.name}`, path, () => openReadOnly(path));
  try {
    const version = readFormatVersion(db, path, kind);
    db.pragma(`cache_size = -${cacheKib}`);
    return upgradedForReading(db, path, kind, version);
  } catch (thrown) {
    db.close();
    throw tapeErrorFor(`open ${kind.name}`, path, thrown);
  }
}

/**
 * Opens a file of this kind for appending, makes it with `tables` when it is new or empty. Several processes may do so at
 * once. Throws a TapeError for what is no such file, or is of another format version: nothing is upgraded in place.
 */
export function openForWriting(path: string, kind: FileKind, create: (db: Database) => void): Database {
  const db = orTapeError(`write ${kind.name}`, path, () => openSqlite(path, { timeout: busyTimeoutMs }));
  try {
    // Has an effect on a database without a page only, so it comes before anything is written.
    if (!hasTables(db)) db.pragma("auto_vacuum = INCREMENTAL");
    createIfEmpty(db, kind, create);
    const version = readFormatVersion(db, path, kind);
    if (version < kind.formatVersion) {
      throw new TapeError(
        `cannot write ${kind.name} "${path}": format version ${version} is read only by this tapeloop; choose another file`,
      );
    }
    beginWriteAheadLog(db);
    return db;
  } catch (thrown) {
    db.close();
    throw tapeErrorFor(`write ${kind.name}`, path, thrown);
  }
}

/**
 * Closes a file that was written: all of it moves into the one file, so that it can be copied alone and read on a
 * read-only disk. Where others have it open, that is left to the last of them.
 */
export function closeWritten(db: Database): void {
  try {
    db.pragma("wal_checkpoint(TRUNCATE)");
    db.pragma("busy_timeout = 0");
    db.pragma("journal_mode = DELETE");
  } catch (thrown) {
    if (!String((thrown as { code?: unknown }).code).startsWith("SQLITE_BUSY")) throw thrown;
  } finally {
    db.close();
  }
}

function refuseMissing(path: string, kind: FileKind): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new TapeError(`cannot open ${kind.name} "${path}": no such file`);
  if (!found.isFile()) throw new TapeError(`cannot open ${kind.name} "${path}": it is not a file`);
  if (found.size === 0) throw new TapeError(`cannot open ${kind.name} "${path}": the file is empty`);
}

/**
 * In a folder that cannot be written to, SQLite cannot make the shared memory that a file in WAL mode is read with. When no
 * log is left beside it, all of it is in the one file, which is then read into memory.
 */
function openReadOnly(path: string): Database {
  try {
    return openAndTouch(path);
  } catch (thrown) {
    const code = String((thrown as { code?: unknown }).code);
    const refused = code.startsWith("SQLITE_CANTOPEN") || code.startsWith("SQLITE_READONLY");
    if (!refused || existsSync(`${path}-wal`) || statSync(path).size > largestInMemory) throw thrown;
    return databaseFrom(readFileSync(path));
  }
}

function openAndTouch(name: string): Database {
  const db = openSqlite(name, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
  try {
    db.pragma("schema_version");
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

function createIfEmpty(db: Database, kind: FileKind, create: (db: Database) => void): void {
  if (hasTables(db)) return;
  db.transaction(() => {
    // Another process may have been faster between the look and the lock.
    if (hasTables(db)) return;
    stampFormat(db, kind);
    create(db);
  }).immediate();
}

function hasTables(db: Database): boolean {
  return db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() !== 0;
}

function beginWriteAheadLog(db: Database): void {
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = NORMAL");
  db.pragma(`cache_size = -${cacheKib}`);
  // Pages: 16 MB between checkpoints, and no WAL left larger than that.
  db.pragma("wal_autocheckpoint = 4000");
  db.pragma(`journal_size_limit = ${4000 * 4096}`);
}
