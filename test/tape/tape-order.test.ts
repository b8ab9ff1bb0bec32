import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareInTapeOrder, type InTapeOrder, type TapeKey, TapeMerge } from "../../tape/tape-order.js";

const key: fc.Arbitrary<TapeKey> = fc
  .tuple(fc.bigInt({ min: 0n, max: 6n }), fc.constantFrom("a", "b"), fc.constantFrom("0", "1"), fc.nat({ max: 5 }))
  .map(([startedNs, name, incarnation, sequence]) => ({ startedNs, recorder: { name, incarnation }, sequence }));
const sorted = (keys: readonly TapeKey[]) => [...keys].sort(compareInTapeOrder);

/** Looks in vain before each. */
const oneByOne = (keys: Iterable<TapeKey>): InTapeOrder<TapeKey> => {
  const left = keys[Symbol.iterator]();
  let isVain = false;
  return {
    next() {
      isVain = !isVain;
      return isVain ? null : left.next().value;
    },
  };
};
const merging = (sources: readonly Iterable<TapeKey>[]): TapeMerge<TapeKey> => {
  const merge = new TapeMerge<TapeKey>();
  for (const source of sources) merge.add(oneByOne(source));
  return merge;
};
const allOf = (merge: TapeMerge<TapeKey>, beforeNs?: bigint): TapeKey[] => {
  const all: TapeKey[] = [];
  for (let next = merge.next(beforeNs); next !== undefined; next = merge.next(beforeNs))
    if (next !== null) all.push(next);
  return all;
};

test("merging sorted sources gives all of them sorted", () => {
  fc.assert(
    fc.property(fc.array(fc.array(key), { maxLength: 7 }), (sources) => {
      assert.deepEqual(allOf(merging(sources.map(sorted))), sorted(sources.flat()));
    }),
  );
});

test("sources that come later are merged with what is left of those before, and each time what began earlier is given", () => {
  fc.assert(
    fc.property(fc.array(fc.array(key, { minLength: 1 }), { maxLength: 7 }), (given) => {
      const sources = given.map(sorted).sort(([a], [b]) => Number(a!.startedNs - b!.startedNs));
      const merge = merging([]);
      const added: TapeKey[] = [];
      const merged: TapeKey[] = [];
      for (const source of sources) {
        const { startedNs } = source[0]!;
        merged.push(...allOf(merge, startedNs));
        assert.equal(merged.length, added.filter((one) => one.startedNs < startedNs).length);
        merge.add(oneByOne(source));
        added.push(...source);
      }
      assert.deepEqual([...merged, ...allOf(merge)], sorted(given.flat()));
    }),
  );
});

test("merging holds one of each source, however long they are", () => {
  let given = 0;
  function* endless(): Generator<TapeKey> {
    for (let sequence = 0; ; sequence++) {
      given++;
      yield { startedNs: BigInt(sequence), recorder: { name: "a", incarnation: "0" }, sequence };
    }
  }
  const merged = merging([endless(), endless(), endless()]);
  for (let taken = 0; taken < 30; ) if (merged.next() !== null) taken++;
  assert.ok(given <= 33, `${given} were taken for 30`);
});
