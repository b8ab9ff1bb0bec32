import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseForm } from "../../message/index.js";

test("names and values are decoded, and the raw value's place is told", () => {
  const text = "a=1&pass%20word=x%2By+z&&flag&=empty-name&b=";
  const fields = parseForm(text);
  assert.deepEqual(
    fields.map(({ name, value }) => [name, value]),
    [
      ["a", "1"],
      ["pass word", "x+y z"],
      ["flag", ""],
      ["", "empty-name"],
      ["b", ""],
    ],
  );
  assert.deepEqual(
    fields.map((field) => text.slice(field.valueStart, field.valueEnd)),
    ["1", "x%2By+z", "", "empty-name", ""],
  );
});

test("broken percent-encoding stands for itself", () => {
  assert.deepEqual(
    parseForm("a=%zz&b=100%&c=%ff").map(({ value }) => value),
    ["%zz", "100%", "%ff"],
  );
});

test("what URLSearchParams writes is read as it was meant", () => {
  const pairs = fc.array(fc.tuple(fc.string({ unit: "grapheme", minLength: 1 }), fc.string({ unit: "grapheme" })));
  fc.assert(
    fc.property(pairs, (meant) => {
      const read = parseForm(new URLSearchParams(meant).toString()).map(({ name, value }) => [name, value]);
      assert.deepEqual(read, meant);
    }),
  );
});
