import { IdentityTable } from "./identity-table.js";

/** Pairs of elements that may still be looked at in one body; what is beyond is paired by position. */
export interface PairBudget {
  pairsLeft: number;
}

/** About a tenth of a second in all. */
export function pairBudget(): PairBudget {
  return { pairsLeft: 20_000_000 };
}

/** In one stretch between two anchors: 8 MB at a time. */
const mostPairs = 2_000_000;

/** How the elements of two arrays belong together; indexes into both. */
export interface Alignment {
  /** So many equal elements at the beginning, and so many at the end: they are in none of the lists. */
  start: number;
  tail: number;
  /** Equal elements in one order on both sides. */
  anchors: [from: number, to: number][];
  /** Equal elements that left their place. */
  moved: [from: number, to: number][];
  /** Without an equal on the other side, ascending. */
  onlyExpected: number[];
  onlyActual: number[];
}

/**
 * Aligns two lists of identities. Equal ends first; then elements that are there once on each side, of which a longest run
 * in one order is kept; then, between these, a longest common subsequence while the budget lasts; what is equal after
 * that has moved. In O(n log n) beside the budget.
 */
export function align(expected: ArrayLike<number>, actual: ArrayLike<number>, budget: PairBudget): Alignment {
  let start = 0;
  while (start < expected.length && start < actual.length && expected[start] === actual[start]) start++;
  let [leftEnd, rightEnd] = [expected.length, actual.length];
  while (leftEnd > start && rightEnd > start && expected[leftEnd - 1] === actual[rightEnd - 1]) {
    leftEnd--;
    rightEnd--;
  }
  const anchors: [number, number][] = [];
  const bounds = [start, leftEnd, rightEnd] as const;
  const partners = uniquePartners(expected, actual, bounds);
  const unique = longestRun(pairsOf(partners));
  let [from, to] = [start, start];
  for (const [nextFrom, nextTo] of [...unique, [leftEnd, rightEnd] as [number, number]]) {
    if (nextFrom > from && nextTo > to)
      for (const pair of commonBetween(expected, actual, [from, nextFrom], [to, nextTo], budget)) anchors.push(pair);
    if (nextFrom < leftEnd) anchors.push([nextFrom, nextTo]);
    [from, to] = [nextFrom + 1, nextTo + 1];
  }
  return withMoved(expected, actual, anchors, partners, bounds);
}

/** Between the ends that are equal on both sides. */
type Bounds = readonly [start: number, leftEnd: number, rightEnd: number];

/** Per expected element where its equal is, if it is there once on each side; else negative. */
function uniquePartners(
  expected: ArrayLike<number>,
  actual: ArrayLike<number>,
  [start, leftEnd, rightEnd]: Bounds,
): Int32Array {
  const partners = new Int32Array(leftEnd).fill(-1);
  if (leftEnd === start || rightEnd === start) return partners;
  const left = new IdentityTable(leftEnd - start);
  for (let at = start; at < leftEnd; at++) left.addOnce(expected[at]!, at);
  for (let to = start; to < rightEnd; to++) {
    const from = left.get(actual[to]!);
    if (from >= 0) partners[from] = partners[from] === -1 ? to : -2;
  }
  return partners;
}

function pairsOf(partners: Int32Array): [number, number][] {
  const pairs: [number, number][] = [];
  for (let from = 0; from < partners.length; from++) if (partners[from]! >= 0) pairs.push([from, partners[from]!]);
  return pairs;
}

/** A longest part of the pairs, which ascend on the left, that ascends on the right too. */
export function longestRun(pairs: readonly [number, number][]): [number, number][] {
  // Of each length of a run, the pair that it may end with, and where that one is on the right.
  const tails = new Int32Array(pairs.length);
  const ends = new Int32Array(pairs.length);
  const before = new Int32Array(pairs.length);
  let longest = 0;
  for (let at = 0; at < pairs.length; at++) {
    const to = pairs[at]![1];
    // Most stand behind all that came before.
    let [low, high] = longest > 0 && to > ends[longest - 1]! ? [longest, longest] : [0, longest];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! < to) low = middle + 1;
      else high = middle;
    }
    before[at] = low === 0 ? -1 : tails[low - 1]!;
    tails[low] = at;
    ends[low] = to;
    if (low === longest) longest++;
  }
  const run: [number, number][] = [];
  for (let at = longest === 0 ? -1 : tails[longest - 1]!; at !== -1; at = before[at]!) run.push(pairs[at]!);
  return run.reverse();
}

