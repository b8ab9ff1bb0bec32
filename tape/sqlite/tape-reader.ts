import { realpathSync, statSync } from "node:fs";
import { defined } from "../../base/index.js";
import { TapeError } from "../errors.js";
import type { Exchange, ExchangeHead } from "../exchange.js";
import type { Ledger } from "../ledger.js";
import { ledgerOf } from "../ledger-sums.js";
import type { SegmentDescription, Selection, TapeReader, TapeStats } from "../store.js";
import { mergeEntries, mergeIncarnations, statsOf } from "../tape-figures.js";
import { compareInTapeOrder, type InTapeOrder, TapeMerge } from "../tape-order.js";
import { type TapeWalk, walkOf } from "../tape-walk.js";
import { alikeOf } from "./alike.js";
import type { Shape } from "./block/shape.js";
import type { FoundExchange } from "./found-exchange.js";
import { refuseHeldTwice } from "./held-twice.js";
import { readEntries, readFigures, readIncarnations } from "./read-figures.js";
import { rowsPerSegment } from "./schema.js";
import { listSegments } from "./segment-folder.js";
import { type SegmentQuery, SegmentReader } from "./segment-reader.js";
import { findSuperseded, type Superseded, withoutHidden } from "./superseded.js";
import { countedAsTold, findToldStatuses, type ToldStatuses, withStatus } from "./told-statuses.js";
import { orTapeError } from "./trouble.js";

/**
 * Opens files and folders of segments as one tape, for reading only. A tape that is being written can be read; what is
 * appended to an open segment afterwards is seen by the next `read`, new segments are not. Rejects with a TapeError of
 * one line for what is missing, no tape, newer, damaged, recorded with another redaction key than the rest,
 * or a copy of calls that another of them holds.
 */
export async function openTape(paths: readonly string[]): Promise<TapeReader> {
  const segments: SegmentReader[] = [];
  try {
    for (const path of segmentPaths(paths)) segments.push(new SegmentReader(path));
    refuseMixedKeys(segments);
    refuseHeldTwice(segments);
    giveNumbers(segments);
    return new SqliteTapeReader(segments);
  } catch (thrown) {
    for (const segment of segments) segment.close();
    throw thrown;
  }
}

