import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JsonNumber, JsonObject, type JsonTree, parseJson, repeatedKey } from "../../../message/index.js";

/** What `JSON.parse` would have given: numbers as doubles, the last of repeated keys. */
function plain(tree: JsonTree): unknown {
  if (tree instanceof JsonNumber) return Number(tree.lexeme);
  if (Array.isArray(tree)) return tree.map(plain);
  if (!(tree instanceof JsonObject)) return tree;
  const object: Record<string, unknown> = {};
  for (const [at, key] of tree.keys.entries()) {
    Object.defineProperty(object, key, {
      value: plain(tree.values[at]!),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}

test("a parsed text is what JSON.parse makes of it", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => assert.deepEqual(plain(parseJson(text)!), JSON.parse(text))),
    { numRuns: 1000 },
  );
});

test("numbers keep their lexeme", () => {
  const tree = parseJson("[9007199254740993, 1.0, 1e0, -0]") as JsonNumber[];
  assert.deepEqual(
    tree.map((number) => number.lexeme),
    ["9007199254740993", "1.0", "1e0", "-0"],
  );
});

test("keys that come twice are both there, and found", () => {
  const tree = parseJson('{"a":1,"b":2,"\\u0061":3}') as JsonObject;
  assert.deepEqual(tree.keys, ["a", "b", "a"]);
  assert.equal(repeatedKey(tree), "a");
  assert.equal(repeatedKey(parseJson('{"a":1,"b":2}') as JsonObject), undefined);
  const many = Array.from({ length: 20 }, (_, at) => `"k${at}":0`);
  assert.equal(repeatedKey(parseJson(`{${many.join()}}`) as JsonObject), undefined);
  assert.equal(repeatedKey(parseJson(`{${many.join()},"k7":1}`) as JsonObject), "k7");
});

test("null is a value, and what is no JSON is undefined", () => {
  assert.equal(parseJson("null"), null);
  for (const text of ["", "nul", "[1,", "{'a':1}", "<html>"]) assert.equal(parseJson(text), undefined);
});

test("a byte order mark is skipped", () => {
  assert.deepEqual(plain(parseJson("\ufeff[true]")!), [true]);
});

test("10,000 levels and arrays of 200,000 are parsed without overflowing the stack", () => {
  let tree = parseJson("[".repeat(10_000) + "]".repeat(10_000));
  let depth = 0;
  while (Array.isArray(tree)) {
    depth++;
    tree = tree[0];
  }
  assert.equal(depth, 10_000);
  const wide = parseJson(`[${"1,".repeat(199_999)}1]`) as JsonTree[];
  assert.equal(wide.length, 200_000);
});
