import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareJson } from "../../../replayer/compare/json/compare-json.js";
import type { Difference } from "../../../tape/index.js";

const compareTexts = (expected: string, actual: string) =>
  compareJson(Buffer.from(expected), Buffer.from(actual), "utf8");

function differences(expected: string, actual: string): Difference[] {
  const compared = compareTexts(expected, actual);
  assert.equal(compared.kind, "compared");
  return compared.kind === "compared" ? compared.differences : [];
}

const cases: readonly [title: string, expected: string, actual: string, found: Difference[]][] = [
  ["white space and the order of members say nothing", '{"a":1,"b":[2]}', '{ "b": [2],\n"a": 1 }', []],
  ["an escape and the character it stands for are one", '{"a":"é/"}', '{"\\u0061":"\\u00e9\\/"}', []],
  [
    "a member that is gone is a missing field, at its address",
    '{"user":{"id":7,"name":"x"}}',
    '{"user":{"name":"x"}}',
    [{ kind: "missing-field", place: "body:/user/id", severity: "high", expected: "7" }],
  ],
  [
    "a member that is new is an added field: both sides are walked",
    '{"user":{}}',
    '{"user":{"id":{"a":[1,null]}}}',
    [{ kind: "added-field", place: "body:/user/id", severity: "low", actual: '{"a":[1,null]}' }],
  ],
  [
    "a value of another type",
    '{"stars":5}',
    '{"stars":"5"}',
    [
      {
        kind: "changed-type",
        place: "body:/stars",
        severity: "high",
        expected: "5",
        actual: '"5"',
        expectedType: "number",
        actualType: "string",
      },
    ],
  ],
  [
    "a container in place of a scalar is another type",
    '{"a":null}',
    '{"a":{"b":1}}',
    [
      {
        kind: "changed-type",
        place: "body:/a",
        severity: "high",
        expected: "null",
        actual: '{"b":1}',
        expectedType: "null",
        actualType: "object",
      },
    ],
  ],
  [
    "another value",
    '{"a":"x"}',
    '{"a":"y"}',
    [{ kind: "changed-value", place: "body:/a", severity: "medium", expected: '"x"', actual: '"y"' }],
  ],
  [
    "true and false are values of one type",
    "[true]",
    "[false]",
    [
      {
        kind: "changed-value",
        place: "body:/0",
        grouped: "body:/*",
        severity: "medium",
        expected: "true",
        actual: "false",
      },
    ],
  ],
  [
    "integers beyond 2^53 differ where their digits do",
    '{"id":9007199254740993}',
    '{"id":9007199254740992}',
    [
      {
        kind: "changed-value",
        place: "body:/id",
        severity: "medium",
        expected: "9007199254740993",
        actual: "9007199254740992",
      },
    ],
  ],
  [
    "one number written in two ways is a low change",
    '{"a":1,"b":1200,"c":0}',
    '{"a":1.0,"b":1.2E+3,"c":-0}',
    [
      { kind: "changed-value", place: "body:/a", severity: "low", expected: "1", actual: "1.0" },
      { kind: "changed-value", place: "body:/b", severity: "low", expected: "1200", actual: "1.2E+3" },
      { kind: "changed-value", place: "body:/c", severity: "low", expected: "0", actual: "-0" },
    ],
  ],
  [
    "a longer array differs in its length, not in what follows the insertion",
    '{"items":[{"id":1},{"id":2},{"id":3}]}',
    '{"items":[{"id":9},{"id":1},{"id":2},{"id":3}]}',
    [
      {
        kind: "array-length",
        place: "body:/items",
        severity: "high",
        expected: 3,
        actual: 4,
        unpaired: '{"id":9} at 0',
      },
    ],
  ],
  [
    "elements that went in two places do not make the ones between them differ",
    '[{"id":1},{"id":2},{"id":3},{"id":4},{"id":5},{"id":6}]',
    '[{"id":1},{"id":3},{"id":4},{"id":6}]',
    [
      {
        kind: "array-length",
        place: "body",
        severity: "high",
        expected: 6,
        actual: 4,
        unpaired: '{"id":2} at 1, {"id":5} at 4',
      },
    ],
  ],
  [
    "what lies between equal elements is compared by position",
    '[{"id":1},{"id":2,"a":1},{"id":3},{"id":4}]',
    '[{"id":1},{"id":2,"a":2},{"id":4}]',
    [
      { kind: "array-length", place: "body", severity: "high", expected: 4, actual: 3, unpaired: '{"id":3} at 2' },
      {
        kind: "changed-value",
        place: "body:/1/a",
        grouped: "body:/*/a",
        severity: "medium",
        expected: "1",
        actual: "2",
      },
    ],
  ],
  [
    "a key given twice on one side",
    '{"a":1}',
    '{"a":1,"a":2}',
    [{ kind: "duplicate-key", place: "body:/a", severity: "high", expected: "once", actual: "twice" }],
  ],
  [
    "names are escaped as RFC 6901 says, and an empty one is a name",
    '{"a/b":{"~":1,"":2}}',
    '{"a/b":{"~":3,"":4}}',
    [
      { kind: "changed-value", place: "body:/a~1b/~0", severity: "medium", expected: "1", actual: "3" },
      { kind: "changed-value", place: "body:/a~1b/", severity: "medium", expected: "2", actual: "4" },
    ],
  ],
  [
    "a member name of digits is not taken for an array index",
    '{"2024":[1]}',
    '{"2024":[2]}',
    [
      {
        kind: "changed-value",
        place: "body:/2024/0",
        grouped: "body:/2024/*",
        severity: "medium",
        expected: "1",
        actual: "2",
      },
    ],
  ],
  [
    "a difference at the root is at the body",
    "[]",
    "{}",
    [
      {
        kind: "changed-type",
        place: "body",
        severity: "high",
        expected: "[]",
        actual: "{}",
        expectedType: "array",
        actualType: "object",
      },
    ],
  ],
];

