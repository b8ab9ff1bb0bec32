import type { Body } from "../../message/index.js";
import { TapeError } from "../errors.js";
import type { Exchange, ExchangeHead } from "../exchange.js";
import type { Ledger } from "../ledger.js";
import { ledgerOf } from "../ledger-sums.js";
import { keyedHash, type RedactionKey } from "../redaction/index.js";
import { headOf } from "../sighting/head-of.js";
import { isTruncated } from "../sighting/is-truncated.js";
import type { SegmentDescription, Selection, TapeReader, TapeStats } from "../store.js";
import { mergeEntries, mergeIncarnations, type SegmentFigures, statsOf } from "../tape-figures.js";
import { compareInTapeOrder } from "../tape-order.js";
import { type TapeWalk, walkOf } from "../tape-walk.js";
import type { KeptInMemory } from "./kept-in-memory.js";

/** Reads a memory tape, also while it is written: each `read` sees what was kept when it began. */
export class MemoryTapeReader implements TapeReader {
  readonly #kept: KeptInMemory;
  #isOpen = true;

  constructor(kept: KeptInMemory) {
    this.#kept = kept;
  }

  get keyId(): string {
    return this.#kept.key.id;
  }

  get segments(): readonly SegmentDescription[] {
    const { createdNs, exchanges } = this.#kept;
    return [{ path: ":memory:", number: 1, formatVersion: 1, createdNs, exchanges: exchanges.length, bytes: 0 }];
  }

  read(which: Selection = {}): TapeWalk<Exchange> {
    return walkOf(() => this.#read(which));
  }

  skim(which: Selection = {}): TapeWalk<ExchangeHead> {
    return walkOf(() => this.#skim(which));
  }

  async find(id: number): Promise<Exchange | undefined> {
    this.#refuseClosed();
    return this.#kept.exchanges[id - 1];
  }

  async stats(): Promise<TapeStats> {
    this.#refuseClosed();
    return statsOf([figuresOf(this.#kept.exchanges, this.#kept.key)], {
      segments: this.segments,
      incarnations: mergeIncarnations(this.#kept.incarnations),
      entries: mergeEntries(this.#kept.entries),
    });
  }

  async ledger(): Promise<Ledger> {
    this.#refuseClosed();
    return ledgerOf(mergeEntries(this.#kept.entries), this.#kept.incarnations);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
  }

  *#read(which: Selection): Generator<Exchange | undefined> {
    let left = which.limit ?? Number.POSITIVE_INFINITY;
    for (const exchange of this.#placed(which)) {
      if (left <= 0) return;
      const isChosen =
        exchange !== undefined &&
        (which.where === undefined || which.where(headOf(exchange))) &&
        (which.whereWhole === undefined || which.whereWhole(exchange));
      if (isChosen) left--;
      yield isChosen ? exchange : undefined;
    }
  }

  *#skim(which: Selection): Generator<ExchangeHead | undefined> {
    let left = which.limit ?? Number.POSITIVE_INFINITY;
    for (const exchange of this.#placed(which)) {
      if (left <= 0) return;
      const head = exchange && headOf(exchange);
      const isChosen = head !== undefined && (which.where === undefined || which.where(head));
      if (isChosen) left--;
      yield isChosen ? head : undefined;
    }
  }

  /** Those that meet the conditions on their place; `undefined` for each that does not. */
  *#placed({ ids, fromNs, toNs, whereId }: Selection): Generator<Exchange | undefined> {
    this.#refuseClosed();
    const wanted = ids && new Set(ids);
    for (const exchange of [...this.#kept.exchanges].sort(compareInTapeOrder)) {
      const { id, startedNs } = exchange;
      const isTimely = (fromNs === undefined || startedNs >= fromNs) && (toNs === undefined || startedNs < toNs);
      yield isTimely && wanted?.has(id) !== false && whereId?.(id) !== false ? exchange : undefined;
    }
  }

  #refuseClosed(): void {
    if (!this.#isOpen) throw new TapeError("cannot read the tape in memory: it is closed");
  }
}

function figuresOf(exchanges: readonly Exchange[], key: RedactionKey): SegmentFigures {
  const heads = exchanges.map(headOf);
  const exchangesBy = new Map<string, number>();
  for (const { recorder } of heads) {
    exchangesBy.set(recorder.incarnation, (exchangesBy.get(recorder.incarnation) ?? 0) + 1);
  }
  const starts = heads.map(({ startedNs }) => startedNs).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const [firstNs, lastNs] = [starts[0], starts.at(-1)];
  return {
    tallies: heads.map((head) => ({
      vantage: head.vantage,
      answer: head.answer.kind,
      exchanges: 1,
      truncated: isTruncated(head) ? 1 : 0,
      bodyBytes: head.request.bodyBytes + (head.answer.kind === "response" ? head.answer.bodyBytes : 0),
    })),
    exchangesBy,
    bodies: distinctBodies(exchanges, key),
    ...(firstNs === undefined || lastNs === undefined ? {} : { firstNs, lastNs }),
  };
}

/** As a store that keeps equal bodies once would hold them. */
function distinctBodies(exchanges: readonly Exchange[], key: RedactionKey): SegmentFigures["bodies"] {
  const distinct = new Map<string, number>();
  for (const { request, answer } of exchanges) {
    for (const body of [request.body, ...(answer.kind === "response" ? [answer.body] : [])]) {
      const bytes = keptOf(body);
      if (bytes.length > 0) distinct.set(Buffer.from(keyedHash(key, [bytes])).toString("hex"), bytes.length);
    }
  }
  return { stored: distinct.size, bytesStored: [...distinct.values()].reduce((sum, bytes) => sum + bytes, 0) };
}

function keptOf(body: Body): Uint8Array {
  return "bytes" in body ? body.bytes : new Uint8Array(0);
}
