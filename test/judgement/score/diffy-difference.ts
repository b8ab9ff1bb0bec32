import { isDeepStrictEqual } from "node:util";

/** A lifted answer: what JSON can say. */
export type Lifted = null | boolean | number | string | readonly Lifted[] | { readonly [key: string]: Lifted };

/**
 * The paths at which Diffy counts a difference, each once, its kind last, tokens on lines of their own. Arrays of one
 * length are compared by position and leave no token; a member on one side alone is named without what it holds.
 */
export function differencesBetween(left: Lifted, right: Lifted): Set<string> {
  return new Set(flattened(left, right));
}

function flattened(left: Lifted, right: Lifted): string[] {
  if (isDeepStrictEqual(left, right)) return [];
  if (Array.isArray(left) && Array.isArray(right)) return inArrays(left, right);
  if (isObject(left) && isObject(right)) return inObjects(left, right);
  return [
    typeof left === typeof right && !isObject(left) && !isObject(right) ? "PrimitiveDifference" : "TypeDifference",
  ];
}

function inArrays(left: readonly Lifted[], right: readonly Lifted[]): string[] {
  if (left.length !== right.length) return ["SeqSizeDifference"];
  const texts = (list: readonly Lifted[]) => list.map((one) => JSON.stringify(one)).sort();
  if (isDeepStrictEqual(texts(left), texts(right))) return ["OrderingDifference"];
  return left.flatMap((one, at) => flattened(one, right[at]!));
}

function inObjects(left: { readonly [key: string]: Lifted }, right: { readonly [key: string]: Lifted }): string[] {
  const found: string[] = [];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (!Object.hasOwn(right, key)) found.push(`${key}\nMissingField`);
    else if (!Object.hasOwn(left, key)) found.push(`${key}\nExtraField`);
    else found.push(...flattened(left[key]!, right[key]!).map((path) => `${key}\n${path}`));
  }
  return found;
}

function isObject(value: Lifted): value is { readonly [key: string]: Lifted } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
