import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { shortened, shortenedInside, visible, visibleLine } from "../../report/visible.js";

test("what a terminal obeys, what turns text around and what is half a character is spelled out", () => {
  assert.equal(visible("\u001b[2Jred\u0007"), "\\u{1b}[2Jred\\u{7}");
  assert.equal(visible("a\u202eb\u2066c\u200d"), "a\\u{202e}b\\u{2066}c\\u{200d}");
  assert.equal(visible("\ud83d alone, 😀 whole"), "\\u{d83d} alone, 😀 whole");
  assert.equal(visible("tab\tand\nline"), "tab\tand\nline");
  assert.equal(visibleLine("tab\tand\nline\r"), "tab\\tand\\nline\\u{d}");
});

test("whatever comes, what is shown is well formed and without control characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.nat(0xffff), (text, unit) => {
      const shown = visibleLine(text + String.fromCharCode(unit));
      assert.equal(Buffer.from(shown, "utf8").toString("utf8"), shown);
      assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}]/u);
    }),
  );
});

test("a shortened text has at most so many characters and no half of one", () => {
  assert.equal(shortened("abcdef", 4), "abc…");
  assert.equal(shortened("abcd", 4), "abcd");
  assert.equal(shortened("ab😀def", 4), "ab…");
});

test("what is cut out of the middle leaves both ends, and no half of a character", () => {
  assert.equal(shortenedInside("abcdefgh", 6), "ab…fgh");
  assert.equal(shortenedInside("abcdef", 6), "abcdef");
  assert.equal(shortenedInside("abcd😀gh", 6), "ab…gh");
});
