import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { TapeError } from "../errors.js";

/** What kind of file of ours a SQLite file is, as its header says. */
export interface FileKind {
  /** For messages: "tape", "run". */
  name: string;
  /** SQLite's application_id: four letters as a big-endian number. */
  applicationId: number;
  /** SQLite's user_version, counted apart from tapeloop's own. */
  formatVersion: number;
}

/** "tapl" */
export const segmentKind: FileKind = { name: "tape", applicationId: 0x7461706c, formatVersion: 1 };
/** "tplr" */
export const runKind: FileKind = { name: "run", applicationId: 0x74706c72, formatVersion: 1 };

/** What kind of file of ours lies at a path, whatever the state of the rest of it; undefined where there is none. */
export function fileKindAt(path: string): FileKind | undefined {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return undefined;
  const applicationId = applicationIdOf(path);
  return [segmentKind, runKind].find((known) => known.applicationId === applicationId);
}

/** Bytes 68 to 71 of a SQLite file (its format, section 1.3.12). */
function applicationIdOf(path: string): number {
  const header = Buffer.alloc(72);
  const file = openSync(path, "r");
  try {
    readSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
  return header.readInt32BE(68);
}

/** The format version of a file of this kind. Throws a TapeError for a foreign file and for a version newer than known here. */
export function readFormatVersion(db: Database, path: string, kind: FileKind): number {
  const applicationId = Number(db.pragma("application_id", { simple: true }));
  if (applicationId !== kind.applicationId) {
    const other = [segmentKind, runKind].find((known) => known.applicationId === applicationId);
    const seen = other ? `it is a ${other.name} file` : "it is a SQLite file of another program";
    throw new TapeError(`cannot open ${kind.name} "${path}": ${seen}`);
  }
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version > kind.formatVersion) {
    throw new TapeError(
      `cannot open ${kind.name} "${path}": format version ${version}, this tapeloop reads up to ${kind.formatVersion}; open it with a newer tapeloop`,
    );
  }
  return version;
}

/** Stamps a new, still empty database as one of this kind; within the transaction that makes its tables. */
export function stampFormat(db: Database, kind: FileKind): void {
  db.pragma(`application_id = ${kind.applicationId}`);
  db.pragma(`user_version = ${kind.formatVersion}`);
}
