import { type Alignment, align, longestRun, type PairBudget } from "./align.js";
import type { ArrayRule } from "./findings.js";
import { type ElementKeys, type Elements, inferKeys, namedKeys } from "./keys.js";

/** Which elements of two arrays are held against each other; indexes into both. */
export interface ElementPairs {
  /** So many at the beginning, and so many at the end, belong together by place. */
  start: number;
  tail: number;
  /** Of each expected element up to the tail, from `start` on, where its partner stands; negative where it has none. */
  partners: Int32Array;
  /** Elements whose partner stands elsewhere. */
  moved: number;
  missing: readonly number[];
  added: readonly number[];
  /** Whether what is missing and added has to be named: the lengths alone do not say it. */
  named: boolean;
}

/**
 * Pairs the elements of two arrays: by the key that a rule names or that is inferred, as a set where a rule says so, by a
 * common subsequence where elements were put in, taken out or moved; else by position, for which undefined stands.
 */
export function pairElements(
  expected: Elements,
  actual: Elements,
  rule: ArrayRule | undefined,
  budget: PairBudget,
): ElementPairs | undefined {
  if (rule?.key !== undefined) return named(byKey(namedKeys(expected, actual, rule.key)), true);
  const [left, right] = [hashesOf(expected), hashesOf(actual)];
  if (rule?.unordered !== undefined) return named(asSet(align(left, right, budget)), true);
  const sameLength = left.length === right.length;
  const unequal = sameLength ? unequalPlaces(left, right) : undefined;
  if (unequal !== undefined && unequal < 2) return undefined;
  const keys = inferKeys(expected, actual);
  if (keys !== undefined) return sameLength && isOneOrder(keys) ? undefined : named(byKey(keys), sameLength);
  if (unequal !== undefined && !mayExplainMore(left, right, unequal)) return undefined;
  const alignment = align(left, right, budget);
  if (unequal !== undefined && !explainsMore(alignment, left.length, unequal)) return undefined;
  return named(between(alignment), sameLength);
}

/** Odd, so that no bit of an identity is lost when it is spread over all others. */
const spread = 0x9e3779b1 | 0;

/** What is missing or added goes without a name where it is on one side alone and the lengths tell it. */
function named(pairs: Omit<ElementPairs, "named">, always: boolean): ElementPairs {
  return { ...pairs, named: always || (pairs.missing.length > 0 && pairs.added.length > 0) };
}

function hashesOf({ index, nodes }: Elements): Int32Array {
  const hashes = new Int32Array(nodes.length);
  for (let at = 0; at < nodes.length; at++) hashes[at] = index.hash(nodes[at]!);
  return hashes;
}

function unequalPlaces(left: Int32Array, right: Int32Array): number {
  let count = 0;
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) count++;
  return count;
}

/**
 * Whether so many of the elements that differ from the one at their place may stand at another such place that an alignment
 * is worth its time: never false when {@link explainsMore} would be true, for it can pair no others.
 */
function mayExplainMore(left: Int32Array, right: Int32Array, unequal: number): boolean {
  const bits = 34 - Math.clz32(unequal);
  const seen = new Uint8Array(2 ** bits);
  for (let at = 0; at < left.length; at++)
    if (left[at] !== right[at]) seen[Math.imul(left[at]!, spread) >>> (32 - bits)] = 1;
  let strays = 0;
  for (let at = 0; at < left.length && strays * 2 <= unequal; at++)
    if (left[at] !== right[at]) strays += seen[Math.imul(right[at]!, spread) >>> (32 - bits)]!;
  return strays * 2 > unequal;
}

/** Whether moving elements explains more than half of what differs by position. */
function explainsMore(alignment: Alignment, length: number, unequal: number): boolean {
  const matched = length - alignment.onlyExpected.length;
  return (matched - (length - unequal)) * 2 > unequal;
}

function isOneOrder({ expected, actual }: ElementKeys): boolean {
  return expected.length === actual.length && expected.every((key, at) => key === actual[at]);
}

function byKey({ expected, actual }: ElementKeys): Omit<ElementPairs, "named"> {
  const places = new Map<number, number[]>();
  for (let to = actual.length - 1; to >= 0; to--) {
    const key = actual[to];
    if (key === undefined) continue;
    const known = places.get(key);
    if (known === undefined) places.set(key, [to]);
    else known.push(to);
  }
  const partners = new Int32Array(expected.length);
  const taken = new Uint8Array(actual.length);
  const missing: number[] = [];
  for (const [from, key] of expected.entries()) {
    const to = key === undefined ? undefined : places.get(key)?.pop();
    partners[from] = to ?? -1;
    if (to === undefined) missing.push(from);
    else taken[to] = 1;
  }
  const added = actual.flatMap((_, to) => (taken[to] === 1 ? [] : [to]));
  const moved = expected.length - missing.length - longestRun(partners, 0).length;
  return { start: 0, tail: 0, partners, moved, missing, added };
}

/** Equal ones wherever they stand; the others in their order, as far as both sides have some. */
function asSet({ start, tail, partners, moved, onlyExpected, onlyActual }: Alignment): Omit<ElementPairs, "named"> {
  const rest = Math.min(onlyExpected.length, onlyActual.length);
  for (let at = 0; at < rest; at++) partners[onlyExpected[at]!] = onlyActual[at]!;
  return { start, tail, partners, moved, missing: onlyExpected.slice(rest), added: onlyActual.slice(rest) };
}

/** What lies between two equal elements by position, as far as both sides have some. */
function between({
  start,
  tail,
  partners,
  anchors,
  moved,
  onlyExpected,
  onlyActual,
}: Alignment): Omit<ElementPairs, "named"> {
  const missing: number[] = [];
  const added: number[] = [];
  let [from, to] = [0, 0];
  for (let nth = 0; nth <= anchors.length; nth++) {
    const nextFrom = anchors[nth] ?? partners.length;
    const nextTo = nth === anchors.length ? Number.POSITIVE_INFINITY : partners[nextFrom]!;
    while (from < onlyExpected.length && to < onlyActual.length) {
      if (onlyExpected[from]! > nextFrom || onlyActual[to]! > nextTo) break;
      partners[onlyExpected[from++]!] = onlyActual[to++]!;
    }
    while (from < onlyExpected.length && onlyExpected[from]! < nextFrom) missing.push(onlyExpected[from++]!);
    while (to < onlyActual.length && onlyActual[to]! < nextTo) added.push(onlyActual[to++]!);
  }
  return { start, tail, partners, moved, missing, added };
}
