import type { JsonIndex } from "./json-index.js";

/** What the elements of two arrays are known by: per element the hash of its key; undefined where it has none. */
export interface ElementKeys {
  expected: readonly (number | undefined)[];
  actual: readonly (number | undefined)[];
}

/** Elements of one side: their index, and their nodes. */
export interface Elements {
  index: JsonIndex;
  nodes: Int32Array;
}

/** Names that say what a thing is, and not how it is. */
const nameOfIdentity =
  /^(?:_?id|uuid|guid|key|name|sku|slug|code|isbn|number|ref|email|path|href|url)$|(?:_id|Id|ID|Key)$/;
/** Of an element, this many members are tried. */
const mostCandidates = 8;

/**
 * The keys of a member that every element on both sides has, as a string or a number, and no two elements of a side
 * share. A member named like an identity is enough when half of the smaller side is on the other, too; any other one has
 * to be there with the same values on both sides. Undefined when there is none.
 */
export function inferKeys(expected: Elements, actual: Elements): ElementKeys | undefined {
  const first = expected.nodes[0];
  if (first === undefined || actual.nodes.length === 0 || !isObject(expected.index, first)) return undefined;
  for (const { name, node } of candidatesOf(expected.index, first)) {
    const left = uniqueValues(expected, expected.index.hash(node));
    if (left === undefined) continue;
    const right = uniqueValues(actual, expected.index.hash(node));
    if (right !== undefined && isEnough(name, left, right)) return { expected: left, actual: right };
  }
  return undefined;
}

/** The keys of members that the operator named; several go together. */
export function namedKeys(expected: Elements, actual: Elements, names: readonly string[]): ElementKeys {
  return { expected: keysNamed(expected, names), actual: keysNamed(actual, names) };
}

function keysNamed({ index, nodes }: Elements, names: readonly string[]): (number | undefined)[] {
  return Array.from(nodes, (element) => {
    let key: number | undefined;
    for (const name of names) {
      const value = isObject(index, element) ? memberNamed(index, element, name) : undefined;
      if (value === undefined) return undefined;
      key = Math.imul(key ?? 17, 31) ^ index.hash(value);
    }
    return key;
  });
}

/** Members of an element that may be its key: those named so first. */
function candidatesOf(index: JsonIndex, element: number): { name: string; node: number }[] {
  const found: { name: string; node: number }[] = [];
  for (let key = element + 1; key < index.next(element); key = index.next(key + 1)) {
    if (!isKeyValue(index, key + 1)) continue;
    found.push({ name: index.text.toString("utf8", index.start(key) + 1, index.end(key) - 1), node: key });
    if (found.length === 4 * mostCandidates) break;
  }
  const named = found.filter(({ name }) => nameOfIdentity.test(name));
  return [...named, ...found.filter((one) => !named.includes(one))].slice(0, mostCandidates);
}

function isEnough(name: string, left: readonly number[], right: readonly number[]): boolean {
  const known = new Set(left);
  const shared = right.reduce((count, value) => count + (known.has(value) ? 1 : 0), 0);
  if (nameOfIdentity.test(name)) return shared * 2 >= Math.min(left.length, right.length);
  return shared === left.length && shared === right.length;
}

/** Undefined as soon as one element lacks it, or has it twice the same. */
function uniqueValues({ index, nodes }: Elements, keyHash: number): number[] | undefined {
  const seen = new Set<number>();
  const values: number[] = [];
  for (const element of nodes) {
    const value = isObject(index, element) ? memberByHash(index, element, keyHash) : undefined;
    if (value === undefined || !isKeyValue(index, value)) return undefined;
    const hash = index.hash(value);
    values.push(hash);
    if (seen.size === seen.add(hash).size) return undefined;
  }
  return values;
}

function memberByHash(index: JsonIndex, element: number, keyHash: number): number | undefined {
  const end = index.next(element);
  for (let key = element + 1; key < end; key = index.next(key + 1)) if (index.hash(key) === keyHash) return key + 1;
  return undefined;
}

function memberNamed(index: JsonIndex, element: number, name: string): number | undefined {
  const end = index.next(element);
  for (let key = element + 1; key < end; key = index.next(key + 1)) {
    if (keyText(index, key) === name) return key + 1;
  }
  return undefined;
}

/** A key, its escapes undone. */
export function keyText(index: JsonIndex, key: number, encoding: "utf8" | "latin1" = "utf8"): string {
  const raw = index.text.toString(encoding, index.start(key) + 1, index.end(key) - 1);
  return raw.includes("\\") ? (JSON.parse(`"${raw}"`) as string) : raw;
}

function isObject(index: JsonIndex, node: number): boolean {
  return index.sign(node) === 0x7b;
}

/** A string or a number. */
function isKeyValue(index: JsonIndex, node: number): boolean {
  const sign = index.sign(node);
  return sign === 0x22 || sign === 0x2d || (sign >= 0x30 && sign <= 0x39);
}
