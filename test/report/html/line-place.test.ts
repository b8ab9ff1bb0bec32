import assert from "node:assert/strict";
import { test } from "node:test";
import { linePlace, PlaceNumbers } from "../../../report/html/line-place.js";

test("a place is its parts, each in the one before", () => {
  assert.deepEqual(linePlace("status"), { part: "status" });
  assert.deepEqual(linePlace("body:/a/0"), { part: "0", within: { part: "a", within: { part: "body:" } } });
});

test("equal places have one number, whoever made them; what a place is in has a lower one", () => {
  const numbers = new PlaceNumbers();
  const inner = numbers.numberOf(linePlace("body:/a/0"));
  assert.equal(numbers.numberOf(linePlace("body:/a/0")), inner);
  assert.ok(numbers.numberOf(linePlace("body:/a")) < inner);
  assert.notEqual(numbers.numberOf(linePlace("body:/0/a")), inner);
  assert.notEqual(numbers.numberOf(linePlace("0")), inner);
});

const reaches: [wanted: string, place: string, reach: string][] = [
  ["body:/a", "body:/a", "at"],
  ["body:/a", "body:/a/b/c", "inside"],
  ["body:/a", "body:", "apart"],
  ["body:/a", "body:/b/a", "apart"],
  ["body:/*/id", "body:/17/id", "at"],
  ["body:/*/id", "body:/x/id", "apart"],
  ["body:/*", "body:/*", "at"],
  ["body", "body:/a", "apart"],
  ["header:etag", "header:etag", "at"],
];

for (const [wanted, place, reach] of reaches) {
  test(`where ${wanted} is looked for, ${place} is ${reach}`, () => {
    const numbers = new PlaceNumbers();
    const number = numbers.numberOf(linePlace(place));
    assert.equal(numbers.reachOf(wanted)(number), reach);
  });
}
