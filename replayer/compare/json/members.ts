import type { JsonIndex } from "./json-index.js";
import { keyText } from "./keys.js";

/** How the members of two objects belong together, by their keys' nodes; a value follows its key. */
export interface PairedMembers {
  /** Of one name, the first with the first: a key on the expected side, then its partner, and so on. */
  pairs: number[];
  missing: number[];
  added: number[];
  /** A key that is given another number of times. */
  repeated: (readonly [key: number, expected: number, actual: number])[];
}

/** Up to here looking through all keys is faster than looking them up. */
const fewKeys = 24;

/** Whether two objects have the same keys in the same order: by far the most do. */
export function haveSameKeys(left: JsonIndex, expected: number, right: JsonIndex, actual: number): boolean {
  const [end, otherEnd] = [left.next(expected), right.next(actual)];
  let [key, other] = [expected + 1, actual + 1];
  while (key < end && other < otherEnd) {
    if (!isSameKey(left, key, right, other)) return false;
    key = left.next(key + 1);
    other = right.next(other + 1);
  }
  return key === end && other === otherEnd;
}

/** The keys of an object. */
function keysOf(index: JsonIndex, object: number): number[] {
  const keys: number[] = [];
  const end = index.next(object);
  for (let key = object + 1; key < end; key = index.next(key + 1)) keys.push(key);
  return keys;
}

/** Pairs the members of two objects by name, in whatever order they are; repeats of a name stay in theirs. */
export function pairMembers(left: JsonIndex, expected: number, right: JsonIndex, actual: number): PairedMembers {
  const [keys, others] = [keysOf(left, expected), keysOf(right, actual)];
  return pairedFew(left, keys, right, others) ?? pairedByName(left, keys, right, others);
}

/** Of few members, each of another name: undefined for all others. */
function pairedFew(
  left: JsonIndex,
  keys: readonly number[],
  right: JsonIndex,
  others: readonly number[],
): PairedMembers | undefined {
  if (keys.length > fewKeys || others.length > fewKeys) return undefined;
  const found: PairedMembers = { pairs: [], missing: [], added: [], repeated: [] };
  // A bit for each that has a partner.
  let taken = 0;
  for (const key of keys) {
    const place = firstLike(right, others, left.hash(key));
    if (place === -1) {
      if (firstLike(left, found.missing, left.hash(key)) !== -1) return undefined;
      found.missing.push(key);
    } else {
      // Of two of one name, both find the first.
      if ((taken & (1 << place)) !== 0 || !isSameKey(left, key, right, others[place]!)) return undefined;
      found.pairs.push(key, others[place]!);
      taken |= 1 << place;
    }
  }
  for (let at = 0; at < others.length; at++) {
    if ((taken & (1 << at)) !== 0) continue;
    if (firstLike(right, others, right.hash(others[at]!)) !== at) return undefined;
    found.added.push(others[at]!);
  }
  return found;
}

/** Where the first key with a hash is; -1 where there is none. */
function firstLike(index: JsonIndex, keys: readonly number[], hash: number): number {
  for (let at = 0; at < keys.length; at++) if (index.hash(keys[at]!) === hash) return at;
  return -1;
}

function pairedByName(
  left: JsonIndex,
  keys: readonly number[],
  right: JsonIndex,
  others: readonly number[],
): PairedMembers {
  const found: PairedMembers = { pairs: [], missing: [], added: [], repeated: [] };
  const inLeft = finder(left, keys);
  const inRight = finder(right, others);
  for (const key of keys) {
    const own = inLeft(left, key);
    if (own[0] !== key) continue;
    const theirs = inRight(left, key);
    if (theirs.length === 0) found.missing.push(key);
    else if (own.length !== theirs.length) found.repeated.push([key, own.length, theirs.length]);
    for (let nth = 0; nth < Math.min(own.length, theirs.length); nth++) found.pairs.push(own[nth]!, theirs[nth]!);
  }
  for (const key of others)
    if (inLeft(right, key).length === 0 && inRight(right, key)[0] === key) found.added.push(key);
  return found;
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
  // Not worth its making for a text of few values.
  if (end - from >= 8 && left.count > 64 && right.count > 64) {
    const [words, otherWords] = [left.words, right.words];
    for (; from + 4 <= end; from += 4, to += 4) if (words.getInt32(from) !== otherWords.getInt32(to)) return false;
  }
  const [text, otherText] = [left.text, right.text];
  while (from < end) if (text[from++] !== otherText[to++]) return false;
  return true;
}
