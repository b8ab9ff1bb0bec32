import { type Alignment, align, longestRun, type PairBudget } from "./align.js";
import type { ArrayRule } from "./findings.js";
import { IdentityTable } from "./identity-table.js";
import { type ElementKeys, type Elements, inferKeys, namedKeys } from "./keys.js";

/** Which elements of two arrays are held against each other; indexes into both. */
export interface ElementPairs {
  /** So many at the beginning, and so many at the end, belong together by place. */
  start: number;
  tail: number;
  pairs: (readonly [from: number, to: number])[];
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
  if (unequal !== undefined && unequal.length < 2) return undefined;
  const keys = inferKeys(expected, actual);
  if (keys !== undefined) return sameLength && isOneOrder(keys) ? undefined : named(byKey(keys), sameLength);
  if (unequal !== undefined && !hasStrays(left, right, unequal)) return undefined;
  const alignment = align(left, right, budget);
  if (unequal !== undefined && !explainsMore(alignment, left.length, unequal.length)) return undefined;
  return named(between(alignment, left.length, right.length), sameLength);
}

/** What is missing or added goes without a name where it is on one side alone and the lengths tell it. */
function named(pairs: Omit<ElementPairs, "named">, always: boolean): ElementPairs {
  return { ...pairs, named: always || (pairs.missing.length > 0 && pairs.added.length > 0) };
}

function hashesOf({ index, nodes }: Elements): Int32Array {
  const hashes = new Int32Array(nodes.length);
  for (let at = 0; at < nodes.length; at++) hashes[at] = index.hash(nodes[at]!);
  return hashes;
}

function unequalPlaces(left: Int32Array, right: Int32Array): number[] {
  const found: number[] = [];
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) found.push(at);
  return found;
}

/** Whether an element that differs from the one at its place stands at another such place. */
function hasStrays(left: Int32Array, right: Int32Array, unequal: readonly number[]): boolean {
  const wanted = new IdentityTable(unequal.length);
  for (const at of unequal) wanted.replace(left[at]!, at);
  return unequal.some((at) => wanted.get(right[at]!) >= 0);
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
  const pairs: [number, number][] = [];
  const missing: number[] = [];
  for (const [from, key] of expected.entries()) {
    const to = key === undefined ? undefined : places.get(key)?.pop();
    if (to === undefined) missing.push(from);
    else pairs.push([from, to]);
  }
  const taken = new Set(pairs.map(([, to]) => to));
  const added = actual.flatMap((_, to) => (taken.has(to) ? [] : [to]));
  return { start: 0, tail: 0, pairs, moved: pairs.length - longestRun(pairs).length, missing, added };
}

/** Equal ones wherever they stand; the others in their order, as far as both sides have some. */
function asSet({ start, tail, anchors, moved, onlyExpected, onlyActual }: Alignment): Omit<ElementPairs, "named"> {
  const rest = Math.min(onlyExpected.length, onlyActual.length);
  const paired = onlyExpected.slice(0, rest).map((from, at) => [from, onlyActual[at]!] as const);
  return {
    ...{ start, tail },
    pairs: [...anchors, ...moved, ...paired],
    moved: moved.length,
    missing: onlyExpected.slice(rest),
    added: onlyActual.slice(rest),
  };
}

/** What lies between two equal elements by position, as far as both sides have some. */
function between(
  { start, tail, anchors, moved, onlyExpected, onlyActual }: Alignment,
  leftLength: number,
  rightLength: number,
): Omit<ElementPairs, "named"> {
  const pairs: (readonly [number, number])[] = [...anchors, ...moved];
  const missing: number[] = [];
  const added: number[] = [];
  let [from, to] = [0, 0];
  for (const [nextFrom, nextTo] of [...anchors, [leftLength, rightLength] as const]) {
    while (from < onlyExpected.length && to < onlyActual.length) {
      if (onlyExpected[from]! > nextFrom || onlyActual[to]! > nextTo) break;
      pairs.push([onlyExpected[from++]!, onlyActual[to++]!]);
    }
    while (from < onlyExpected.length && onlyExpected[from]! < nextFrom) missing.push(onlyExpected[from++]!);
    while (to < onlyActual.length && onlyActual[to]! < nextTo) added.push(onlyActual[to++]!);
  }
  return { start, tail, pairs, moved: moved.length, missing, added };
}
