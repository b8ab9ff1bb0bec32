import assert from "node:assert/strict";
import { test } from "node:test";
import { PlaceList } from "../../../tape/redaction/places.js";

test("places are told once, in order, and beyond a thousand as one", () => {
  const places = new PlaceList();
  assert.deepEqual(places.list(), []);
  for (const place of ["b", "a", "b"]) places.add(place);
  assert.deepEqual(places.list(), ["b", "a"]);
  for (let at = 0; at < 5000; at++) places.add(`body:/${at}`);
  assert.equal(places.list().length, 1001);
  assert.equal(places.list().at(-1), "…");
});
