import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonLines } from "../../../report/html/json-lines.js";
import { linePlace } from "../../../report/html/line-place.js";

test("JSON is laid out line by line, each with its place", () => {
  assert.deepEqual(jsonLines('{"a":[1,{"b/c":null}],"d":{},"e":[]}'), [
    { text: "{", place: linePlace("body:") },
    { text: '  "a": [', place: linePlace("body:/a") },
    { text: "    1,", place: linePlace("body:/a/0") },
    { text: "    {", place: linePlace("body:/a/1") },
    { text: '      "b/c": null', place: linePlace("body:/a/1/b~1c") },
    { text: "    }" },
    { text: "  ]," },
    { text: '  "d": {},', place: linePlace("body:/d") },
    { text: '  "e": []', place: linePlace("body:/e") },
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
  assert.deepEqual(jsonLines(" 5 "), [{ text: "5", place: linePlace("body:") }]);
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

test("a hundred thousand levels are as good as ten: each line costs what it adds, and stays in sight", () => {
  const depth = 100_000;
  const lines = jsonLines(`${"[".repeat(depth)}1${"]".repeat(depth)}`)!;
  assert.equal(lines.length, 2 * depth + 1);
  assert.equal(lines[depth]!.text.trim(), "1");
  assert.ok(lines[depth]!.text.length <= 80);
  assert.deepEqual([lines[depth]!.place!.within === lines[depth - 1]!.place, lines[depth]!.place!.part], [true, "0"]);
});
