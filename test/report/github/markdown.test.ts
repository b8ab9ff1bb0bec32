import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { code, fenced, folded, plain, table } from "../../../report/github/markdown.js";

test("whatever text is made plain holds no character that Markdown or HTML gives a meaning to", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const made = plain(text);
      assert.doesNotMatch(made.replace(/&#\d+;/g, ""), /[&<>"'`*_~|\\[\]#!@:\n]/);
      assert.equal(code(text), `<code>${made}</code>`);
    }),
  );
});

test("no text ends its own fence", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("`", "a", "\n")), (parts) => {
      const lines = fenced(parts.join(""), "sh").split("\n");
      const fence = lines.at(-1)!;
      assert.equal(lines[0], `${fence}sh`);
      assert.ok(lines.slice(1, -1).every((line) => !line.includes(fence)));
    }),
  );
});

test("a table has a rule under its head, numbers to the right, and a fold leaves room for Markdown inside", () => {
  assert.equal(table(["a", "b"], [["x", "1"]]), "| a | b |\n| --- | --: |\n| x | 1 |");
  assert.equal(folded("t", "c"), "<details><summary>t</summary>\n\nc\n\n</details>");
});
