import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { compareAnswers } from "../../../replayer/compare/answers.js";
import { refuseContradictions } from "../../../replayer/compare/rules/contradictions.js";
import { RuleBook } from "../../../replayer/compare/rules/rule-book.js";
import { parseRules } from "../../../replayer/compare/rules/rules-file.js";
import type { Answer, Exchange } from "../../../tape/index.js";
import { responseOf } from "../../support/response-of.js";

const call = { hop: "shop", route: "GET /items", method: "GET", status: 200, exchange: {} as Exchange };

function compared(yaml: string, expected: Answer, actual: Answer, changes: Partial<typeof call> = {}) {
  const book = new RuleBook(parseRules(yaml, "rules.yaml").rules);
  const rules = book.for({ ...call, ...changes });
  const found = compareAnswers(expected, actual, { rules });
  return {
    found: found.map(({ kind, place }) => `${kind} ${place}`),
    reports: book.reports(),
    warnings: book.warnings(),
  };
}

function refused(yaml: string, ...patterns: RegExp[]): void {
  assert.throws(
    () => parseRules(yaml, "rules.yaml"),
    (thrown: unknown) => {
      assert.ok(thrown instanceof OperatorError);
      for (const pattern of patterns) assert.match(thrown.message, pattern);
      return true;
    },
  );
}

const a = responseOf({ id: 1, meta: { took: 5, gone: 1 }, items: [{ id: 1, idempotency: "x" }] });
const b = responseOf({ id: 1, meta: { took: 6 }, items: [{ id: 2, idempotency: "y" }] });

test("ignore hides an address and what is within it, and nothing whose name only begins alike", () => {
  assert.deepEqual(compared("rules: [{ ignore: body:/meta }]", a, b).found, [
    "changed-value body:/items/0/id",
    "changed-value body:/items/0/idempotency",
  ]);
  assert.deepEqual(compared("rules: [{ ignore: body:/items/*/id }]", a, b).found, [
    "changed-value body:/meta/took",
    "missing-field body:/meta/gone",
    "changed-value body:/items/0/idempotency",
  ]);
});

test("* is an array index and no member", () => {
  const [one, other] = [responseOf({ m: { a: 1 } }), responseOf({ m: { a: 2 } })];
  assert.deepEqual(compared("rules: [{ ignore: body:/m/* }]", one, other).found, ["changed-value body:/m/a"]);
});

test("fields, trailers and attributes of cookies have exact addresses", () => {
  const answer = (etag: string, sid: string, path: string) =>
    responseOf("x", {
      fields: [
        ["etag", etag],
        ["x-etag", etag],
        ["set-cookie", `sid=${sid}; Path=${path}`],
      ],
    });
  const rules = "rules: [{ ignore: header:ETag }, { match: cookie:sid, regex: '^[a-z]+$' }]";
  assert.deepEqual(compared(rules, answer('"1"', "abc", "/"), answer('"2"', "xyz", "/a")).found, [
    "changed-header header:x-etag",
    "changed-header header:set-cookie/sid/path",
  ]);
  assert.deepEqual(compared(rules, answer('"1"', "abc", "/"), answer('"1"', "123", "/")).found, [
    "changed-header header:set-cookie/sid",
  ]);
});

const tolerated: readonly [title: string, rule: string, before: unknown, after: unknown, hidden: boolean][] = [
  ["a number within an amount", "number: 0.01", 1.5, 1.51, true],
  ["a number beyond it", "number: 0.01", 1.5, 1.52, false],
  ["a number within a share", "number: 1%", 200, 202, true],
  ["a number beyond it", "number: 1%", 200, 203, false],
  ["a number that became text", "number: 5", 1, "2", false],
  ["a number that is gone", "number: 5", 1, undefined, false],
  ["integers that no double holds", "number: 1", 9007199254740993n, 9007199254740994n, false],
  ["a time within a duration", "time: 5s", "2026-01-01T10:00:00Z", "2026-01-01T11:00:04+01:00", true],
  ["a time beyond it", "time: 5s", "2026-01-01T10:00:00Z", "2026-01-01T10:00:06Z", false],
  ["epoch seconds", "time: 5s", 1_770_000_000, 1_770_000_004, true],
  ["a time that became a word", "time: 5s", "2026-01-01T10:00:00Z", "never", false],
];

for (const [title, rule, before, after, hidden] of tolerated) {
  test(`tolerate ${hidden ? "hides" : "does not hide"} ${title} (${rule})`, () => {
    const body = (value: unknown) =>
      responseOf(`{${value === undefined ? "" : `"n":${typeof value === "bigint" ? value : JSON.stringify(value)}`}}`);
    const { found } = compared(`rules: [{ tolerate: body:/n, ${rule} }]`, body(before), body(after));
    assert.equal(found.length, hidden ? 0 : 1);
  });
}

test("match hides a value while both sides keep its class, and not its absence", () => {
  const uuids = ["0b7f1a3c-1111-4222-8333-444455556666", "9c7f1a3c-1111-4222-8333-444455556666"] as const;
  const rule = "rules: [{ match: body:/id, class: uuid }]";
  assert.deepEqual(compared(rule, responseOf({ id: uuids[0] }), responseOf({ id: uuids[1] })).found, []);
  assert.deepEqual(compared(rule, responseOf({ id: uuids[0] }), responseOf({ id: "none" })).found, [
    "changed-value body:/id",
  ]);
  assert.deepEqual(compared(rule, responseOf({ id: uuids[0] }), responseOf({})).found, ["missing-field body:/id"]);
});

