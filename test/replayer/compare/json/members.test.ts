import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JsonIndex } from "../../../../replayer/compare/json/json-index.js";
import { pairMembers } from "../../../../replayer/compare/json/members.js";

/** An object with these names in this order; where among its nodes each stands. */
function objectOf(names: readonly string[]): { index: JsonIndex; placeOf: (key: number) => number } {
  const index = new JsonIndex();
  assert.ok(index.read(Buffer.from(`{${names.map((name) => `${JSON.stringify(name)}:0`).join(",")}}`)));
  return { index, placeOf: (key) => (key - 1) / 2 };
}

function paired(names: readonly string[], others: readonly string[]) {
  const [left, right] = [objectOf(names), objectOf(others)];
  const { pairs, missing, added, repeated } = pairMembers(left.index, 0, right.index, 0);
  return {
    pairs: pairs.map((key, at) => (at % 2 === 0 ? left : right).placeOf(key)),
    missing: missing.map(left.placeOf),
    added: added.map(right.placeOf),
    repeated: repeated.map(([key, before, after]) => [left.placeOf(key), before, after]),
  };
}

/** By definition: of each name the nth with the nth, and what is on one side alone once. */
function byDefinition(names: readonly string[], others: readonly string[]): ReturnType<typeof paired> {
  const places = (of: readonly string[], name: string) => of.flatMap((one, at) => (one === name ? [at] : []));
  const found: ReturnType<typeof paired> = { pairs: [], missing: [], added: [], repeated: [] };
  for (const name of new Set(names)) {
    const [own, theirs] = [places(names, name), places(others, name)];
    if (theirs.length === 0) found.missing.push(own[0]!);
    else if (own.length !== theirs.length) found.repeated.push([own[0]!, own.length, theirs.length]);
    for (let nth = 0; nth < Math.min(own.length, theirs.length); nth++) found.pairs.push(own[nth]!, theirs[nth]!);
  }
  for (const name of new Set(others)) if (!names.includes(name)) found.added.push(others.indexOf(name));
  return found;
}

test("members are paired by name, in whatever order and however often one is given", () => {
  const names = fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 7 });
  fc.assert(
    fc.property(names, names, (left, right) => assert.deepEqual(paired(left, right), byDefinition(left, right))),
    { numRuns: 2_000 },
  );
});

test("so are many, which are looked up", () => {
  const names = fc.array(fc.integer({ max: 40, min: 0 }).map(String), { minLength: 25, maxLength: 60 });
  fc.assert(
    fc.property(names, names, (left, right) => assert.deepEqual(paired(left, right), byDefinition(left, right))),
  );
});
