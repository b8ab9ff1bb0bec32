import type { RecorderDescription } from "../captured.js";
import { TapeError } from "../errors.js";
import type { Exchange } from "../exchange.js";
import { restoredAsItWas } from "../import/restored.js";
import { rowsPerSegment } from "../sqlite/schema.js";
import { SegmentCopy } from "../sqlite/segment-copy.js";
import { openTape } from "../sqlite/tape-reader.js";
import type { SegmentDescription, TapeReader, TapeStats } from "../store.js";
import { openTapeDraft } from "../tape-draft.js";

/** Which Exchanges of a tape become a tape of their own. */
export interface ExcerptOptions {
  /** Files and folders, read as one tape; they are not changed. */
  paths: readonly string[];
  /** A file where all that is chosen lies in one segment, else a folder; it must not be there yet. */
  out: string;
  /** In any order. */
  ids: readonly number[];
}

type Recorder = TapeStats["recorders"][number];

const idsAtOnce = 256;

/**
 * Writes chosen Exchanges onto a new tape, as they are: they keep their ids, times, hashes and pseudonyms, and the tape its
 * key's id. The recorders they came from are named there; the ledger is not taken over, for it counts what is left out
 * here. One batch is held at a time. Rejects with a TapeError for an id that is not on the tape, for none, and for an
 * `out` that is there; nothing is left there unless all of it is.
 */
export async function excerptTape({ paths, out, ids }: ExcerptOptions): Promise<{ exchanges: number }> {
  if (ids.length === 0) throw new TapeError(`cannot take an excerpt onto "${out}": no Exchange is chosen`);
  const tape = await openTape(paths);
  try {
    const wanted = [...new Set(ids)];
    const bySegment = idsBySegment(wanted);
    const segments = tape.segments.filter(({ number }) => bySegment.has(number));
    const draft = openTapeDraft(out, segments.length, "take an excerpt onto");
    try {
      const { recorders } = await tape.stats();
      let exchanges = 0;
      for (const segment of segments) {
        const copying = new SegmentExcerpt(tape, segment, draft.pathFor(segment), recorders);
        exchanges += await copying.take(bySegment.get(segment.number)!);
      }
      if (exchanges < wanted.length) throw await missing(tape, wanted);
      draft.finish();
      return { exchanges };
    } finally {
      draft.remove();
    }
  } finally {
    await tape.close();
  }
}

/** What is chosen of one segment. */
class SegmentExcerpt {
  readonly #tape: TapeReader;
  readonly #base: number;
  readonly #copy: SegmentCopy;
  readonly #recorders: ReadonlyMap<string, Recorder>;
  readonly #here = new Set<string>();

  constructor(tape: TapeReader, segment: SegmentDescription, path: string, recorders: readonly Recorder[]) {
    const { number, createdNs, sealedNs } = segment;
    this.#tape = tape;
    this.#base = (number - 1) * rowsPerSegment;
    // Nothing is redacted here, so the key's id is all that is needed of it.
    const key = { id: tape.keyId, bytes: new Uint8Array(0) };
    this.#copy = new SegmentCopy({ path, number, createdNs, sealedNs: sealedNs ?? createdNs }, key);
    this.#recorders = new Map(recorders.map((recorder) => [recorder.id.incarnation, recorder]));
  }

  /** Gives how many of them are there. */
  async take(ids: readonly number[]): Promise<number> {
    try {
      let found = 0;
      for (let at = 0; at < ids.length; at += idsAtOnce) found += await this.#batch(ids.slice(at, at + idsAtOnce));
      for (const incarnation of this.#here) this.#describe(this.#recorders.get(incarnation)!);
      this.#copy.finish();
      return found;
    } catch (thrown) {
      this.#copy.abandon();
      throw thrown;
    }
  }

  async #batch(ids: readonly number[]): Promise<number> {
    const exchanges: Exchange[] = [];
    for await (const exchange of this.#tape.read({ ids })) exchanges.push(exchange);
    exchanges.sort((a, b) => a.id - b.id);
    for (const exchange of exchanges) {
      const recorder = this.#recorders.get(exchange.recorder.incarnation)!;
      this.#here.add(recorder.id.incarnation);
      const description = descriptionOf(recorder, exchange.origin);
      this.#copy.add(description, { ...recorder, dead: false }, exchange.id - this.#base, [restoredAsItWas(exchange)]);
    }
    return exchanges.length;
  }

  /** Its life, and no counts: what is not here was left out, not lost. */
  #describe(recorder: Recorder): void {
    const stoppedNs = recorder.stoppedNs ?? recorder.aliveNs;
    this.#copy.describe(descriptionOf(recorder, {}), { ...recorder, stoppedNs, dead: false }, []);
  }
}

function descriptionOf(
  { id, service, upstream, redaction }: Recorder,
  origin: Exchange["origin"],
): RecorderDescription {
  return {
    id,
    origin,
    ...(service === undefined ? {} : { service }),
    ...(upstream === undefined ? {} : { upstream }),
    ...(redaction === undefined ? {} : { redaction }),
    epochNsAtZero: 0n,
  };
}

/** By the number of the segment; ascending. */
function idsBySegment(ids: readonly number[]): Map<number, number[]> {
  const bySegment = new Map<number, number[]>();
  for (const id of [...ids].sort((a, b) => a - b)) {
    const number = Math.floor(id / rowsPerSegment) + 1;
    const known = bySegment.get(number);
    if (known === undefined) bySegment.set(number, [id]);
    else known.push(id);
  }
  return bySegment;
}

async function missing(tape: TapeReader, ids: readonly number[]): Promise<TapeError> {
  const there = new Set<number>();
  for await (const { id } of tape.skim({ ids })) there.add(id);
  const gone = ids.filter((id) => !there.has(id));
  return new TapeError(
    `cannot take an excerpt: ${gone.slice(0, 5).join(", ")}${gone.length > 5 ? " …" : ""} is not on the tape; \`tapeloop tape ls\` lists what is`,
  );
}
