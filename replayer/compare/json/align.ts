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
  const unique = longestRun(uniquePairs(expected, actual, start, leftEnd, rightEnd));
  let [from, to] = [start, start];
  for (const [nextFrom, nextTo] of [...unique, [leftEnd, rightEnd] as [number, number]]) {
    if (nextFrom > from && nextTo > to)
      for (const pair of commonBetween(expected, actual, [from, nextFrom], [to, nextTo], budget)) anchors.push(pair);
    if (nextFrom < leftEnd) anchors.push([nextFrom, nextTo]);
    [from, to] = [nextFrom + 1, nextTo + 1];
  }
  return withMoved(expected, actual, anchors, [start, leftEnd, rightEnd]);
}

/** Elements that are there once on each side, in the order of the expected ones. */
function uniquePairs(
  expected: ArrayLike<number>,
  actual: ArrayLike<number>,
  start: number,
  leftEnd: number,
  rightEnd: number,
): [number, number][] {
  const left = positions(expected, start, leftEnd);
  const right = positions(actual, start, rightEnd);
  const pairs: [number, number][] = [];
  for (const [identity, from] of left) {
    const to = right.get(identity);
    if (from >= 0 && to !== undefined && to >= 0) pairs.push([from, to]);
  }
  return pairs;
}

/** Where each identity stands; -1 for one that is there more than once. */
function positions(list: ArrayLike<number>, start: number, end: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let at = start; at < end; at++) found.set(list[at]!, found.has(list[at]!) ? -1 : at);
  return found;
}

/** A longest part of the pairs, which ascend on the left, that ascends on the right too. */
export function longestRun(pairs: readonly [number, number][]): [number, number][] {
  const tails: number[] = [];
  const before = new Int32Array(pairs.length);
  for (const [at, [, to]] of pairs.entries()) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (pairs[tails[middle]!]![1] < to) low = middle + 1;
      else high = middle;
    }
    before[at] = low === 0 ? -1 : tails[low - 1]!;
    tails[low] = at;
  }
  const run: [number, number][] = [];
  for (let at = tails.at(-1) ?? -1; at !== -1; at = before[at]!) run.push(pairs[at]!);
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
  [start, leftEnd, rightEnd]: [number, number, number],
): Alignment {
  const anchoredLeft = new Uint8Array(expected.length);
  const anchoredRight = new Uint8Array(actual.length);
  for (const [from, to] of anchors) {
    anchoredLeft[from] = 1;
    anchoredRight[to] = 1;
  }
  const free = new Map<number, number[]>();
  for (let to = rightEnd - 1; to >= start; to--) {
    if (anchoredRight[to] === 1) continue;
    const places = free.get(actual[to]!);
    if (places === undefined) free.set(actual[to]!, [to]);
    else places.push(to);
  }
  const moved: [number, number][] = [];
  const onlyExpected: number[] = [];
  for (let from = start; from < leftEnd; from++) {
    if (anchoredLeft[from] === 1) continue;
    const to = free.get(expected[from]!)?.pop();
    if (to === undefined) onlyExpected.push(from);
    else moved.push([from, to]);
  }
  const onlyActual = [...free.values()].flat().sort((one, other) => one - other);
  return { start, tail: expected.length - leftEnd, anchors, moved, onlyExpected, onlyActual };
}
