import { chmodSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { Database } from "better-sqlite3";
import { segmentKind } from "./format.js";
import { closeWritten, openForReading, openForWriting } from "./open-database.js";
import { isRunning } from "./process-id.js";
import { readMeta, writeMeta } from "./schema.js";
import { listSegments, looksSealed } from "./segment-folder.js";

/**
 * The segment of a folder that this incarnation was writing when its thread died, to go on with. Segments left open by
 * processes that are gone are sealed on the way, so that they can be deleted by age one day: processes of this host that do
 * not run, and those of other hosts that gave no sign of life for a whole day, which a recorder gives each second.
 */
export function findOwnSegment(
  folder: string,
  incarnation: string,
  nowNs: bigint,
): { path: string; number: number } | undefined {
  for (const path of listSegments(folder)) {
    if (looksSealed(path)) continue;
    const writers = orNothing(() => reading(path, openWriters)) ?? [];
    if (writers.some((writer) => writer.incarnation === incarnation)) return { path, number: numberOf(path) };
    if (writers.length > 0 && writers.every((writer) => isGone(writer, nowNs))) {
      orNothing(() =>
        sealSegment(
          openForWriting(path, segmentKind, () => {}),
          path,
          nowNs,
        ),
      );
    }
  }
  return undefined;
}

const dayNs = 86_400_000_000_000n;

function isGone({ process, alive_ns }: WriterRow, nowNs: bigint): boolean {
  return isRunning(process) === false || (isRunning(process) === undefined && alive_ns < nowNs - dayNs);
}

/** Closes a segment for good: says so in it, moves all into the one file, and takes the rights to write it. */
export function sealSegment(db: Database, path: string, sealedNs: bigint): void {
  writeMeta(db, "sealed_ns", sealedNs);
  closeWritten(db);
  chmodSync(path, statSync(path).mode & ~0o222);
}

interface WriterRow {
  incarnation: string;
  process: string;
  alive_ns: bigint;
}

/** Who writes an unsealed segment; nobody writes a sealed one. */
function openWriters(db: Database): WriterRow[] {
  if (readMeta(db).sealedNs !== undefined) return [];
  return db.prepare<[], WriterRow>("SELECT incarnation, process, alive_ns FROM recorder").safeIntegers().all();
}

function reading<T>(path: string, look: (db: Database) => T): T {
  const db = openForReading(path, segmentKind);
  try {
    return look(db);
  } finally {
    db.close();
  }
}

/** A neighbour's segment that is being made, was just deleted or is damaged is left alone: it must not stop this recorder. */
function orNothing<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function numberOf(path: string): number {
  return Number(/\d+/.exec(basename(path))![0]);
}
