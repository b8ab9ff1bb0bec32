import { realpathSync, statSync } from "node:fs";
import { defined } from "../../base/index.js";
import { TapeError } from "../errors.js";
import type { Exchange, ExchangeHead } from "../exchange.js";
import type { Ledger } from "../ledger.js";
import { ledgerOf } from "../ledger-sums.js";
import type { SegmentDescription, Selection, TapeReader, TapeStats } from "../store.js";
import { mergeEntries, mergeIncarnations, statsOf } from "../tape-figures.js";
import { compareInTapeOrder, mergeInTapeOrder } from "../tape-order.js";
import { type TapeWalk, walkOf } from "../tape-walk.js";
import { alikeOf } from "./alike.js";
import type { Shape } from "./block/shape.js";
import type { FoundExchange } from "./found-exchange.js";
import { readEntries, readFigures, readIncarnations } from "./read-figures.js";
import { rowsPerSegment } from "./schema.js";
import { listSegments } from "./segment-folder.js";
import { type SegmentQuery, SegmentReader } from "./segment-reader.js";
import { findSuperseded, type Superseded, withoutHidden } from "./superseded.js";
import { countedAsTold, findToldStatuses, type ToldStatus, type ToldStatuses, withStatus } from "./told-statuses.js";

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
    return walkOf(() => this.#read(which));
  }

  skim(which: Selection = {}): TapeWalk<ExchangeHead> {
    return walkOf(() => this.#skim(which));
  }

  async find(id: number): Promise<Exchange | undefined> {
    const chosen = this.#byId(id, this.#joined());
    return chosen && wholeOf(chosen);
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

  *#read(which: Selection): Generator<Exchange | undefined> {
    let left = which.limit ?? Number.POSITIVE_INFINITY;
    for (const chosen of this.#chosen(which, this.#joined())) {
      if (left <= 0) return;
      this.#refuseClosed();
      const exchange = wholeOf(chosen);
      if (which.whereWhole && !which.whereWhole(exchange)) {
        yield undefined;
        continue;
      }
      left--;
      yield exchange;
    }
  }

  *#skim(which: Selection): Generator<ExchangeHead> {
    let left = which.limit ?? Number.POSITIVE_INFINITY;
    for (const { head } of this.#chosen(which, this.#joined())) {
      if (left-- <= 0) return;
      yield head;
    }
  }

  /** Those that meet all conditions on the head, in tape order. */
  *#chosen(which: Selection, joined: Joined): Generator<Chosen> {
    for (const found of which.ids ? this.#byIds(which.ids, joined) : this.#byTime(which, joined)) {
      this.#refuseClosed();
      if (which.fromNs !== undefined && found.startedNs < which.fromNs) continue;
      if (which.toNs !== undefined && found.startedNs >= which.toNs) continue;
      const chosen = chosenAs(found, joined);
      if (!which.where || which.where(chosen.head)) yield chosen;
      found.letGo();
    }
  }

  #byTime(which: Selection, { hidden }: Joined): Iterable<FoundExchange> {
    const query = queryFor(which);
    const found = mergeInTapeOrder(this.#segments.map((segment) => segment.exchanges(query)));
    return hidden.size === 0 ? found : without(hidden, found);
  }

  #byIds(ids: readonly number[], { placeOf }: Joined): FoundExchange[] {
    return [...new Set(ids)]
      .map((id) => this.#place(placeOf.get(id) ?? id))
      .filter((found) => found !== undefined)
      .sort(compareInTapeOrder);
  }

  #byId(id: number, joined: Joined): Chosen | undefined {
    const found = this.#place(joined.placeOf.get(id) ?? id);
    return found && chosenAs(found, joined);
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

function* without(hidden: Joined["hidden"], all: Iterable<FoundExchange>): Generator<FoundExchange> {
  for (const found of all) if (!hidden.has(found.id)) yield found;
}

function queryFor({ fromNs, toNs, narrow }: Selection): SegmentQuery {
  return defined({
    fromNs: narrow?.fromNs !== undefined && !(fromNs! > narrow.fromNs) ? narrow.fromNs : fromNs,
    toNs: narrow?.toNs !== undefined && !(toNs! < narrow.toNs) ? narrow.toNs : toNs,
    texts: narrow?.texts,
    shape: narrow && ((shape: Shape) => narrow.mayHold(alikeOf(shape))),
  });
}

/** An Exchange that was found, under the id it is known by. */
interface Chosen {
  head: ExchangeHead;
  found: FoundExchange;
  told: ToldStatus | undefined;
}

function chosenAs(found: FoundExchange, { idOf, told }: Joined): Chosen {
  const status = told.get(found.id);
  const id = idOf.get(found.id);
  const head = withStatus(found.head, status);
  return { head: id === undefined ? head : { ...head, id }, found, told: status };
}

function wholeOf({ head: { id }, found, told }: Chosen): Exchange {
  const exchange = withStatus(found.whole(), told);
  return exchange.id === id ? exchange : { ...exchange, id };
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