for (const [title, expected, actual, found] of cases) {
  test(title, () => assert.deepEqual(differences(expected, actual), found));
}

test("two texts that are no JSON, and one that is", () => {
  assert.deepEqual(compareTexts("{", "}"), { kind: "no-json" });
  assert.deepEqual(compareTexts("{}", "}"), { kind: "one-is-json", which: "expected" });
  assert.deepEqual(compareTexts("[1", "[1]"), { kind: "one-is-json", which: "actual" });
});

const spelled = (value: unknown) => JSON.stringify(value, null, 1);

test("a value never differs from itself, however it is spaced and whatever the order of its members", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      assert.deepEqual(differences(JSON.stringify(value), spelled(backwards(value))), []);
    }),
    { numRuns: 300 },
  );
});

test("two values differ exactly when they are not equal, from both sides", () => {
  fc.assert(
    fc.property(similarPair(), ([one, other]) => {
      const isEqual = canonical(one) === canonical(other);
      assert.equal(differences(JSON.stringify(one), JSON.stringify(other)).length === 0, isEqual);
      assert.equal(differences(JSON.stringify(other), JSON.stringify(one)).length === 0, isEqual);
    }),
    { numRuns: 1000 },
  );
});

test("JSON 100,000 levels deep is compared without running out of stack", () => {
  const deep = (leaf: string) => `${'{"a":['.repeat(50_000)}${leaf}${"]}".repeat(50_000)}`;
  assert.deepEqual(differences(deep("1"), deep("1 ")), []);
  const [changed] = differences(deep("1"), deep("2"));
  assert.ok(changed?.kind === "changed-value" && changed.expected === "1" && changed.place.endsWith("/a/0"));
  const [gone] = differences(deep('{"x":[]}'), deep("{}"));
  assert.equal(gone?.kind, "missing-field");
  assert.equal(differences(`[${deep("1")},1]`, `[${deep("1")}]`)[0]?.kind, "array-length");
});

