import type { Database } from "better-sqlite3";
import { openSqlite } from "./sqlite.js";

/** A database in memory from the bytes of a SQLite file, which are changed. */
export function databaseFrom(bytes: Buffer): Database {
  // Bytes 18 and 19 (SQLite's file format, section 1.3.3) say that it has a write-ahead log; one in memory cannot.
  bytes.set([1, 1], 18);
  return openSqlite(bytes);
}
