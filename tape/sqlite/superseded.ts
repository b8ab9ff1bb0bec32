import type { ExchangeHead } from "../exchange.js";
import { isTruncated } from "../sighting/is-truncated.js";
import type { SegmentFigures } from "../tape-figures.js";
import type { SegmentReader } from "./segment-reader.js";

/**
 * Exchanges that two segments hold: a call was open when its segment was sealed, and its answer came into a later one,
 * as the whole call. The later one counts, under the id of the first.
 */
export interface Superseded {
  /** Ids that are not shown, with the heads that stand there. */
  hidden: ReadonlyMap<number, ExchangeHead>;
  /** From the id where the whole call stands to the one that it is known by. */
  idOf: ReadonlyMap<number, number>;
  /** The other way round. */
  placeOf: ReadonlyMap<number, number>;
}

const nothing: Superseded = { hidden: new Map(), idOf: new Map(), placeOf: new Map() };

/** Looks up the calls that are open in a segment in those with a higher number. There are few: an index holds only them. */
export function findSuperseded(segments: readonly SegmentReader[]): Superseded {
  if (segments.length < 2) return nothing;
  const found = {
    hidden: new Map<number, ExchangeHead>(),
    idOf: new Map<number, number>(),
    placeOf: new Map<number, number>(),
  };
  for (const [index, segment] of segments.entries()) {
    for (const open of openRows(segment)) {
      const place = placeIn(segments.slice(index + 1), open);
      if (place === undefined) continue;
      const { head } = segment.exchange(open.row)!;
      found.hidden.set(head.id, head);
      found.idOf.set(place, head.id);
      found.placeOf.set(head.id, place);
    }
  }
  return found;
}

/** Takes the hidden ones out of the sums. */
export function withoutHidden({ hidden }: Superseded): SegmentFigures {
  const exchangesBy = new Map<string, number>();
  for (const { recorder } of hidden.values()) {
    exchangesBy.set(recorder.incarnation, (exchangesBy.get(recorder.incarnation) ?? 0) - 1);
  }
  const tallies = [...hidden.values()].map((head) => ({
    vantage: head.vantage,
    answer: head.answer.kind,
    exchanges: -1,
    truncated: isTruncated(head) ? -1 : 0,
    bodyBytes: -head.request.bodyBytes,
  }));
  return { tallies, exchangesBy, bodies: { stored: 0, bytesStored: 0 } };
}

interface OpenRow {
  row: number;
  incarnation: string;
  sequence: number;
}

function openRows(segment: SegmentReader): OpenRow[] {
  const query = `
    SELECT block.id AS row, incarnation, least_sequence AS sequence
    FROM block JOIN recorder ON recorder.id = block.recorder WHERE complete = 0`;
  return segment.guarded(() => segment.db.prepare<[], OpenRow>(query).all());
}

function placeIn(segments: readonly SegmentReader[], open: OpenRow): number | undefined {
  for (const segment of segments) {
    const row = segment.rowOf(open.incarnation, open.sequence);
    if (row !== undefined) return segment.idBase + row;
  }
  return undefined;
}
