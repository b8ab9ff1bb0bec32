import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { align, pairBudget } from "../../../../replayer/compare/json/align.js";
import { IdentityTable } from "../../../../replayer/compare/json/identity-table.js";

const identity = fc.oneof(fc.integer({ min: -3, max: 12 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
const lists = fc.oneof(
  fc.array(identity, { maxLength: 60 }),
  fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 10, maxLength: 60 }),
);

test("every element is in one list, equal ones are paired, and none that has an equal is left over", () => {
  fc.assert(
    fc.property(lists, lists, (expected, actual) => {
      const { start, tail, partners, anchors, moved, onlyExpected, onlyActual } = align(expected, actual, pairBudget());
      const pairs = [...partners]
        .map((to, from) => [from, to] as const)
        .filter(([from, to]) => from >= start && to >= 0);
      assert.equal(pairs.length, anchors.length + moved);
      assert.ok(anchors.every((from, nth) => nth === 0 || partners[from]! > partners[anchors[nth - 1]!]!));
      assert.ok(anchors.every((from, nth) => nth === 0 || from > anchors[nth - 1]!));
      for (const [from, to] of pairs) assert.equal(expected[from], actual[to]);
      const ends = (length: number) =>
        Array.from({ length }, (_, at) => at).filter((at) => at < start || at >= length - tail);
      const ascending = (places: number[]) => places.sort((one, other) => one - other);
      assert.deepEqual(ascending([...ends(expected.length), ...pairs.map(([from]) => from), ...onlyExpected]), [
        ...expected.keys(),
      ]);
      assert.deepEqual(ascending([...ends(actual.length), ...pairs.map(([, to]) => to), ...onlyActual]), [
        ...actual.keys(),
      ]);
      const left = new Set(onlyExpected.map((at) => expected[at]));
      assert.ok(!onlyActual.some((at) => left.has(actual[at])));
    }),
  );
});

test("a table of identities says what a map would, for as many as it is made for", () => {
  fc.assert(
    fc.property(lists, lists, (added, asked) => {
      const table = new IdentityTable(added.length);
      const map = new Map<number, number>();
      for (const [place, one] of added.entries()) {
        assert.equal(table.replace(one, place), map.get(one) ?? -1);
        map.set(one, place);
      }
      for (const one of [...added, ...asked]) assert.equal(table.get(one), map.get(one) ?? -1);
    }),
  );
});

test("an identity that was added more than once has no place", () => {
  const table = new IdentityTable(3);
  for (const [place, one] of [5, -7, 5].entries()) table.addOnce(one, place);
  assert.ok(table.get(5) < 0);
  assert.equal(table.get(-7), 1);
});
