import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lineDiff } from "../../experiment/plan/line-diff.js";

const texts = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 }).map((lines) => lines.join("\n"));

test("what is kept and taken away is the one text, what is kept and added the other", () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const shown = lineDiff(before, after, 1_000);
      if (before === after) return assert.deepEqual(shown, []);
      const without = (mark: string) => shown.filter((line) => !line.startsWith(mark)).map((line) => line.slice(2));
      assert.deepEqual(without("+").join("\n"), before);
      assert.deepEqual(without("-").join("\n"), after);
    }),
  );
});

test("a change is shown with three lines around it, what lies between two as one", () => {
  const lines = Array.from({ length: 20 }, (_, at) => `line ${at}`);
  const changed = lines.map((line, at) => (at === 2 ? "two" : line)).concat("more");
  assert.deepEqual(lineDiff(lines.join("\n"), changed.join("\n")), [
    ...["  line 0", "  line 1", "- line 2", "+ two", "  line 3", "  line 4", "  line 5", "  …"],
    ...["  line 17", "  line 18", "  line 19", "+ more"],
  ]);
  assert.deepEqual(lineDiff("", "a\nb\n"), ["+ a", "+ b"]);
});
