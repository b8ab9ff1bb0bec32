import type { JsonIndex } from "./json-index.js";
import { keyText } from "./keys.js";

/** How the members of two objects belong together, by their keys' nodes; a value follows its key. */
export interface PairedMembers {
  /** Of one name, the first with the first. */
  pairs: (readonly [expected: number, actual: number])[];
  missing: number[];
  added: number[];
  /** A key that is given another number of times. */
  repeated: (readonly [key: number, expected: number, actual: number])[];
}

/** Up to here looking through all keys is faster than looking them up. */
const fewKeys = 24;

/** The keys of an object. */
export function membersOf(index: JsonIndex, object: number): number[] {
  const keys: number[] = [];
  const end = index.next(object);
  for (let key = object + 1; key < end; key = index.next(key + 1)) keys.push(key);
  return keys;
}

/** Pairs members by name, in whatever order they are; repeats of a name stay in theirs. */
export function pairMembers(
  left: JsonIndex,
  keys: readonly number[],
  right: JsonIndex,
  others: readonly number[],
): PairedMembers {
  const found: PairedMembers = { pairs: [], missing: [], added: [], repeated: [] };
  if (areSameKeys(left, keys, right, others)) {
    for (const [at, key] of keys.entries()) found.pairs.push([key, others[at]!]);
    return found;
  }
  const inLeft = finder(left, keys);
  const inRight = finder(right, others);
  for (const key of keys) {
    const own = inLeft(left, key);
    if (own[0] !== key) continue;
    const theirs = inRight(left, key);
    if (theirs.length === 0) found.missing.push(key);
    else if (own.length !== theirs.length) found.repeated.push([key, own.length, theirs.length]);
    for (let nth = 0; nth < Math.min(own.length, theirs.length); nth++) found.pairs.push([own[nth]!, theirs[nth]!]);
  }
  for (const key of others)
    if (inLeft(right, key).length === 0 && inRight(right, key)[0] === key) found.added.push(key);
  return found;
}

function areSameKeys(left: JsonIndex, keys: readonly number[], right: JsonIndex, others: readonly number[]): boolean {
  if (keys.length !== others.length) return false;
  for (let at = 0; at < keys.length; at++) if (!isSameKey(left, keys[at]!, right, others[at]!)) return false;
  return true;
}

/** Finds the keys of an object that are the same as a key of any index, in their order. */
function finder(index: JsonIndex, keys: readonly number[]): (of: JsonIndex, key: number) => readonly number[] {
  if (keys.length <= fewKeys) {
    return (of, key) => keys.filter((own) => isSameKey(index, own, of, key));
  }
  const byHash = new Map<number, number[]>();
  for (const key of keys) {
    const known = byHash.get(index.hash(key));
    if (known === undefined) byHash.set(index.hash(key), [key]);
    else known.push(key);
  }
  return (of, key) => {
    const like = byHash.get(of.hash(key)) ?? [];
    return like.length === 1 && isSameKey(index, like[0]!, of, key)
      ? like
      : like.filter((own) => isSameKey(index, own, of, key));
  };
}

function isSameKey(left: JsonIndex, key: number, right: JsonIndex, other: number): boolean {
  if (left.hash(key) !== right.hash(other)) return false;
  return sameBytes(left, key, right, other) || keyText(left, key) === keyText(right, other);
}

/** Comparing in place is faster than calling out for it up to this many bytes. */
const shortBytes = 40;

/** Whether two values are written alike. */
export function sameBytes(left: JsonIndex, node: number, right: JsonIndex, other: number): boolean {
  let from = left.start(node);
  const end = left.end(node);
  let to = right.start(other);
  if (end - from !== right.end(other) - to) return false;
  if (end - from > shortBytes) return left.text.compare(right.text, to, right.end(other), from, end) === 0;
  while (from < end) if (left.text[from++] !== right.text[to++]) return false;
  return true;
}