test("match looks at whole values, not at the excerpts that are shown", () => {
  const long = (end: string) => responseOf({ id: `${"a".repeat(1000)}${end}` });
  assert.deepEqual(compared("rules: [{ match: body:/id, regex: '^a+$' }]", long("a"), long("b")).found, [
    "changed-value body:/id",
  ]);
});

test("unordered and key say how elements are paired", () => {
  const list = (...items: unknown[]) => responseOf({ list: items });
  assert.deepEqual(compared("rules: [{ unordered: body:/list }]", list(1, 2), list(2, 1)).found, []);
  assert.deepEqual(
    compared("rules: [{ key: body:/list, by: n }]", list({ n: 1 }, { n: 2 }), list({ n: 3 }, { n: 2 })).found,
    ["missing-element body:/list/0", "added-element body:/list/0"],
  );
});

test("a rule is for the calls of its scope alone", () => {
  const rule = (scope: string) => `rules: [{ ignore: body, ${scope} }]`;
  for (const [scope, changes] of [
    ["route: GET /items", { route: "GET /items/{id}" }],
    ["hop: shop", { hop: "cart" }],
    ["method: get", { method: "POST" }],
    ["status: 2xx", { status: 404 }],
  ] as const) {
    assert.deepEqual(compared(rule(scope), a, b).found, [], scope);
    assert.equal(compared(rule(scope), a, b, changes).found.length, 4, scope);
  }
});

test("every rule says what it hid, and one whose address is in no answer is warned of", () => {
  const rules =
    "rules: [{ ignore: body:/meta, because: it is measured }, { ignore: body:/nowhere }, { ignore: body:/id }]";
  const { reports, warnings } = compared(rules, a, b);
  assert.deepEqual(reports, [
    { rule: "ignore", text: "body:/meta is not compared, because it is measured", hid: 2, unused: false },
    { rule: "ignore", text: "body:/nowhere is not compared", hid: 0, unused: true },
    { rule: "ignore", text: "body:/id is not compared", hid: 0, unused: false },
  ]);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /body:\/nowhere.*matches nothing/);
});

test("what a rule hides takes no room from what it does not", () => {
  const body = (change: number) =>
    responseOf({
      noise: Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`n${at}`, at + change])),
      value: change,
    });
  assert.deepEqual(compared("rules: [{ ignore: body:/noise }]", body(0), body(1)).found, ["changed-value body:/value"]);
});

test("rules that contradict each other are refused by name", () => {
  refused("rules: [{ ignore: body:/a }, { tolerate: body:/a/b, number: 1 }]", /body:\/a\/b/, /is not looked at/);
  refused("rules: [{ match: body:/a, class: uuid }, { match: body:/a, class: time }]", /one address/);
  refused("rules: [{ key: body:/a, by: id }, { key: body:/a, by: name }]", /one address/);
  parseRules("rules: [{ key: body:/a, by: id }, { unordered: body:/a }]", "rules.yaml");
  parseRules("rules: [{ match: body:/a, class: uuid, hop: x }, { match: body:/a, class: time, hop: y }]", "rules.yaml");
});

test("many rules are read once each, and too many are refused in one line", () => {
  const rulesOf = (count: number) =>
    `rules:\n${Array.from({ length: count }, (_, at) => `  - ignore: [body:/k${at}]\n`).join("")}`;
  let looked = 0;
  const counted = parseRules(rulesOf(1000), "rules.yaml").rules.map((rule) => ({
    ...rule,
    get address() {
      looked++;
      return rule.address;
    },
  }));
  refuseContradictions(counted, "rules.yaml");
  assert.ok(looked < 20_000, `${looked} looks at 1000 rules`);
  refused(rulesOf(10_001), /^rules\.yaml: 10001 rules are more than the 10000/);
});

test("a tag that is not known is no news from the parser", () => {
  const warned: unknown[] = [];
  const { emitWarning } = process;
  process.emitWarning = (warning: unknown) => void warned.push(warning);
  try {
    parseRules('rules: [{ ignore: !!js/function "body:/a" }]', "rules.yaml");
  } finally {
    process.emitWarning = emitWarning;
  }
  assert.deepEqual(warned, []);
});

test("what is wrong with a file is said in one line, with the place", () => {
  refused("rules: [{ ignor: body:/a }]", /rules\[0\]/, /ignore/);
  refused("rules: [{ ignore: body:a }]", /rules\[0\]/, /JSON Pointer/);
  refused("rules: [{ ignore: 'body:/a*' }]", /part of a name/);
  refused("rules: [{ ignore: 'header:x-*/y' }]", /field name/);
  refused("rules: [{ tolerate: body:/a }]", /either number .* or time/);
  refused("rules: [{ match: body:/a, regex: '(' }]", /no regular expression/);
  refused("rules: [{ match: body:/a, class: uid }]", /rules\[0\]/);
  refused("rules: [{ ignore: body:/a, wher: status = 200 }]", /unknown key/);
  refused("rules: [{ ignore: body:/a, where: stat = 200 }]", /stat/);
  refused("rules: [{ key: header:x, by: id }]", /only arrays/);
  refused("rules: {", /cannot read rules/);
  refused("thresholds: { allow: [{ severity: low }] }", /budget/);
});
