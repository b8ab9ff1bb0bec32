import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { type Body, type HeaderField, unknownHash } from "../../../message/index.js";
import { compareAnswers } from "../../../replayer/compare/answers.js";
import { compareBodies } from "../../../replayer/compare/bodies.js";
import { responseOf } from "../../support/response-of.js";

const text = (coding?: string): HeaderField[] => [
  ["content-type", "text/plain"],
  ...(coding === undefined ? [] : [["content-encoding", coding] as const]),
];
const kinds = (expected: ReturnType<typeof responseOf>, actual: ReturnType<typeof responseOf>) =>
  compareAnswers(expected, actual)
    .filter(({ place }) => place.startsWith("body") || /content-(?:encoding|length)/.test(place))
    .map(({ kind, place, severity }) => [kind, place, severity]);

test("another content coding of one body is a low difference", () => {
  const plain = responseOf("hello hello", { fields: text() });
  const zipped = responseOf(gzipSync("hello hello"), { fields: text("gzip") });
  assert.deepEqual(kinds(plain, zipped), [["content-encoding", "header:content-encoding", "low"]]);
  assert.deepEqual(kinds(zipped, responseOf(brotliCompressSync("hello hello"), { fields: text("br") })), [
    ["content-encoding", "header:content-encoding", "low"],
  ]);
});

test("one body compressed at two levels does not differ", () => {
  const body = "hello ".repeat(500);
  const [fast, best] = [gzipSync(body, { level: 1 }), gzipSync(body, { level: 9 })];
  assert.notDeepEqual(fast, best);
  assert.deepEqual(kinds(responseOf(fast, { fields: text("gzip") }), responseOf(best, { fields: text("gzip") })), []);
});

test("a coded body is compared decoded", () => {
  const json = (value: unknown) =>
    responseOf(gzipSync(JSON.stringify(value)), {
      fields: [
        ["content-type", "application/json"],
        ["content-encoding", "gzip"],
      ],
    });
  assert.deepEqual(kinds(json({ a: 1, b: 2 }), json({ a: 1 })), [["missing-field", "body:/b", "high"]]);
});

test("what does not decode is compared as it came", () => {
  const damaged = (bytes: string) => responseOf(bytes, { fields: text("gzip") });
  assert.deepEqual(kinds(damaged("nonsense"), damaged("nonsense")), []);
  assert.deepEqual(kinds(damaged("nonsense"), damaged("nonsence")), [["changed-bytes", "body", "medium"]]);
});

test("text is compared whole and shown around the first character that differs", () => {
  const expected = responseOf(`${"a".repeat(300)}X${"b".repeat(300)}`, { fields: text() });
  const actual = responseOf(`${"a".repeat(300)}Y${"b".repeat(300)}`, { fields: text() });
  const [difference] = compareBodies(expected, actual, {}).differences;
  assert.ok(difference?.kind === "changed-text");
  assert.ok(difference.expected.includes("aX") && difference.actual.includes("aY"));
  assert.ok(difference.expected.length < 250);
});

test("bytes that are no text are compared by length and content", () => {
  const expected = responseOf(Uint8Array.of(0xff, 0, 1, 2));
  const actual = responseOf(Uint8Array.of(0xff, 0, 9, 2));
  assert.deepEqual(compareBodies(expected, actual, {}).differences, [
    {
      kind: "changed-bytes",
      place: "body",
      severity: "medium",
      expected: "4 bytes, from byte 2: 0102",
      actual: "4 bytes, from byte 2: 0902",
    },
  ]);
});

test("bytes that decode to the same replacement characters still differ", () => {
  const json = (byte: number) =>
    responseOf(Uint8Array.of(0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, byte, 0x22, 0x7d), {
      fields: [["content-type", "application/json"]],
    });
  assert.deepEqual(kinds(json(0xfe), json(0xff)), [["changed-value", "body:/a", "medium"]]);
});

test("JSON on one side only is another format, from both sides", () => {
  const json = responseOf({ a: 1 });
  const html = responseOf("<html>", { fields: [["content-type", "text/html"]] });
  assert.deepEqual(kinds(json, html), [["body-format", "body", "high"]]);
  assert.deepEqual(kinds(html, json), [["body-format", "body", "high"]]);
});

test("a body where there was none is another format", () => {
  const json = responseOf({ a: 1 });
  assert.deepEqual(kinds(json, responseOf("")), [["body-format", "body", "high"]]);
  assert.deepEqual(kinds({ ...json, body: { kind: "empty" } }, json), [["body-format", "body", "high"]]);
  assert.deepEqual(kinds(responseOf(""), { ...responseOf(""), body: { kind: "empty" } }), []);
});

