import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { tapeErrorFor } from "./trouble.js";

const segmentName = /^segment-(\d{6,})\.db$/;

/** The segments in a folder by number. Names are all that is looked at. */
export function listSegments(folder: string): string[] {
  return numbersIn(folder).map((number) => segmentPath(folder, number));
}

/**
 * Takes the next number by creating its file, empty, which only one of several recorders can: the folder may be shared.
 * Makes the folder when it is missing.
 */
export function takeNextSegment(folder: string): { path: string; number: number } {
  try {
    mkdirSync(folder, { recursive: true });
    for (let number = nextSegmentNumber(folder); ; number++) {
      const path = segmentPath(folder, number);
      if (createNew(path)) return { path, number };
    }
  } catch (thrown) {
    throw tapeErrorFor("begin a segment in", folder, thrown);
  }
}

/** The number after the highest in a folder. */
export function nextSegmentNumber(folder: string): number {
  return (numbersIn(folder).at(-1) ?? 0) + 1;
}

/** Whether the file lacks all rights to write it: `SegmentWriter.seal` takes them. */
export function looksSealed(path: string): boolean {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  return mode !== undefined && (mode & 0o222) === 0;
}

/** Deletes a segment whole, with what SQLite may have left beside it. */
export function removeSegment(path: string): void {
  for (const file of segmentFiles(path)) rmSync(file, { force: true });
}

/** Where a segment is, and what SQLite may keep beside it. */
export function segmentFiles(path: string): string[] {
  return ["", "-wal", "-shm"].map((suffix) => path + suffix);
}

function numbersIn(folder: string): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => Number(segmentName.exec(name)?.[1]))
    .filter((number) => number > 0)
    .sort((a, b) => a - b);
}

/** Where a folder's segment of this number is. */
export function segmentPath(folder: string, number: number): string {
  return join(folder, `segment-${String(number).padStart(6, "0")}.db`);
}

function createNew(path: string): boolean {
  try {
    closeSync(openSync(path, "wx"));
    return true;
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === "EEXIST") return false;
    throw thrown;
  }
}
