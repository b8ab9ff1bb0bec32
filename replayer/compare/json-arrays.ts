import type { JsonTree } from "../../message/index.js";
import { JsonIdentities } from "./json-identities.js";
import { isSame } from "./json-same.js";

/** Pairs of elements that may still be looked at in one body; what is beyond is paired by position. */
export interface PairBudget {
  pairsLeft: number;
}

/** About a tenth of a second in all, and 8 MB at a time. */
export function pairBudget(): PairBudget {
  return { pairsLeft: 20_000_000 };
}

/** In one array. */
const mostPairs = 2_000_000;

/**
 * Pairs the elements of two arrays of different length: equal ones by a longest common subsequence, and what lies
 * between two equal ones by position, as far as both have some. Equal pairs are not returned, nor is what has no
 * partner: the lengths say that. Indexes into both.
 */
export function alignElements(
  expected: readonly JsonTree[],
  actual: readonly JsonTree[],
  budget: PairBudget,
): [from: number, to: number][] {
  let start = 0;
  while (start < expected.length && start < actual.length && isSame(expected[start]!, actual[start]!)) start++;
  let [leftEnd, rightEnd] = [expected.length, actual.length];
  while (leftEnd > start && rightEnd > start && isSame(expected[leftEnd - 1]!, actual[rightEnd - 1]!)) {
    leftEnd--;
    rightEnd--;
  }
  const anchors = commonElements(expected.slice(start, leftEnd), actual.slice(start, rightEnd), budget);
  return pairsBetween(anchors, leftEnd - start, rightEnd - start).map(([from, to]) => [start + from, start + to]);
}

/** Indexes of equal elements, in order on both sides; none when there are too many pairs to look at. */
function commonElements(
  left: readonly JsonTree[],
  right: readonly JsonTree[],
  budget: PairBudget,
): [from: number, to: number][] {
  const pairs = left.length * right.length;
  if (pairs > Math.min(mostPairs, budget.pairsLeft)) return [];
  budget.pairsLeft -= pairs;
  const identities = new JsonIdentities();
  return commonSubsequence(
    left.map((element) => identities.of(element)),
    right.map((element) => identities.of(element)),
  );
}

/** Indexes of a longest common subsequence. */
function commonSubsequence(left: readonly number[], right: readonly number[]): [from: number, to: number][] {
  const width = right.length + 1;
  // lengths[i * width + j]: the longest common subsequence of what follows i on the left and j on the right.
  const lengths = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const here = i * width + j;
      lengths[here] =
        left[i] === right[j] ? lengths[here + width + 1]! + 1 : Math.max(lengths[here + width]!, lengths[here + 1]!);
    }
  }
  const common: [number, number][] = [];
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (left[i] === right[j]) common.push([i++, j++]);
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
    else j++;
  }
  return common;
}

function pairsBetween(
  anchors: readonly [number, number][],
  leftLength: number,
  rightLength: number,
): [from: number, to: number][] {
  const pairs: [number, number][] = [];
  let [from, to] = [0, 0];
  for (const [nextFrom, nextTo] of [...anchors, [leftLength, rightLength] as const]) {
    while (from < nextFrom && to < nextTo) pairs.push([from++, to++]);
    [from, to] = [nextFrom + 1, nextTo + 1];
  }
  return pairs;
}
