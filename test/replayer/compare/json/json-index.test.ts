import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JsonIndex } from "../../../../replayer/compare/json/json-index.js";

const parses = (text: string) => {
  try {
    JSON.parse(text.replace(/^\ufeff/, ""));
    return true;
  } catch {
    return false;
  }
};

/** JSON text with a few characters replaced, removed or put in: mostly close to it, often no JSON at all. */
const damaged = fc
  .tuple(
    fc.json({ maxDepth: 3 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...'0123456789eE+-.,:[]{}"\\ntu \n\u0001\u00e9')), {
      maxLength: 3,
    }),
  )
  .map(([text, edits]) =>
    edits.reduce((edited, [at, removed, put]) => {
      const start = at % (edited.length + 1);
      return edited.slice(0, start) + put + edited.slice(start + removed);
    }, text),
  );

test("it takes what JSON.parse takes, and nothing else", () => {
  const index = new JsonIndex();
  fc.assert(
    fc.property(damaged, (text) => {
      assert.equal(index.read(Buffer.from(text)), parses(text), text);
    }),
    { numRuns: 5000 },
  );
});

test("values that are equal but for spacing, order of members and escapes have one hash", () => {
  const [one, other] = [new JsonIndex(), new JsonIndex()];
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      assert.ok(one.read(Buffer.from(JSON.stringify(value))));
      assert.ok(other.read(Buffer.from(escapedAndBackwards(value))));
      assert.equal(one.hash(0), other.hash(0));
    }),
    { numRuns: 500 },
  );
});

test("different values of one shape have different hashes", () => {
  const index = new JsonIndex();
  const hashes = new Set<number>();
  for (let at = 0; at < 10_000; at++) {
    index.read(Buffer.from(JSON.stringify({ id: at, tags: [at, at + 1], inner: { a: at } })));
    hashes.add(index.hash(0));
  }
  assert.ok(hashes.size > 9_990, `${hashes.size} hashes for 10,000 values`);
});

test("a text of too many values is refused, and said to be so", () => {
  const index = new JsonIndex();
  const text = Buffer.alloc(2 * 8_000_001 + 1, ",1");
  text[0] = 0x5b;
  text[text.length - 1] = 0x5d;
  assert.equal(index.read(text), false);
  assert.equal(index.tooLarge, true);
  index.forget();
});

function escapedAndBackwards(value: unknown): string {
  if (Array.isArray(value)) return `[ ${value.map(escapedAndBackwards).join(" ,\n")}]`;
  if (typeof value === "string") return escaped(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value).reverse();
  return `{${members.map(([key, member]) => `${escaped(key)} : ${escapedAndBackwards(member)}`).join()}}`;
}

function escaped(text: string): string {
  return JSON.stringify(text).replace(/[a-z]/g, (letter, at: number, all: string) =>
    all[at - 1] === "\\" || /\\u[0-9a-f]{0,3}$/.test(all.slice(0, at))
      ? letter
      : `\\u00${letter.charCodeAt(0).toString(16)}`,
  );
}
