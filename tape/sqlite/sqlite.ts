import { createRequire } from "node:module";
import type BetterSqlite3 from "better-sqlite3";
import { TapeError } from "../errors.js";

let loaded: typeof BetterSqlite3 | undefined;

/** A database of `better-sqlite3`: a file, or bytes in memory. Throws a TapeError where SQLite cannot be loaded. */
export function openSqlite(from: string | Buffer, options?: BetterSqlite3.Options): BetterSqlite3.Database {
  loaded ??= load(packageFor(Number(process.versions.napi)));
  return new loaded(from, options);
}

/**
 * Which `better-sqlite3` holds on this Node. 13 needs Node-API 10, which came with Node 22.14, and takes down a process
 * without it. 12, compiled there, takes down one of Node 24.19 or newer when a statement is collected (decision 0003).
 */
export function packageFor(nodeApi: number): string {
  return nodeApi >= 10 ? "better-sqlite3" : "better-sqlite3-12";
}

function load(name: string): typeof BetterSqlite3 {
  try {
    const Database = createRequire(import.meta.url)(name) as typeof BetterSqlite3;
    // Its binary is loaded with the first database.
    new Database(":memory:").close();
    return Database;
  } catch (thrown) {
    const [first] = String(thrown).split("\n");
    throw new TapeError(
      `cannot load SQLite (${name}) on Node ${process.versions.node}: ${first}; install Python 3 and a C++ compiler and run "npm rebuild ${name}", or take Node 22.14 or newer, which needs neither`,
    );
  }
}
