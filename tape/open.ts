import type { Clock } from "../base/index.js";
import type { RecorderDescription } from "./captured.js";
import type { RedactionKey } from "./redaction/index.js";
import { openSqliteWriter } from "./sqlite/tape-writer.js";
import type { TapeWriter } from "./store.js";
import { tapePlace } from "./tape-path.js";
import { type KeepTexts, parseKeepRules } from "./where/index.js";

export { openTape } from "./sqlite/tape-reader.js";

/** How a recorder opens its tape for writing. */
export interface TapeWriterOptions {
  /**
   * One segment (`monday.db`), or a folder of segments: a path that ends in `/`, that is a folder, or that does not exist
   * and has no extension.
   */
  path: string;
  recorder: RecorderDescription;
  /** Where the times of the parts are not those of this process (an import): its own, by which segments are begun and sealed. */
  clock?: Pick<Clock, "epochNsAtZero">;
  /** Recorders that share a tape share it. */
  key: RedactionKey;
  /** A folder's segment is sealed and the next one begun beyond this size. Default 256 MiB. */
  segmentBytes?: number;
  /** … or beyond this age. Default one hour. */
  segmentAgeMs?: number;
  /** Sealed segments of the folder that are older than this are deleted whole. Default: kept. */
  retentionMs?: number;
  /** The oldest sealed segments of the folder are deleted whole while all its segments together are larger. Default: kept. */
  mostBytes?: number;
  /** Ended calls that these leave out are not stored; decided on the writing thread, bodies and all. Default: all are. */
  keep?: KeepTexts;
}

const defaultSegmentBytes = 256 * 1024 * 1024;
const defaultSegmentAgeMs = 3_600_000;

/**
 * Opens a tape for one recorder incarnation. Several recorders may have the same folder or file open. A segment of a
 * folder is sealed when it is full, too old or closed; a file never is, so that a later recorder can append to it.
 * Rejects with a TapeError for a path that cannot be written, is no tape, or was recorded with another key.
 */
export function openTapeWriter(options: TapeWriterOptions): Promise<TapeWriter> {
  const { path, recorder, key, retentionMs, mostBytes, keep } = options;
  if (keep !== undefined) parseKeepRules(keep, recorder); // refused here, not by a thread that dies of it
  return openSqliteWriter({
    place: tapePlace(path),
    recorder,
    key,
    ...(options.clock === undefined ? {} : { clock: { epochNsAtZero: options.clock.epochNsAtZero } }),
    segmentBytes: options.segmentBytes ?? defaultSegmentBytes,
    segmentAgeMs: options.segmentAgeMs ?? defaultSegmentAgeMs,
    ...(retentionMs === undefined ? {} : { retentionMs }),
    ...(mostBytes === undefined ? {} : { mostBytes }),
    ...(keep === undefined ? {} : { keep }),
  });
}
