import { SegmentReader } from "./segment-reader.js";

/** What is on a tape already, by the recorder that saw it and its number there: that is what an Exchange is known by. */
export interface AlreadyHere {
  has(incarnation: string, sequence: number): boolean;
  close(): void;
}

/** Opens segments to be asked what they hold. Throws a TapeError for what is no segment. */
export function openAlreadyHere(paths: readonly string[]): AlreadyHere {
  const segments: SegmentReader[] = [];
  const close = () => {
    for (const segment of segments) segment.close();
  };
  try {
    for (const path of paths) segments.push(new SegmentReader(path));
  } catch (thrown) {
    close();
    throw thrown;
  }
  const ofIncarnation = new Map<string, readonly SegmentReader[]>();
  return {
    has(incarnation, sequence) {
      let those = ofIncarnation.get(incarnation);
      if (those === undefined) {
        those = segments.filter((segment) => knows(segment, incarnation));
        ofIncarnation.set(incarnation, those);
      }
      return those.some((segment) => segment.rowOf(incarnation, sequence) !== undefined);
    },
    close,
  };
}

function knows(segment: SegmentReader, incarnation: string): boolean {
  const query = "SELECT 1 FROM recorder WHERE incarnation = ?";
  return segment.guarded(() => segment.db.prepare<[string], number>(query).pluck().get(incarnation) === 1);
}