test("the stated length is compared where there is no body, and only there", () => {
  const head = (length: number) => ({
    ...responseOf("", { fields: [["content-length", `${length}`]] }),
    body: { kind: "empty" } as Body,
  });
  assert.deepEqual(kinds(head(10), head(11)), [["changed-header", "header:content-length", "medium"]]);
  assert.deepEqual(kinds(head(10), responseOf("")), []);
});

test("JSON that is not declared as such is recognised when both sides are", () => {
  assert.deepEqual(kinds(responseOf('{"a":1}'), responseOf('{"a":2}')), [["changed-value", "body:/a", "medium"]]);
  assert.deepEqual(kinds(responseOf('{"a":1}'), responseOf("{a:2}")), [["body-format", "body", "high"]]);
  assert.deepEqual(kinds(responseOf("{a:1}"), responseOf("{a:2}")), [["changed-text", "body", "medium"]]);
});

const cut = (fullBytes: number, hash: string): Body => ({ kind: "cut", bytes: Buffer.from("abc"), fullBytes, hash });
const unseen: readonly [title: string, Body, Body, found: readonly string[]][] = [
  ["cut bodies of one length and hash do not differ", cut(9, "aa"), cut(9, "aa"), []],
  [
    "a cut body and a withheld one of one hash do not differ",
    cut(9, "aa"),
    { kind: "unredactable", fullBytes: 9, hash: "aa" },
    [],
  ],
  ["cut bodies of another hash differ", cut(9, "aa"), cut(9, "bb"), ["medium"]],
  ["cut bodies of another length differ", cut(9, "aa"), cut(8, "bb"), ["medium"]],
  ["a cut body that has no hash is never silently equal", cut(9, ""), cut(9, "aa"), ["low"]],
  [
    "a body that an imported file did not hold cannot be compared, whatever its length seems to be",
    cut(1, unknownHash),
    cut(9, "aa"),
    ["low"],
  ],
  ["nor can two of them, of one length", cut(9, unknownHash), cut(9, unknownHash), ["low"]],
  ["a cut body differs from none at all", cut(9, "aa"), { kind: "empty" }, ["medium"]],
];

for (const [title, expected, actual, found] of unseen) {
  test(title, () => {
    const { differences } = compareBodies(responseOf("", { body: expected }), responseOf("", { body: actual }), {});
    assert.deepEqual(
      differences.map(({ severity }) => severity),
      found,
    );
  });
}

const withheld = (fullBytes: number, hash: string, undecoded?: "damaged" | "too-large"): Body => ({
  kind: "unredactable",
  fullBytes,
  hash,
  ...(undecoded && { undecoded: { kind: undecoded, coding: "gzip" } }),
});
const coded = (body: Body) => responseOf("", { fields: text("gzip"), body });

test("a body withheld because it does not decode is of another format than one that does", () => {
  const good = responseOf(gzipSync("hello"), { fields: text("gzip") });
  const found = { kind: "body-format", place: "body", severity: "high" };
  const sides = { expected: "decodes to 5 bytes", actual: "gzip is damaged" };
  assert.deepEqual(compareBodies(good, coded(withheld(9, "aa", "damaged")), {}).differences, [{ ...found, ...sides }]);
  assert.deepEqual(kinds(coded(withheld(9, "aa", "too-large")), good), [["body-format", "body", "high"]]);
  assert.deepEqual(kinds(responseOf("hello"), coded(withheld(9, "aa", "damaged"))).slice(1), [
    ["body-format", "body", "high"],
  ]);
});

test("where why a body was withheld is not known, or is the same on both sides, length and hash are compared", () => {
  const damaged = coded(withheld(9, "aa", "damaged"));
  assert.deepEqual(kinds(coded(withheld(9, "aa")), damaged), []);
  assert.deepEqual(kinds(coded(withheld(8, "bb", "damaged")), damaged), [["changed-bytes", "body", "medium"]]);
  assert.deepEqual(kinds(coded(cut(8, "bb")), damaged), [["changed-bytes", "body", "medium"]]);
});

test("hashes made with two keys settle nothing", () => {
  const [expected, actual] = [responseOf("", { body: cut(9, "aa") }), responseOf("", { body: cut(9, "bb") })];
  assert.deepEqual(
    compareBodies(expected, actual, { hashesUnrelated: true }).differences.map(({ severity }) => severity),
    ["low"],
  );
});

test("excerpts are printable", () => {
  const [difference] = compareBodies(
    responseOf("a\u001b[31m\n", { fields: text() }),
    responseOf("b\u202e", { fields: text() }),
    {},
  ).differences;
  assert.ok(difference?.kind === "changed-text");
  assert.equal(difference.expected, "a\\u001b[31m\\n");
  assert.equal(difference.actual, "b\\u202e");
});
