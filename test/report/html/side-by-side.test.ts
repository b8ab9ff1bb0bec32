import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonLines, type Line } from "../../../report/html/json-lines.js";
import { linePlace } from "../../../report/html/line-place.js";
import { sideBySide } from "../../../report/html/side-by-side.js";

/** Rows as `expected | actual`, marked ones led by `>`, changed ones by `~`. */
function rows(expected: unknown, actual: unknown, place: string): string[] {
  return sideBySide(jsonLines(JSON.stringify(expected))!, jsonLines(JSON.stringify(actual))!, place).map(
    ({ kind, expected, actual, marked }) =>
      `${marked ? ">" : kind === "changed" ? "~" : " "} ${expected?.text.trim() ?? ""} | ${actual?.text.trim() ?? ""}`,
  );
}

test("a field that is gone leaves a hole beside it, and the lines around it meet", () => {
  assert.deepEqual(rows({ id: 1, stars: 5, text: "a" }, { id: 1, text: "a" }, "body:/stars"), [
    "  { | {",
    '  "id": 1, | "id": 1,',
    '> "stars": 5, | ',
    '  "text": "a" | "text": "a"',
    "  } | }",
  ]);
});

test("a comma that moved is no change", () => {
  assert.deepEqual(
    rows({ a: 1, b: 2 }, { a: 1 }, "body:/b").filter((row) => !row.startsWith(" ")),
    ['> "b": 2 | '],
  );
});

test("values of one place meet, array indexes stand for each other under a star", () => {
  const list = (...stars: number[]) => ({ list: stars.map((count) => ({ stars: count, by: "x" })) });
  assert.deepEqual(
    rows(list(5, 4), list(5, 3), "body:/list/*/stars").filter((row) => row.includes("stars")),
    ['  "stars": 5, | "stars": 5,', '> "stars": 4, | "stars": 3,'],
  );
});

test("what changed inside the place is marked, what did not is left alone", () => {
  const marked = rows({ list: [1, 2, 3] }, { list: [1, 2] }, "body:/list").filter((row) => row.startsWith(">"));
  assert.deepEqual(marked, ["> 3 | "]);
});

test("a place at which nothing changed is still pointed at", () => {
  const marked = rows({ a: 1, b: 2 }, { a: 1, b: 3 }, "body:/a").filter((row) => row.startsWith(">"));
  assert.deepEqual(marked, ['> "a": 1, | "a": 1,']);
});

test("one cookie is marked, whatever attribute differs", () => {
  const cookie = (name: string, text: string): Line => ({
    text,
    place: linePlace(`header:set-cookie/${name}`),
  });
  const found = sideBySide(
    [cookie("sid", "set-cookie: sid=1; secure"), cookie("lang", "set-cookie: lang=en")],
    [cookie("sid", "set-cookie: sid=1"), cookie("lang", "set-cookie: lang=en")],
    "header:set-cookie/sid/secure",
  );
  assert.deepEqual(
    found.map(({ marked }) => marked),
    [true, false],
  );
});

test("every line of both sides is shown once, in its order, however they differ", () => {
  const line = fc.record({
    text: fc.constantFrom("a", "b", "c,", "c", "d"),
    place: fc.constantFrom("p", "q", "r").map(linePlace),
  });
  const lines = fc.array(line, { maxLength: 30 });
  fc.assert(
    fc.property(lines, lines, (expected, actual) => {
      const found = sideBySide(expected, actual, "p");
      assert.deepEqual(
        found.flatMap((row) => row.expected ?? []),
        expected,
      );
      assert.deepEqual(
        found.flatMap((row) => row.actual ?? []),
        actual,
      );
    }),
  );
});

test("sides too long to align by content still meet by place", () => {
  const many = (from: number) =>
    Array.from({ length: 900 }, (_, at) => ({ text: `${from + at}`, place: linePlace(`body:/${at}`) }));
  const found = sideBySide(many(0), many(5000), "body:/7");
  assert.equal(found.length, 900);
  assert.deepEqual(
    found.filter(({ marked }) => marked).map(({ expected, actual }) => [expected?.text, actual?.text]),
    [["7", "5007"]],
  );
});

test("a value a hundred thousand levels deep is found on both sides, and marked alone", () => {
  const depth = 100_000;
  const nested = (value: number) => jsonLines(`${"[".repeat(depth)}${value}${"]".repeat(depth)}`)!;
  const [before, after] = [nested(1), nested(2)];
  for (const place of [`body:${"/0".repeat(depth)}`, `body:${"/*".repeat(depth)}`, "body:/0/0"]) {
    const marked = sideBySide(before, after, place).filter((row) => row.marked);
    assert.deepEqual(
      marked.map(({ expected, actual }) => [expected?.text.trim(), actual?.text.trim()]),
      [["1", "2"]],
    );
  }
});

test("what is deep inside of what is gone stands alone, and meets nothing", () => {
  const depth = 100_000;
  const deep = jsonLines(`{"a":${"[".repeat(depth)}${"]".repeat(depth)},"b":1}`)!;
  const rows = sideBySide(deep, jsonLines('{"b":1}')!, "body:/a");
  assert.equal(rows.filter(({ marked }) => marked).length, depth);
  assert.deepEqual(rows.at(-2)?.actual?.text, '  "b": 1');
});

test("an answer of very many lines beside a short one is no trouble", () => {
  const many = Array.from({ length: 200_000 }, (_, at) => ({ text: `${at}`, place: linePlace("body") }));
  assert.equal(sideBySide([{ text: "none", place: linePlace("body") }], many, "body").length, 200_000);
  assert.equal(sideBySide(many, [], "body").length, 200_000);
});
