import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JsonScanner } from "../../../message/index.js";

/** Tokens with the text they span. */
function tokens(text: string): string[] {
  const scanner = new JsonScanner(text);
  const met: string[] = [];
  for (;;) {
    const token = scanner.next();
    met.push(token === "end" || token === "invalid" ? token : `${token} ${text.slice(scanner.start, scanner.end)}`);
    if (token === "end" || token === "invalid") return met;
  }
}

function isAccepted(text: string): boolean {
  return tokens(text).at(-1) === "end";
}

function isParsed(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test("each token spans its own text, white space and signs aside", () => {
  assert.deepEqual(tokens(' { "a\\"" : [ -1.50e+3 , true,null ] , "b":"x" } '), [
    "object-start {",
    'key "a\\""',
    "array-start [",
    "number -1.50e+3",
    "true true",
    "null null",
    "array-end ]",
    'key "b"',
    'string "x"',
    "object-end }",
    "end",
  ]);
});

test("every text that JSON.parse accepts is accepted, and no other", () => {
  const valid = fc.json({ maxDepth: 5 });
  const nearly = fc
    .tuple(valid, fc.nat(), fc.constantFrom("", ",", "]", "}", '"', "\\", "0", "-", ".", "e", "\u0001", "[", ":", " "))
    .map(([text, at, sign]) => text.slice(0, at % (text.length + 1)) + sign + text.slice((at % (text.length + 1)) + 1));
  const signs = fc.string({ unit: fc.constantFrom(...'{}[],:"\\truefalsn0123-+.eE u\n'), maxLength: 12 });
  fc.assert(
    fc.property(fc.oneof(valid, nearly, signs), (text) => assert.equal(isAccepted(text), isParsed(text), text)),
    { numRuns: 5000 },
  );
});

test("texts that parsers are known to get wrong are judged as JSON.parse judges them", () => {
  const texts = [
    "",
    " ",
    "01",
    "-",
    "-0",
    "1.",
    ".5",
    "1e",
    "1e+",
    "0e0",
    "+1",
    "NaN",
    "Infinity",
    "tru",
    "truex",
    "nul",
    "[1,]",
    "[,1]",
    "{,}",
    '{"a":1,}',
    '{"a"}',
    "{a:1}",
    "'a'",
    '"\\x"',
    '"\\u12g4"',
    '"\\ud800"',
    '"\t"',
    '"\u007f"',
    "[1]]",
    "1 2",
    "{}{}",
    '"a',
    "[",
    "{",
    '{"a":',
    "\u00a01",
    "\ufeff1",
    '"\u2028"',
    "[1 2]",
    '{"a":1 "b":2}',
    "/**/1",
    "\f1",
    "null\0",
  ];
  for (const text of texts) assert.equal(isAccepted(text), isParsed(text), JSON.stringify(text));
});

test("after something invalid every further token is invalid", () => {
  const scanner = new JsonScanner("[1,}");
  assert.deepEqual(
    [scanner.next(), scanner.next(), scanner.next(), scanner.next()],
    ["array-start", "number", "invalid", "invalid"],
  );
});

test("nesting of a million containers is walked without using the stack", () => {
  assert.equal(isAccepted("[".repeat(1_000_000) + "]".repeat(1_000_000)), true);
  assert.equal(isAccepted("[".repeat(1_000_000)), false);
});

test("a text and its bytes give the same tokens, each at its own offsets", () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: "grapheme" }), (text) => {
      const bytes = Buffer.from(text);
      const [ofText, ofBytes] = [new JsonScanner(text), new JsonScanner(bytes)];
      for (;;) {
        const token = ofText.next();
        assert.equal(ofBytes.next(), token);
        if (token === "end") return;
        assert.equal(bytes.toString("utf8", ofBytes.start, ofBytes.end), text.slice(ofText.start, ofText.end));
      }
    }),
  );
});

test("it is told whether a string has escapes or something beyond ASCII in it", () => {
  const scanner = new JsonScanner('["a","\\n","é","ключ","z"]');
  const told: [boolean, boolean][] = [];
  while (scanner.next() !== "end") told.push([scanner.escaped, scanner.beyondAscii]);
  assert.deepEqual(told.slice(1, 6), [
    [false, false],
    [true, false],
    [false, true],
    [false, true],
    [false, false],
  ]);
});
