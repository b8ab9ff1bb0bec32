import { isObject, isSame, type Json } from "./json.js";

/**
 * Which elements of one list are those of another: by index in `right` for each of `left`, undefined for one that has no
 * partner. The order of the two is kept: a pair never crosses another.
 *
 * Equal elements come first (a longest common subsequence), then those between them of one name (the field `name`), then
 * those that share most fields, if they share at least half.
 */
export function pairElements(left: readonly Json[], right: readonly Json[]): (number | undefined)[] {
  const pairs: (number | undefined)[] = left.map(() => undefined);
  for (const alike of [isSame, isOfOneName, isMostlyAlike]) pairWhere(alike, left, right, pairs);
  return pairs;
}

type Alike = (a: Json, b: Json) => boolean;

/** Pairs what is still free, stretch by stretch between what is paired already. */
function pairWhere(alike: Alike, left: readonly Json[], right: readonly Json[], pairs: (number | undefined)[]): void {
  let [fromLeft, fromRight] = [0, 0];
  for (let at = 0; at <= left.length; at++) {
    const partner = at === left.length ? right.length : pairs[at];
    if (partner === undefined) continue;
    for (const [a, b] of longestCommon(alike, left.slice(fromLeft, at), right.slice(fromRight, partner))) {
      pairs[fromLeft + a] = fromRight + b;
    }
    [fromLeft, fromRight] = [at + 1, partner + 1];
  }
}

/** Pairs of indexes of a longest common subsequence. Lists here are those of a manifest: tens of elements. */
function longestCommon(alike: Alike, left: readonly Json[], right: readonly Json[]): [number, number][] {
  const lengths = left.map(() => new Array<number>(right.length).fill(0));
  const lengthFrom = (a: number, b: number) => lengths[a]?.[b] ?? 0;
  for (let a = left.length - 1; a >= 0; a--) {
    for (let b = right.length - 1; b >= 0; b--) {
      lengths[a]![b] = alike(left[a]!, right[b]!)
        ? lengthFrom(a + 1, b + 1) + 1
        : Math.max(lengthFrom(a + 1, b), lengthFrom(a, b + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let a = 0, b = 0; a < left.length && b < right.length; ) {
    if (alike(left[a]!, right[b]!)) pairs.push([a++, b++]);
    else if (lengthFrom(a + 1, b) >= lengthFrom(a, b + 1)) a++;
    else b++;
  }
  return pairs;
}

function isOfOneName(a: Json, b: Json): boolean {
  return isObject(a) && isObject(b) && a.name !== undefined && a.name === b.name;
}

function isMostlyAlike(a: Json, b: Json): boolean {
  if (!isObject(a) || !isObject(b) || a.name !== b.name) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  const shared = [...keys].filter((key) => isSame(a[key], b[key])).length;
  return shared * 2 >= keys.size;
}
