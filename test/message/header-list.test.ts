import assert from "node:assert/strict";
import { test } from "node:test";
import { allValues, firstValue, headerListFromRaw, rawFromHeaderList, withoutFields } from "../../message/index.js";

const raw = ["Host", "shop", "Accept", "a", "accept", "b"];
const headers = headerListFromRaw(raw);

test("Node's flat form and back keeps order, case and repeats", () => {
  assert.deepEqual(headers, [
    ["Host", "shop"],
    ["Accept", "a"],
    ["accept", "b"],
  ]);
  assert.deepEqual(rawFromHeaderList(headers), raw);
});

test("fields are found by lower-case name, whatever case they came in", () => {
  assert.equal(firstValue(headers, "accept"), "a");
  assert.deepEqual(allValues(headers, "accept"), ["a", "b"]);
  assert.equal(firstValue(headers, "cookie"), undefined);
  assert.deepEqual(withoutFields(headers, new Set(["accept"])), [["Host", "shop"]]);
});