/** What parts of an Exchange in one segment have to do with those in another. */
type Joined = Superseded & { told: ToldStatuses };

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

  read(which: Selection = {}): TapeWalk<Exchange> {
    return walkOf(() => this.#walk(which, wholeWhere));
  }

  skim(which: Selection = {}): TapeWalk<ExchangeHead> {
    return walkOf(() => this.#walk(which, headWhere));
  }

  async find(id: number): Promise<Exchange | undefined> {
    const joined = this.#joined();
    const found = this.#place(joined.placeOf.get(id) ?? id);
    return found && wholeOf(found, joined);
  }

  async stats(): Promise<TapeStats> {
    this.#refuseClosed();
    const figures = this.#segments.map((segment) => segment.guarded(() => readFigures(segment.db)));
    const joined = this.#joined();
    return statsOf([...figures, withoutHidden(joined), countedAsTold(joined.told, this.#toldHeads(joined))], {
      segments: this.segments,
      incarnations: this.#incarnations(),
      entries: this.#entries(),
    });
  }

  #toldHeads({ told, hidden }: Joined): ExchangeHead[] {
    const ids = [...told.keys()].filter((id) => !hidden.has(id));
    return ids.flatMap((id) => this.#place(id)?.head ?? []);
  }

  async ledger(): Promise<Ledger> {
    this.#refuseClosed();
    return ledgerOf(this.#entries(), this.#incarnations());
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    for (const segment of this.#segments) segment.close();
  }

  /** `undefined` for each that is not selected. */
  *#walk<T>(
    which: Selection,
    readWhere: (which: Selection, found: FoundExchange, joined: Joined) => T | undefined,
  ): Generator<T | undefined> {
    const joined = this.#joined();
    const found = this.#found(which, joined);
    let left = which.limit ?? Number.POSITIVE_INFINITY;
    for (let one = found.next(); one !== undefined && left > 0; one = found.next()) {
      const read = one !== null && isPlaced(one, which, joined) ? readWhere(which, one, joined) : undefined;
      if (read !== undefined) left--;
      yield read;
      this.#refuseClosed();
    }
  }

  /** Those that may be selected, at their places. */
  #found(which: Selection, joined: Joined): InTapeOrder<FoundExchange> {
    if (which.ids !== undefined) {
      const found = this.#byIds(which.ids, joined).values();
      return { next: () => found.next().value };
    }
    const query = queryFor(which);
    const walks = this.#segments.map((segment) => segment.exchanges(query));
    if (walks.length === 1) return walks[0]!;
    const merge = new TapeMerge<FoundExchange>();
    for (const walk of walks) merge.add(walk);
    return merge;
  }

  #byIds(ids: readonly number[], { placeOf }: Joined): FoundExchange[] {
    return [...new Set(ids)]
      .map((id) => this.#place(placeOf.get(id) ?? id))
      .filter((found) => found !== undefined)
      .sort(compareInTapeOrder);
  }

  /** What stands at the place of an id. */
  #place(id: number): FoundExchange | undefined {
    const number = Math.floor(id / rowsPerSegment) + 1;
    return this.#segments.find((segment) => segment.number === number)?.exchange(id % rowsPerSegment);
  }

  #joined(): Joined {
    this.#refuseClosed();
    return { ...findSuperseded(this.#segments), told: findToldStatuses(this.#segments) };
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

function queryFor({ fromNs, toNs, narrow }: Selection): SegmentQuery {
  return defined({
    fromNs: narrow?.fromNs !== undefined && !(fromNs! > narrow.fromNs) ? narrow.fromNs : fromNs,
    toNs: narrow?.toNs !== undefined && !(toNs! < narrow.toNs) ? narrow.toNs : toNs,
    texts: narrow?.texts,
    shape: narrow && ((shape: Shape) => narrow.mayHold(alikeOf(shape))),
  });
}

function isPlaced(found: FoundExchange, { fromNs, toNs, ids, whereId }: Selection, { hidden, idOf }: Joined): boolean {
  if (ids === undefined && hidden.size > 0 && hidden.has(found.id)) return false;
  if (fromNs !== undefined && found.startedNs < fromNs) return false;
  if (toNs !== undefined && found.startedNs >= toNs) return false;
  return whereId === undefined || whereId(idOf.get(found.id) ?? found.id);
}

/** Undefined where the head does not meet its condition. */
function headWhere({ where }: Selection, found: FoundExchange, joined: Joined): ExchangeHead | undefined {
  const head = asKnown(found.head, found.id, joined);
  return where === undefined || where(head) ? head : undefined;
}

/** Undefined where head or whole do not meet their condition. */
function wholeWhere(which: Selection, found: FoundExchange, joined: Joined): Exchange | undefined {
  if (which.where !== undefined && headWhere(which, found, joined) === undefined) return undefined;
  const exchange = wholeOf(found, joined);
  return which.whereWhole === undefined || which.whereWhole(exchange) ? exchange : undefined;
}

function wholeOf(found: FoundExchange, joined: Joined): Exchange {
  return asKnown(found.whole(), found.id, joined);
}

/** Under the id it is known by, with what another segment tells of it. */
function asKnown<T extends ExchangeHead | Exchange>(read: T, place: number, { idOf, told }: Joined): T {
  const known = withStatus(read, told.get(place));
  const id = idOf.get(place);
  return id === undefined ? known : { ...known, id };
}

function segmentPaths(paths: readonly string[]): string[] {
  if (paths.length === 0) throw new TapeError("cannot open a tape: no file or folder was named");
  const found = paths.flatMap((path) => {
    const kind = orTapeError("open tape", path, () => statSync(path, { throwIfNoEntry: false }));
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
  const count = segment.guarded(
    () => segment.db.prepare<[], number>("SELECT coalesce(sum(exchanges), 0) FROM block").pluck().get()!,
  );
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
