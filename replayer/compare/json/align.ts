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
  /** Of each expected element up to the tail, from `start` on, where its equal stands; negative where it has none. */
  partners: Int32Array;
  /** The expected elements that stand in one order with their equals, ascending. */
  anchors: readonly number[];
  /** How many equal elements left their place: they have a partner, and are no anchor. */
  moved: number;
  /** Without an equal on the other side, ascending. */
  onlyExpected: readonly number[];
  onlyActual: readonly number[];
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
  const bounds = [start, leftEnd, rightEnd] as const;
  const partners = uniquePartners(expected, actual, bounds);
  const anchors = anchorsAmong(expected, actual, partners, bounds, budget);
  const left = freeOf(partners, start);
  const isFull = leftEnd - start - left.length === rightEnd - start;
  const right = isFull ? [] : freeOf(partnersOf(partners, bounds), start);
  if (left.length > 0 && right.length > 0) pairRepeated(expected, actual, partners, left, right);
  const onlyExpected = left.filter((from) => partners[from]! < 0);
  const isWhole = left.length === onlyExpected.length;
  const onlyActual = isWhole ? right : freeOf(partnersOf(partners, bounds), start);
  const moved = leftEnd - start - onlyExpected.length - anchors.length;
  return { start, tail: expected.length - leftEnd, partners, anchors, moved, onlyExpected, onlyActual };
}

/** Between the ends that are equal on both sides. */
type Bounds = readonly [start: number, leftEnd: number, rightEnd: number];

/** Per expected element where its equal is, if it is there once on each side; else negative. */
function uniquePartners(
  expected: ArrayLike<number>,
  actual: ArrayLike<number>,
  [start, leftEnd, rightEnd]: Bounds,
): Int32Array {
  const partners = new Int32Array(leftEnd);
  if (leftEnd === start) return partners;
  partners.fill(-1, start);
  if (rightEnd === start) return partners;
  const left = new IdentityTable(leftEnd - start);
  for (let at = start; at < leftEnd; at++) left.addOnce(expected[at]!, at);
  for (let to = start; to < rightEnd; to++) {
    const from = left.get(actual[to]!);
    if (from >= 0) partners[from] = partners[from] === -1 ? to : -2;
  }
  return partners;
}

/** The other way round: per actual element where its equal is. */
function partnersOf(partners: Int32Array, [start, , rightEnd]: Bounds): Int32Array {
  const turned = new Int32Array(rightEnd);
  if (rightEnd > start) turned.fill(-1, start);
  for (let from = start; from < partners.length; from++) if (partners[from]! >= 0) turned[partners[from]!] = from;
  return turned;
}

/** Of those with a partner a longest part that stands in one order on both sides; between them more get a partner. */
function anchorsAmong(
  expected: ArrayLike<number>,
  actual: ArrayLike<number>,
  partners: Int32Array,
  [start, leftEnd, rightEnd]: Bounds,
  budget: PairBudget,
): number[] {
  const anchors: number[] = [];
  let [from, to] = [start, start];
  for (const nextFrom of [...longestRun(partners, start), leftEnd]) {
    const nextTo = nextFrom === leftEnd ? rightEnd : partners[nextFrom]!;
    if (nextFrom > from && nextTo > to)
      for (const [one, other] of commonBetween(expected, actual, [from, nextFrom], [to, nextTo], budget)) {
        partners[one] = other;
        anchors.push(one);
      }
    if (nextFrom < leftEnd) anchors.push(nextFrom);
    [from, to] = [nextFrom + 1, nextTo + 1];
  }
  return anchors;
}

/** A longest part of those with a partner, from a place on, whose partners ascend; ascending. */
export function longestRun(partners: Int32Array, start: number): number[] {
  // Of each length of a run, the one that it may end with, and where its partner is.
  const tails: number[] = [];
  const ends: number[] = [];
  const before = new Int32Array(partners.length - start);
  for (let from = start; from < partners.length; from++) {
    const to = partners[from]!;
    if (to < 0) continue;
    // Most stand behind all that came before.
    let [low, high] = ends.length > 0 && to > ends[ends.length - 1]! ? [ends.length, ends.length] : [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! < to) low = middle + 1;
      else high = middle;
    }
    before[from - start] = low === 0 ? -1 : tails[low - 1]!;
    tails[low] = from;
    ends[low] = to;
  }
  const run: number[] = [];
  for (let from = tails.at(-1) ?? -1; from !== -1; from = before[from - start]!) run.push(from);
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

/** Pairs those that are there more than once and are still free, the first with the first. */
function pairRepeated(
  expected: ArrayLike<number>,
  actual: ArrayLike<number>,
  partners: Int32Array,
  left: readonly number[],
  right: readonly number[],
): void {
  // The first free one with an identity, and after each the next with the same.
  const free = new IdentityTable(right.length);
  const next = new Int32Array(right.at(-1)! + 1);
  for (let at = right.length - 1; at >= 0; at--) next[right[at]!] = free.replace(actual[right[at]!]!, right[at]!);
  for (const from of left) {
    const to = free.get(expected[from]!);
    if (to < 0) continue;
    free.replace(expected[from]!, next[to]!);
    partners[from] = to;
  }
}

function freeOf(partners: Int32Array, start: number): number[] {
  const free: number[] = [];
  for (let at = start; at < partners.length; at++) if (partners[at]! < 0) free.push(at);
  return free;
}