/** Indexes of a longest common subsequence of two stretches; of nothing when there are too many pairs to look at. */
function commonBetween(
  expected: ArrayLike<number>,
  actual: ArrayLike<number>,
  [from, fromEnd]: [number, number],
  [to, toEnd]: [number, number],
  budget: PairBudget,
): [number, number][] {
  const [rows, columns] = [fromEnd - from, toEnd - to];
  if (rows <= 0 || columns <= 0 || rows * columns > Math.min(mostPairs, budget.pairsLeft)) return [];
  budget.pairsLeft -= rows * columns;
  const stride = columns + 1;
  // lengths[i * stride + j]: the longest common subsequence of what follows i on the left and j on the right.
  const lengths = new Uint32Array((rows + 1) * stride);
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      const here = i * stride + j;
      lengths[here] =
        expected[from + i] === actual[to + j]
          ? lengths[here + stride + 1]! + 1
          : Math.max(lengths[here + stride]!, lengths[here + 1]!);
    }
  }
  const common: [number, number][] = [];
  for (let i = 0, j = 0; i < rows && j < columns && lengths[i * stride + j]! > 0; ) {
    if (expected[from + i] === actual[to + j]) common.push([from + i++, to + j++]);
    else if (lengths[(i + 1) * stride + j]! >= lengths[i * stride + j + 1]!) i++;
    else j++;
  }
  return common;
}

/** Pairs what is equal among the elements without an anchor, the first with the first. */
function withMoved(
  expected: ArrayLike<number>,
  actual: ArrayLike<number>,
  anchors: [number, number][],
  partners: Int32Array,
  bounds: Bounds,
): Alignment {
  const [start, leftEnd, rightEnd] = bounds;
  const takenLeft = new Uint8Array(leftEnd);
  const takenRight = new Uint8Array(rightEnd);
  for (const [from, to] of anchors) {
    takenLeft[from] = 1;
    takenRight[to] = 1;
  }
  const moved: [number, number][] = [];
  for (let from = start; from < leftEnd; from++) {
    const to = partners[from]!;
    if (to < 0 || takenLeft[from] === 1) continue;
    moved.push([from, to]);
    takenLeft[from] = 1;
    takenRight[to] = 1;
  }
  const all = withRepeated(expected, actual, moved, takenLeft, takenRight, start);
  const tail = expected.length - leftEnd;
  return {
    start,
    tail,
    anchors,
    moved: all,
    onlyExpected: freeOf(takenLeft, start),
    onlyActual: freeOf(takenRight, start),
  };
}

/** Pairs what is there more than once, and takes it; all that moved, in the order of the expected elements. */
function withRepeated(
  expected: ArrayLike<number>,
  actual: ArrayLike<number>,
  moved: [number, number][],
  takenLeft: Uint8Array,
  takenRight: Uint8Array,
  start: number,
): [number, number][] {
  const [left, right] = [freeOf(takenLeft, start), freeOf(takenRight, start)];
  if (left.length === 0 || right.length === 0) return moved;
  // The first free one with an identity, and after each the next with the same.
  const free = new IdentityTable(right.length);
  const next = new Int32Array(takenRight.length);
  for (const to of right.reverse()) next[to] = free.replace(actual[to]!, to);
  const repeated: [number, number][] = [];
  for (const from of left) {
    const to = free.get(expected[from]!);
    if (to < 0) continue;
    free.replace(expected[from]!, next[to]!);
    takenLeft[from] = 1;
    takenRight[to] = 1;
    repeated.push([from, to]);
  }
  return repeated.length === 0 ? moved : moved.concat(repeated).sort(([one], [other]) => one - other);
}

function freeOf(taken: Uint8Array, start: number): number[] {
  const free: number[] = [];
  for (let at = start; at < taken.length; at++) if (taken[at] === 0) free.push(at);
  return free;
}
