import { realpathSync, statSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { TapeError } from "../errors.js";
import type { Exchange, ExchangeHead } from "../exchange.js";
import type { Ledger } from "../ledger.js";
import { gapsBetween } from "../ledger-sums.js";
import type { SegmentDescription, Selection, TapeReader, TapeStats } from "../store.js";
import { mergeEntries, mergeIncarnations, statsOf } from "../tape-figures.js";
import { compareInTapeOrder, mergeInTapeOrder } from "../tape-order.js";
import { readEntries, readFigures, readIncarnations } from "./read-figures.js";
import { rowsPerSegment } from "./schema.js";
import { listSegments } from "./segment-folder.js";
import { type FoundRest, SegmentReader } from "./segment-reader.js";
import { findSuperseded, type Superseded, withoutHidden } from "./superseded.js";

// After so many Exchanges other work of the process gets its turn: SQLite is read on the calling thread.
const exchangesPerTurn = 256;

/**
 * Opens files and folders of segments as one tape, for reading only. A tape that is being written can be read; what is
 * appended to an open segment afterwards is seen by the next `read`, new segments are not. Rejects with a TapeError of
 * one line for what is missing, no tape, newer, damaged, or recorded with another redaction key than the rest.
 */
export async function openTape(paths: readonly string[]): Promise<TapeReader> {
  const segments: SegmentReader[] = [];
  try {
    for (const path of segmentPaths(paths)) segments.push(new SegmentReader(path));
    refuseMixedKeys(segments);
    giveNumbers(segments);
    return new SqliteTapeReader(segments);
  } catch (thrown) {
    for (const segment of segments) segment.close();
    throw thrown;
  }
}

class SqliteTapeReader implements TapeReader {
  readonly keyId: string;
  readonly #segments: readonly SegmentReader[];
  #isOpen = true;

  constructor(segments: readonly SegmentReader[]) {
    this.#segments = segments;
    this.keyId = segments[0]!.meta.keyId;
  }

  get segments(): readonly SegmentDescription[] {
    this.#refuseClosed();
    return this.#segments.map(describe);
  }

  async *read(which: Selection = {}): AsyncGenerator<Exchange> {
    let left = which.limit ?? Number.POSITIVE_INFINITY;
    let turn = 0;
    const superseded = this.#superseded();
    for (const heads of inBatches(this.#heads(which, superseded), Math.min(left, exchangesPerTurn))) {
      for (const exchange of this.#wholes(heads, superseded)) {
        if (left <= 0) return;
        this.#refuseClosed();
        if (which.whereWhole && !which.whereWhole(exchange)) continue;
        left--;
        yield exchange;
      }
      turn += heads.length;
      if (turn < exchangesPerTurn) continue;
      turn = 0;
      await setImmediate();
    }
  }

  async *skim(which: Selection = {}): AsyncGenerator<ExchangeHead> {
    let left = which.limit ?? Number.POSITIVE_INFINITY;
    let turn = 0;
    for (const head of this.#heads(which, this.#superseded())) {
      if (left-- <= 0) return;
      if (++turn % exchangesPerTurn === 0) await setImmediate();
      yield head;
    }
  }

  async find(id: number): Promise<Exchange | undefined> {
    const superseded = this.#superseded();
    const head = this.#headById(id, superseded);
    return head && this.#whole(head, superseded);
  }

  async stats(): Promise<TapeStats> {
    this.#refuseClosed();
    const figures = this.#segments.map((segment) => segment.guarded(() => readFigures(segment.db)));
    return statsOf([...figures, withoutHidden(this.#superseded())], {
      segments: this.segments,
      incarnations: this.#incarnations(),
      entries: this.#entries(),
    });
  }

  async ledger(): Promise<Ledger> {
    this.#refuseClosed();
    return { entries: this.#entries(), gaps: gapsBetween(this.#incarnations()) };
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    for (const segment of this.#segments) segment.close();
  }

  /** Those that meet all conditions on the head, in tape order. */
  *#heads(which: Selection, superseded: Superseded): Generator<ExchangeHead> {
    for (const found of which.ids ? this.#byIds(which.ids, superseded) : this.#byTime(which, superseded)) {
      this.#refuseClosed();
      if (which.fromNs !== undefined && found.startedNs < which.fromNs) continue;
      if (which.toNs !== undefined && found.startedNs >= which.toNs) continue;
      if (!which.where || which.where(found)) yield found;
    }
  }

  *#byTime(which: Selection, { hidden, idOf }: Superseded): Generator<ExchangeHead> {
    for (const head of mergeInTapeOrder(this.#segments.map((segment) => segment.heads(which)))) {
      if (!hidden.has(head.id)) yield knownAs(idOf.get(head.id), head);
    }
  }

  #byIds(ids: readonly number[], superseded: Superseded): ExchangeHead[] {
    return [...new Set(ids)]
      .map((id) => this.#headById(id, superseded))
      .filter((head) => head !== undefined)
      .sort(compareInTapeOrder);
  }

  #headById(id: number, { placeOf, idOf }: Superseded): ExchangeHead | undefined {
    const { segment, row } = this.#place(placeOf.get(id) ?? id);
    const head = segment?.head(row);
    return head && knownAs(idOf.get(head.id), head);
  }

  #whole(head: ExchangeHead, { placeOf }: Superseded): Exchange | undefined {
    const { segment, row } = this.#place(placeOf.get(head.id) ?? head.id);
    return segment?.whole(head, row);
  }

  /** Of several heads; those that have gone meanwhile are left out. Rows are read at once, bodies decoded one by one. */
  *#wholes(heads: readonly ExchangeHead[], { placeOf }: Superseded): Generator<Exchange> {
    const places = heads.map((head) => this.#place(placeOf.get(head.id) ?? head.id));
    const rests = new Map<SegmentReader, Iterator<FoundRest | undefined>>();
    for (const segment of new Set(places.map((place) => place.segment))) {
      if (!segment) continue;
      const rows = places.filter((place) => place.segment === segment).map(({ row }) => row);
      rests.set(segment, segment.rests(rows)[Symbol.iterator]());
    }
    for (const [at, { segment, row }] of places.entries()) {
      const head = heads[at]!;
      const rest = segment && (rests.get(segment)!.next().value as FoundRest | undefined);
      const exchange = rest && (mayBeCompleted(head) ? segment.whole(head, row) : segment.whole(head, row, rest));
      if (exchange) yield exchange;
    }
  }

  #place(id: number): { segment: SegmentReader | undefined; row: number } {
    const number = Math.floor(id / rowsPerSegment) + 1;
    return { segment: this.#segments.find((segment) => segment.number === number), row: id % rowsPerSegment };
  }

  #superseded(): Superseded {
    this.#refuseClosed();
    return findSuperseded(this.#segments);
  }

  #incarnations() {
    return mergeIncarnations(this.#segments.flatMap((segment) => segment.guarded(() => readIncarnations(segment.db))));
  }

  #entries() {
    return mergeEntries(this.#segments.flatMap((segment) => segment.guarded(() => readEntries(segment.db))));
  }

  #refuseClosed(): void {
    if (!this.#isOpen) throw new TapeError("cannot read the tape: it is closed");
  }
}

/** A call that was still going on may have been completed since its batch was read, so it is looked at again. */
function mayBeCompleted({ request, answer, vantage }: ExchangeHead): boolean {
  if (request.end === "open") return true;
  return answer.kind === "unknown" ? vantage !== "mirror" : answer.kind === "response" && answer.end === "open";
}

/** Batches end early where their bodies are large, so that what is held stays small. */
const bodyBytesPerBatch = 4 * 1024 * 1024;

function* inBatches(heads: Iterable<ExchangeHead>, most: number): Generator<ExchangeHead[]> {
  let batch: ExchangeHead[] = [];
  let bodyBytes = 0;
  for (const head of heads) {
    batch.push(head);
    bodyBytes += head.request.bodyBytes + (head.answer.kind === "response" ? head.answer.bodyBytes : 0);
    if (batch.length < most && bodyBytes < bodyBytesPerBatch) continue;
    yield batch;
    batch = [];
    bodyBytes = 0;
  }
  if (batch.length > 0) yield batch;
}

function knownAs(id: number | undefined, head: ExchangeHead): ExchangeHead {
  return id === undefined ? head : { ...head, id };
}

function segmentPaths(paths: readonly string[]): string[] {
  if (paths.length === 0) throw new TapeError("cannot open a tape: no file or folder was named");
  const found = paths.flatMap((path) => {
    const kind = statSync(path, { throwIfNoEntry: false });
    if (!kind) throw new TapeError(`cannot open tape "${path}": no such file or folder`);
    return kind.isDirectory() ? segmentsOf(path) : [path];
  });
  // A file named twice, or beside its folder, is one segment.
  return [...new Map(found.map((path) => [realpathSync(path), path])).values()];
}

/** What another recorder is just making is still empty and holds nothing yet. */
function segmentsOf(folder: string): string[] {
  const found = listSegments(folder).filter((path) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0);
  if (found.length === 0) throw new TapeError(`cannot open tape "${folder}": the folder holds no segment-NNNNNN.db`);
  return found;
}

function refuseMixedKeys(segments: readonly SegmentReader[]): void {
  const first = segments[0]!;
  const other = segments.find(({ meta }) => meta.keyId !== first.meta.keyId);
  if (!other) return;
  throw new TapeError(
    `cannot open "${other.path}" with "${first.path}": redaction keys ${other.meta.keyId} and ${first.meta.keyId} differ, so equal secrets would not be equal; open them apart`,
  );
}

/** The oldest of those with one number keeps it; the others take the next that is free. */
function giveNumbers(segments: SegmentReader[]): void {
  const taken = new Set<number>();
  const byAge = [...segments].sort(
    (a, b) => Number(a.meta.createdNs - b.meta.createdNs) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  );
  const late = byAge.filter(({ meta }) => taken.size === taken.add(meta.number).size);
  for (const segment of late) {
    let number = segment.meta.number;
    while (taken.has(number)) number++;
    taken.add(number);
    segment.renumber(number);
  }
  segments.sort((a, b) => a.number - b.number);
}

function describe(segment: SegmentReader): SegmentDescription {
  const { createdNs, sealedNs } = segment.meta;
  const count = segment.guarded(() => segment.db.prepare<[], number>("SELECT count(*) FROM exchange").pluck().get()!);
  return {
    path: segment.path,
    number: segment.number,
    formatVersion: Number(segment.db.pragma("user_version", { simple: true })),
    createdNs,
    ...(sealedNs === undefined ? {} : { sealedNs }),
    exchanges: count,
    bytes: segment.bytes,
  };
}
