import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fitsGlob } from "../../../tape/where/glob.js";

test("a star stands for any characters, also none and slashes; a question mark for one", () => {
  const fits: [string, string, boolean][] = [
    ["/reviews/1/stars", "/reviews/*/stars", true],
    ["/reviews/1/2/stars", "/reviews/*/stars", true],
    ["/reviews//stars", "/reviews/*/stars", true],
    ["/reviews/1/star", "/reviews/*/stars", false],
    ["ab", "a?", true],
    ["a", "a?", false],
    ["abc", "a?", false],
    ["", "", true],
    ["", "*", true],
    ["a", "", false],
    ["a.b", "a.b", true],
    ["axb", "a.b", false],
  ];
  for (const [text, pattern, expected] of fits) assert.equal(fitsGlob(text, pattern), expected, `${text} ${pattern}`);
});

test("it means the same as the regular expression it stands for", () => {
  const letters = (from: string) => fc.string({ unit: fc.constantFrom(...from), maxLength: 12 });
  fc.assert(
    fc.property(letters("ab/"), letters("ab/*?"), (text, pattern) => {
      const same = new RegExp(`^${pattern.replaceAll("*", "[^]*").replaceAll("?", "[^]")}$`);
      assert.equal(fitsGlob(text, pattern), same.test(text));
    }),
    { numRuns: 3000 },
  );
});

test("a pattern that would hold up a regular expression for ages is decided in no more steps than text times pattern", () => {
  // As a regular expression this takes longer than anyone waits; here a million comparisons.
  assert.equal(fitsGlob("a".repeat(20_000), `${"*a".repeat(30)}*b`), false);
});
