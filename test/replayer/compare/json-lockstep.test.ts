import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseJson } from "../../../message/index.js";
import { JsonFindings } from "../../../replayer/compare/json-findings.js";
import { compareInLockstep } from "../../../replayer/compare/json-lockstep.js";
import { compareTrees } from "../../../replayer/compare/json-trees.js";

/** JSON text with a few characters replaced, removed or put in: mostly close to it, often no JSON at all. */
const damagedPair = fc
  .tuple(
    fc.json({ maxDepth: 3 }),
    fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...'0123456789eE+-.,:[]{}"\\ntu \n\u00e9')), {
      maxLength: 3,
    }),
  )
  .map(([text, edits]): [string, string] => [
    text,
    edits.reduce((edited, [at, removed, put]) => {
      const start = at % (edited.length + 1);
      return edited.slice(0, start) + put + edited.slice(start + removed);
    }, text),
  ]);

test("what is settled side by side is JSON on both sides, and the same differences are found in the parsed values", () => {
  fc.assert(
    fc.property(damagedPair, ([expected, actual]) => {
      const sideBySide = new JsonFindings();
      if (!compareInLockstep(Buffer.from(expected), Buffer.from(actual), "utf8", sideBySide)) return;
      const [left, right] = [parseJson(expected), parseJson(actual)];
      assert.ok(left !== undefined && right !== undefined);
      const parsed = new JsonFindings();
      compareTrees(left, right, parsed);
      const byPlace = (findings: JsonFindings) =>
        findings
          .all()
          .map((one) => JSON.stringify([one.place, one.kind]))
          .sort();
      assert.deepEqual(byPlace(sideBySide), byPlace(parsed));
    }),
    { numRuns: 3000 },
  );
});

test("equal texts and texts with other scalars are settled, other shapes are not", () => {
  const settles = (expected: string, actual: string) =>
    compareInLockstep(Buffer.from(expected), Buffer.from(actual), "utf8", new JsonFindings());
  assert.equal(settles('{"a":[1,"x",null]}', ' {"a" : [ 12 , true, "y"] }\n'), true);
  assert.equal(settles('{"a":1}', '{"a":1}}'), false);
  assert.equal(settles('{"a":1}', '{"a":1,"b":2}'), false);
  assert.equal(settles("[1]", "[1,2]"), false);
  assert.equal(settles("[1,2]", "[1]"), false);
  assert.equal(settles("1", "1e"), false);
  assert.equal(settles("[true]", "[true1]"), false);
  assert.equal(settles('["a"]', '["a]'), false);
});
