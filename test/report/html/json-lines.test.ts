import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonLines } from "../../../report/html/json-lines.js";

test("JSON is laid out line by line, each with its place", () => {
  assert.deepEqual(jsonLines('{"a":[1,{"b/c":null}],"d":{},"e":[]}'), [
    { text: "{", place: "body:" },
    { text: '  "a": [', place: "body:/a" },
    { text: "    1,", place: "body:/a/0" },
    { text: "    {", place: "body:/a/1" },
    { text: '      "b/c": null', place: "body:/a/1/b~1c" },
    { text: "    }" },
    { text: "  ]," },
    { text: '  "d": {},', place: "body:/d" },
    { text: '  "e": []', place: "body:/e" },
    { text: "}" },
  ]);
});

test("numbers and strings keep the digits and escapes they were written with", () => {
  assert.deepEqual(
    jsonLines('[9007199254740993,1.50,"\\u00e9"]')?.map(({ text }) => text.trim()),
    ["[", "9007199254740993,", "1.50,", '"\\u00e9"', "]"],
  );
});

test("a scalar is a document, text is not", () => {
  assert.deepEqual(jsonLines(" 5 "), [{ text: "5", place: "body:" }]);
  for (const text of ["", "hello", '{"a":1', "[1,]", "{}{}"]) assert.equal(jsonLines(text), undefined);
});

test("the layout is the one JSON.stringify gives, for every document", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const lines = jsonLines(JSON.stringify(value))!;
      assert.equal(lines.map(({ text }) => text).join("\n"), JSON.stringify(value, null, 2));
    }),
  );
});

test("ten thousand levels are as good as ten", () => {
  const depth = 10_000;
  assert.equal(jsonLines("[".repeat(depth) + "]".repeat(depth))?.length, 2 * depth - 1);
});
