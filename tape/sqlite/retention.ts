import { statSync } from "node:fs";
import { segmentKind } from "./format.js";
import { openForReading } from "./open-database.js";
import { readMeta } from "./schema.js";
import { listSegments, removeSegment, segmentFiles } from "./segment-folder.js";

/** How much of a folder is kept. */
export interface Retention {
  /** Segments sealed before this go. */
  sealedBeforeNs?: bigint;
  /** The oldest sealed ones go while all segments together, open ones and their logs among them, are larger. */
  mostBytes?: number;
}

/**
 * Deletes sealed segments of a folder whole, whoever wrote them. One that is open is never deleted, its own writer's nor
 * another recorder's: a folder whose open segments alone are too large stays so.
 */
export function removeSurplus(folder: string, { sealedBeforeNs, mostBytes }: Retention): void {
  if (sealedBeforeNs === undefined && mostBytes === undefined) return;
  const segments = listSegments(folder).map((path) => ({ path, sealedNs: sealedAt(path), bytes: bytesOf(path) }));
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  for (const segment of segments) {
    if (segment.sealedNs === undefined) continue;
    const isExpired = sealedBeforeNs !== undefined && segment.sealedNs < sealedBeforeNs;
    if (!isExpired && !(mostBytes !== undefined && bytes > mostBytes)) continue;
    removeSegment(segment.path);
    bytes -= segment.bytes;
  }
}

/** Undefined for one that is open, and for a neighbour's that is being made, was just deleted or is damaged. */
function sealedAt(path: string): bigint | undefined {
  try {
    const db = openForReading(path, segmentKind);
    try {
      return readMeta(db).sealedNs;
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}

function bytesOf(path: string): number {
  return segmentFiles(path).reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}
