import { chmodSync, linkSync, rmSync, statSync } from "node:fs";
import { segmentKind } from "./format.js";
import { closeWritten, openForWriting } from "./open-database.js";
import { writeMeta } from "./schema.js";
import { nextSegmentNumber, segmentPath } from "./segment-folder.js";
import { tapeErrorFor } from "./trouble.js";

/**
 * Moves a sealed segment, made elsewhere on the same disk, into a folder under a number that is free there, in one step:
 * it is in the folder whole or not at all. `number` is tried first. `renumber`: the number inside the file becomes the
 * same; for a file that nobody has seen yet. Gives the new path.
 */
export function adoptSegment(
  path: string,
  folder: string,
  options: { number?: number; renumber?: boolean } = {},
): string {
  try {
    let number = options.number ?? nextSegmentNumber(folder);
    for (;;) {
      if (options.renumber) writeNumber(path, number);
      const adopted = segmentPath(folder, number);
      if (linkNew(path, adopted)) {
        rmSync(path);
        return adopted;
      }
      number = Math.max(number + 1, nextSegmentNumber(folder));
    }
  } catch (thrown) {
    throw tapeErrorFor("put a segment into", folder, thrown);
  }
}

function writeNumber(path: string, number: number): void {
  const { mode } = statSync(path);
  chmodSync(path, mode | 0o200);
  const db = openForWriting(path, segmentKind, () => {});
  writeMeta(db, "number", BigInt(number));
  closeWritten(db);
  chmodSync(path, mode);
}

function linkNew(path: string, adopted: string): boolean {
  try {
    linkSync(path, adopted);
    return true;
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === "EEXIST") return false;
    throw thrown;
  }
}
