import { reasonOf } from "../../base/index.js";
import { TapeError } from "../errors.js";

/**
 * What SQLite or the file system threw, as one line for the operator: what was being done, to which file, what was seen
 * and, where it is known, what to try. TapeErrors pass as they are.
 */
export function tapeErrorFor(doing: string, path: string, thrown: unknown): TapeError {
  if (thrown instanceof TapeError) return thrown;
  return new TapeError(`cannot ${doing} "${path}": ${seenIn(thrown)}`, { cause: thrown });
}

/** Runs `work`; what it throws becomes a TapeError. */
export function orTapeError<T>(doing: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw tapeErrorFor(doing, path, thrown);
  }
}

function seenIn(thrown: unknown): string {
  const code = codeOf(thrown);
  if (code.startsWith("SQLITE_CORRUPT")) return "the file is damaged (SQLite finds its pages malformed)";
  if (code === "SQLITE_NOTADB") return "it is not a SQLite file, or its beginning is damaged";
  if (code.startsWith("SQLITE_BUSY")) return "another process holds its lock; try again when that has ended";
  if (code === "SQLITE_FULL") return "the disk is full";
  if (code.startsWith("SQLITE_CANTOPEN"))
    return "it cannot be opened; its folder must be there and, unless the tape was closed, writable";
  if (code.startsWith("SQLITE_READONLY")) return "the file or its folder cannot be written to";
  if (code.startsWith("SQLITE_IOERR")) return `the disk refused (${code}); look for a full or failing disk`;
  if (thrown instanceof RangeError || code === "Z_DATA_ERROR" || code === "Z_BUF_ERROR") {
    return `the file is damaged (${reasonOf(thrown)})`;
  }
  return reasonOf(thrown);
}

function codeOf(thrown: unknown): string {
  const code = (thrown as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "";
}
