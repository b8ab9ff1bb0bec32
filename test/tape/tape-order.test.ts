import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareInTapeOrder, mergeInTapeOrder, type TapeKey, withTiesOrdered } from "../../tape/tape-order.js";

const key: fc.Arbitrary<TapeKey> = fc
  .tuple(fc.bigInt({ min: 0n, max: 6n }), fc.constantFrom("a", "b"), fc.constantFrom("0", "1"), fc.nat({ max: 5 }))
  .map(([startedNs, name, incarnation, sequence]) => ({ startedNs, recorder: { name, incarnation }, sequence }));
const sorted = (keys: readonly TapeKey[]) => [...keys].sort(compareInTapeOrder);

test("merging sorted sources gives all of them sorted", () => {
  fc.assert(
    fc.property(fc.array(fc.array(key), { maxLength: 7 }), (sources) => {
      assert.deepEqual([...mergeInTapeOrder(sources.map(sorted))], sorted(sources.flat()));
    }),
  );
});

test("what is ordered by time alone is brought into tape order", () => {
  fc.assert(
    fc.property(fc.array(key), (keys) => {
      const byTime = [...keys].sort((a, b) => Number(a.startedNs - b.startedNs));
      assert.deepEqual([...withTiesOrdered(byTime)], sorted(keys));
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
  const merged = mergeInTapeOrder([endless(), endless(), endless()])[Symbol.iterator]();
  for (let taken = 0; taken < 30; taken++) merged.next();
  assert.ok(given <= 33, `${given} were taken for 30`);
});
