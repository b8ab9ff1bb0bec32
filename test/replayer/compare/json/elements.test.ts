import assert from "node:assert/strict";
import { test } from "node:test";
import { compareJson } from "../../../../replayer/compare/json/compare-json.js";
import { type ArrayRule, BodyFindings } from "../../../../replayer/compare/json/findings.js";

function found(expected: unknown, actual: unknown, rule?: ArrayRule): string[] {
  const findings = new BodyFindings(
    rule && { hides: () => false, arrayAt: (path) => (path.length === 0 ? rule : undefined) },
  );
  const [left, right] = [expected, actual].map((value) => Buffer.from(JSON.stringify(value))) as [Buffer, Buffer];
  const compared = compareJson(left, right, "utf8", findings);
  assert.equal(compared.kind, "compared");
  return compared.kind === "compared" ? compared.differences.map(({ kind, place }) => `${kind} ${place}`) : [];
}

const people = [
  { id: 1, name: "Ann", age: 30 },
  { id: 2, name: "Bob", age: 31 },
  { id: 3, name: "Cid", age: 32 },
];

test("elements in another order are one difference, whatever is in them", () => {
  assert.deepEqual(found(people, people.toReversed()), ["changed-order body"]);
  assert.deepEqual(found(["a", "b", "c"], ["c", "a", "b"]), ["changed-order body"]);
});

test("an element that moved and changed is compared with its own earlier self", () => {
  const [ann, bob, cid] = people;
  assert.deepEqual(found(people, [bob, { ...ann, age: 99 }, cid]), ["changed-order body", "changed-value body:/0/age"]);
});

test("one gone and another new in a list of the same length are both named", () => {
  const [, bob, cid] = people;
  assert.deepEqual(found(people, [bob, cid, { id: 4, name: "Dot", age: 33 }]), [
    "missing-element body:/0",
    "added-element body:/2",
  ]);
});

test("ids that are new in every answer are no keys: elements stay with their places", () => {
  const fresh = people.map((one) => ({ ...one, id: one.id + 100 }));
  assert.deepEqual(found(people, fresh), [
    "changed-value body:/0/id",
    "changed-value body:/1/id",
    "changed-value body:/2/id",
  ]);
});

test("a value that happens to be unique is no key while it changes", () => {
  const prices = (values: number[]) => values.map((price) => ({ price, currency: "EUR" }));
  assert.deepEqual(found(prices([1, 2, 3]), prices([1, 5, 6])), [
    "changed-value body:/1/price",
    "changed-value body:/2/price",
  ]);
});

test("a key that a rule names pairs elements that share nothing else", () => {
  const one = [
    { sku: "a", n: 1 },
    { sku: "b", n: 2 },
  ];
  const other = [
    { sku: "b", n: 3 },
    { sku: "c", n: 1 },
  ];
  assert.deepEqual(found(one, other, { key: ["sku"] }), [
    "missing-element body:/0",
    "changed-value body:/1/n",
    "added-element body:/1",
  ]);
});

test("an array that a rule takes as a set has no order, and its leftovers are still compared", () => {
  let used = 0;
  const rule = { unordered: () => void used++ };
  assert.deepEqual(found(["a", "b", "c"], ["c", "b", "a"], rule), []);
  assert.equal(used, 1);
  assert.deepEqual(found(["a", "b", "c"], ["c", "x", "a"], rule), ["changed-value body:/1"]);
  assert.deepEqual(found(["a", "b"], ["b"], rule), ["array-length body", "missing-element body:/0"]);
});

test("20,000 strings the other way round are one difference, and no table of all pairs is made", () => {
  const strings = Array.from({ length: 20_000 }, (_, at) => `value ${at}`);
  assert.deepEqual(found(strings, strings.toReversed()), ["changed-order body"]);
});

test("what has no equal is paired within its stretch between two that have one, never across them", () => {
  assert.deepEqual(found(["p", "A", "B", "C", "D", "q"], ["A", "B", "r", "s", "C", "D"]), [
    "missing-element body:/0",
    "missing-element body:/5",
    "added-element body:/2",
    "added-element body:/3",
  ]);
  assert.deepEqual(found(["A", "p", "B", "C"], ["A", "q", "B", "C", "D"]), [
    "array-length body",
    "changed-value body:/1",
  ]);
});

test("where rules look at each difference, ten of a place are listed all the same", () => {
  const rows = (from: number) => Array.from({ length: 30 }, (_, at) => ({ price: from + at * 2 }));
  const differences = found(rows(0), rows(1), {});
  assert.equal(differences.length, 10);
  assert.ok(differences.every((one) => /^changed-value body:\/\d+\/price$/.test(one)));
});
