import type { Exchange } from "./exchange.js";

/** What tape order is made of. */
export type TapeKey = Pick<Exchange, "startedNs" | "recorder" | "sequence">;

/** Tape order: when it started, then recorder (name, incarnation), then sequence. */
export function compareInTapeOrder(a: TapeKey, b: TapeKey): number {
  if (a.startedNs !== b.startedNs) return a.startedNs < b.startedNs ? -1 : 1;
  return (
    compareText(a.recorder.name, b.recorder.name) ||
    compareText(a.recorder.incarnation, b.recorder.incarnation) ||
    a.sequence - b.sequence
  );
}

/**
 * What comes in tape order, one by one: null after a look that found none, so that others may have their turn, undefined at
 * the end. No generator, for it is asked for each Exchange of a tape.
 */
export interface InTapeOrder<T> {
  next(): T | null | undefined;
}

/** Sources that are each in tape order, brought together; more may come while it goes on. Holds one of each. */
export class TapeMerge<T extends TapeKey> implements InTapeOrder<T> {
  readonly #heap: Source<T>[] = [];
  /** Those that are to be asked for their next one. */
  readonly #unasked: { next?: T; rest: InTapeOrder<T> }[] = [];

  add(rest: InTapeOrder<T>): void {
    this.#unasked.push({ rest });
  }

  /** Of what started before a time alone, where one is given. */
  next(beforeNs?: bigint): T | null | undefined {
    for (let source = this.#unasked.at(-1); source !== undefined; source = this.#unasked.at(-1)) {
      const next = source.rest.next();
      if (next === null) return null;
      this.#unasked.pop();
      if (next === undefined) continue;
      source.next = next;
      siftUp(this.#heap, this.#heap.push(source as Source<T>) - 1);
    }
    const least = this.#heap[0];
    if (least === undefined || (beforeNs !== undefined && least.next.startedNs >= beforeNs)) return undefined;
    const last = this.#heap.pop()!;
    if (last !== least) {
      this.#heap[0] = last;
      siftDown(this.#heap);
    }
    this.#unasked.push(least);
    return least.next;
  }
}

interface Source<T> {
  next: T;
  rest: InTapeOrder<T>;
}

type Heap = { next: TapeKey }[];

function siftUp(heap: Heap, from: number): void {
  for (let at = from; at > 0; ) {
    const parent = (at - 1) >> 1;
    if (!isBefore(heap, at, parent)) return;
    swap(heap, at, parent);
    at = parent;
  }
}

function siftDown(heap: Heap): void {
  for (let at = 0; ; ) {
    const left = 2 * at + 1;
    if (left >= heap.length) return;
    const least = left + 1 < heap.length && isBefore(heap, left + 1, left) ? left + 1 : left;
    if (!isBefore(heap, least, at)) return;
    swap(heap, at, least);
    at = least;
  }
}

function isBefore(heap: Heap, a: number, b: number): boolean {
  return compareInTapeOrder(heap[a]!.next, heap[b]!.next) < 0;
}

function swap(heap: Heap, a: number, b: number): void {
  const held = heap[a]!;
  heap[a] = heap[b]!;
  heap[b] = held;
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
