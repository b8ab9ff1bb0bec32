import { statSync } from "node:fs";
import { extname } from "node:path";

/** What a tape's path stands for: one segment that is never rolled, or a folder of segments. */
export type TapePlace = { kind: "file"; path: string } | { kind: "folder"; path: string };

/**
 * A folder: what ends in "/", what is one, and what does not exist and has no extension (`tapes/monday`). A file:
 * everything else (`monday.db`).
 */
export function tapePlace(path: string): TapePlace {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found) return { kind: found.isDirectory() ? "folder" : "file", path };
  return { kind: path.endsWith("/") || extname(path) === "" ? "folder" : "file", path };
}