test("of the elements that only the longer array has the first few are told, each in a few words", () => {
  const [found] = differences('["a"]', JSON.stringify(["a", "x".repeat(500), "b", "c", "d", "e"]));
  assert.ok(found?.kind === "array-length");
  assert.equal(found.unpaired, `"${"x".repeat(58)}… at 1, "b" at 2, "c" at 3 and 2 more`);
  const [replaced] = differences('["a","b","c","d"]', '["a","x","c","y","z"]');
  assert.ok(replaced?.kind === "array-length");
  assert.equal(replaced.unpaired, '"z" at 4');
});

// A comparison of every element with every other would not come back.
test("arrays of 200,000 elements are compared, their equal ends aligned", () => {
  const items = Array.from({ length: 200_000 }, (_, id) => ({ id, name: `n${id}` }));
  const unpaired = '{"id":100000,"name":"n100000"} at 100000';
  assert.deepEqual(differences(JSON.stringify(items), JSON.stringify(items.toSpliced(100_000, 1))), [
    { kind: "array-length", place: "body", severity: "high", expected: 200_000, actual: 199_999, unpaired },
  ]);
  const shifted = differences(JSON.stringify(items), JSON.stringify(items.map(({ id }) => ({ id: id + 1 })).slice(1)));
  assert.deepEqual(
    [...new Set(shifted.map(({ kind }) => kind))],
    ["array-length", "missing-element", "missing-field", "added-element"],
  );
});

test("a place met in many elements is listed ten times, and never crowds out another", () => {
  const items = (change: number) => Array.from({ length: 5_000 }, (_, at) => ({ total: at + change / 2 }));
  const found = differences(
    JSON.stringify({ items: items(0), last: 1 }),
    JSON.stringify({ items: items(1), other: 1 }),
  );
  const kinds = found.map(({ kind }) => kind);
  assert.deepEqual(kinds.filter((kind) => kind === "changed-value").length, 10);
  assert.deepEqual(kinds.filter((kind) => kind !== "changed-value").sort(), ["added-field", "missing-field"]);
});

test("thousands of changed values leave room for a missing field, and it is said that more were found", () => {
  const prices = (change: number) =>
    Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`p${at}`, at + change]));
  const found = differences(JSON.stringify({ ...prices(0), gone: 1 }), JSON.stringify(prices(1)));
  assert.ok(found.some(({ kind, place }) => kind === "missing-field" && place === "body:/gone"));
  const last = found.at(-1)!;
  assert.ok(last.kind === "changed-value" && last.place === "body" && /2800 or more/.test(last.actual));
  assert.equal(found.length, 202);
});

test("excerpts of large values are short", () => {
  const large = Array.from({ length: 100_000 }, (_, at) => `value ${at}`);
  const [difference] = differences(JSON.stringify({ a: large }), "{}");
  assert.ok(difference?.kind === "missing-field" && difference.expected.length < 250);
  assert.ok(difference.expected.startsWith('["value 0","value 1"'));
});

test("long strings are shown where they differ", () => {
  const [difference] = differences(JSON.stringify(`${"a".repeat(1000)}x`), JSON.stringify(`${"a".repeat(1000)}y`));
  assert.ok(difference?.kind === "changed-value");
  assert.ok(difference.expected.endsWith('x"') && difference.actual.endsWith('y"'));
});

function backwards(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(backwards);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, backwards(member)]),
  );
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join()}}`;
}

/** Small values over a small alphabet, so that equal, similar and different pairs all come up. */
function similarPair(): fc.Arbitrary<[unknown, unknown]> {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, true, 1, 2, "a"),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "1"), tie("value"), { maxKeys: 3 }),
    ),
  }));
  return fc.tuple(value, value);
}
