import assert from "node:assert/strict";
import { test } from "node:test";
import { Climbs } from "../../../replayer/noise/climbs.js";

const climbs = (pairs: readonly (readonly [string, string])[]) => {
  const seen = new Climbs();
  for (const [expected, actual] of pairs) seen.add(expected, actual);
  return seen.areCounters;
};
const pairs = (count: number, of: (at: number) => readonly [string, string]) =>
  Array.from({ length: count }, (_, at) => of(at));

test("two counters of their own climb, wherever each of them is", () => {
  assert.equal(climbs(pairs(10, (at) => [`${100 + at}`, `${3 * at}`])), true);
  assert.equal(climbs(pairs(10, (at) => [`"${100 + at}"`, `"${at}"`])), true);
});

test("an answer that came out of order does not hide a counter", () => {
  const order = [0, 1, 2, 4, 3, 5, 6, 7, 8, 9, 10];
  assert.equal(climbs(order.map((at) => [`${at}`, `${50 + at}`])), true);
});

test("numbers that fall, fractions, words and too few values are no counters", () => {
  assert.equal(climbs(pairs(10, (at) => [`${(at * 7) % 10}`, `${at}`])), false);
  assert.equal(climbs(pairs(10, (at) => [`${at / 2}`, `${at}`])), false);
  assert.equal(climbs(pairs(10, (at) => [`"a${at}"`, `"b${at}"`])), false);
  assert.equal(climbs(pairs(4, (at) => [`${at}`, `${at}`])), false);
});
