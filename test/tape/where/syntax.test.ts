import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OperatorError } from "../../../base/index.js";
import { operators, parseWhereTree, printWhereTree, type WhereTree } from "../../../tape/where/syntax.js";

const plainObject = { noNullPrototype: true } as const;
const condition = fc.record(
  {
    kind: fc.constant("condition" as const),
    field: fc.constantFrom("method", "path", "header.x-a", "request-id", "nothing"),
    operator: fc.constantFrom(...operators),
    value: fc.oneof(fc.string(), fc.constantFrom("and", "a b", "\\d+\\", '"', "(x)", "'")),
    at: fc.constant(0),
  },
  plainObject,
);
const tree = fc.letrec<{ tree: WhereTree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    condition,
    fc.record({ kind: fc.constant("not" as const), part: tie("tree") }, plainObject),
    fc.record(
      {
        kind: fc.constantFrom("and" as const, "or" as const),
        parts: fc.array(tie("tree"), { minLength: 2, maxLength: 4 }),
      },
      plainObject,
    ),
  ),
})).tree;

function withoutPlaces(one: WhereTree): WhereTree {
  if (one.kind === "condition") return { ...one, at: 0 };
  if (one.kind === "not") return { ...one, part: withoutPlaces(one.part) };
  return { ...one, parts: one.parts.map(withoutPlaces) };
}

test("what is printed reads back as the same tree", () => {
  fc.assert(fc.property(tree, (one) => assert.deepEqual(withoutPlaces(parseWhereTree(printWhereTree(one))!), one)));
});

test("not binds closest, then and, then or; words in any case", () => {
  const c = (field: string): WhereTree => ({ kind: "condition", field, operator: "=", value: "1", at: 0 });
  assert.deepEqual(withoutPlaces(parseWhereTree("a=1 or NOT b=1 AND c=1 or not (d=1 or e=1)")!), {
    kind: "or",
    parts: [
      c("a"),
      { kind: "and", parts: [{ kind: "not", part: c("b") }, c("c")] },
      { kind: "not", part: { kind: "or", parts: [c("d"), c("e")] } },
    ],
  });
});

test("in quotes a backslash stays, but for a quote and itself", () => {
  const value = (text: string) => (parseWhereTree(`path ~ ${text}`) as { value: string }).value;
  assert.equal(value('"^/a\\.b\\d+ \\"x\\" \\\\"'), '^/a\\.b\\d+ "x" \\');
  assert.equal(value("'a \"b\"'"), 'a "b"');
  assert.equal(value("^/a/\\d+$"), "^/a/\\d+$");
});

test("blank text is no tree", () => {
  assert.equal(parseWhereTree(" \t\n"), undefined);
});

test("what cannot be read is refused in one line that shows the place", () => {
  const refusals: [string, RegExp][] = [
    ["method", /at character 7, expected one of .*, saw the end$/],
    ["method GET", /at character 8, expected one of .*, saw "GET"$/],
    ["method =", /at character 9, expected a value, saw the end$/],
    ["method = GET path = x", /at character 14, expected "and", "or" or the end, saw "path = x"$/],
    ["(method = GET", /at character 14, expected "and", "or" or "\)", saw the end$/],
    ["method = GET and", /at character 17, expected a field, saw the end$/],
    ['path ~ "open', /at character 8, expected a value/],
    [`${"(".repeat(5000)}a=1`, /nested deeper than 100$/],
  ];
  for (const [text, message] of refusals) {
    assert.throws(
      () => parseWhereTree(text),
      (thrown) => {
        assert.ok(thrown instanceof OperatorError);
        assert.match(thrown.message, message);
        assert.doesNotMatch(thrown.message, /\n/);
        return true;
      },
    );
  }
});
