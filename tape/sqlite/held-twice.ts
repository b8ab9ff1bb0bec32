import { TapeError } from "../errors.js";
import type { SegmentReader } from "./segment-reader.js";

/** Between which sequences the calls of a recorder in a segment are. */
interface Held {
  segment: SegmentReader;
  least: number;
  greatest: number;
}

/**
 * Refuses segments that hold the same Exchange, known by recorder and sequence: a copy beside what it is of, which would
 * be counted and sent twice. Looked at are the first Exchange of each segment and those segments whose sequences overlap
 * with its own: a copy or an excerpt is seen, at the cost of a query for each segment. Throws a TapeError.
 */
export function refuseHeldTwice(segments: readonly SegmentReader[]): void {
  if (segments.length < 2) return;
  for (const [incarnation, held] of byIncarnation(segments)) {
    held.sort((a, b) => a.least - b.least);
    for (const [at, { segment, least }] of held.entries()) {
      const overlapping = held.slice(0, at).filter(({ greatest }) => greatest >= least);
      const before = overlapping.find((other) => holdsWhole(other.segment, incarnation, least));
      if (before !== undefined && holdsWhole(segment, incarnation, least)) throw heldTwice(segment, before.segment);
    }
  }
}

function heldTwice(segment: SegmentReader, other: SegmentReader): TapeError {
  return new TapeError(
    `cannot open "${segment.path}" with "${other.path}": they hold the same calls of one recorder, which would be counted and sent twice; leave the copy out`,
  );
}

function byIncarnation(segments: readonly SegmentReader[]): Map<string, Held[]> {
  const found = new Map<string, Held[]>();
  for (const segment of segments) {
    for (const { incarnation, ...bounds } of boundsIn(segment)) {
      const held = found.get(incarnation);
      if (held === undefined) found.set(incarnation, [{ segment, ...bounds }]);
      else held.push({ segment, ...bounds });
    }
  }
  return found;
}

interface Bounds {
  incarnation: string;
  least: number;
  greatest: number;
}

/** By an index alone: no block is looked at. */
function boundsIn(segment: SegmentReader): Bounds[] {
  const query = `
    SELECT incarnation, min(least_sequence) AS least, max(greatest_sequence) AS greatest
    FROM block JOIN recorder ON recorder.id = block.recorder GROUP BY recorder.id`;
  return segment.guarded(() => segment.db.prepare<[], Bounds>(query).all());
}

/** A call that was open when its segment was sealed is held again by a later one, whole: the open one does not count. */
function holdsWhole(segment: SegmentReader, incarnation: string, sequence: number): boolean {
  const row = segment.rowOf(incarnation, sequence);
  if (row === undefined) return false;
  const query = "SELECT complete FROM block WHERE id <= ? ORDER BY id DESC LIMIT 1";
  return segment.guarded(() => segment.db.prepare<[number], number>(query).pluck().get(row) === 1);
}
