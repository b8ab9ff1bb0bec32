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

/** Brings what comes ordered by time alone into tape order; holds only what started at the same nanosecond. */
export function* withTiesOrdered<T extends TapeKey>(source: Iterable<T>): Generator<T> {
  let tied: T[] = [];
  for (const next of source) {
    if (tied.length > 0 && tied[0]!.startedNs !== next.startedNs) {
      yield* tied.sort(compareInTapeOrder);
      tied = [];
    }
    tied.push(next);
  }
  yield* tied.sort(compareInTapeOrder);
}

/** Merges sources that are each in tape order into one that is; holds one of each. Of one there is nothing to merge. */
export function mergeInTapeOrder<T extends TapeKey>(sources: readonly Iterable<T>[]): Iterable<T> {
  return sources.length === 1 ? sources[0]! : merged(sources);
}

function* merged<T extends TapeKey>(sources: readonly Iterable<T>[]): Generator<T> {
  const heap: { next: T; rest: Iterator<T> }[] = [];
  for (const source of sources) {
    const rest = source[Symbol.iterator]();
    const first = rest.next();
    if (!first.done) siftUp(heap, heap.push({ next: first.value, rest }) - 1);
  }
  while (heap.length > 0) {
    const least = heap[0]!;
    yield least.next;
    const following = least.rest.next();
    if (following.done) {
      const last = heap.pop()!;
      if (heap.length === 0) return;
      heap[0] = last;
    } else {
      least.next = following.value;
    }
    siftDown(heap);
  }
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
