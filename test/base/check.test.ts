import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { check, OperatorError } from "../../base/index.js";

const schema = z.strictObject({
  listen: z.string(),
  lanes: z.array(z.strictObject({ target: z.string() })).optional(),
});

function refusal(value: unknown): string {
  try {
    check(schema, value, "lab.yaml");
  } catch (thrown) {
    assert.ok(thrown instanceof OperatorError);
    return thrown.message;
  }
  return assert.fail("accepted");
}

test("what fits passes", () => {
  assert.deepEqual(check(schema, { listen: "a" }, "x"), { listen: "a" });
});

test("an unknown key is refused with the nearest known one", () => {
  assert.equal(refusal({ listen: "a", lisen: 1 }), 'lab.yaml: unknown key "lisen" (did you mean "listen"?)');
});

test("a nested unknown key is named by its path", () => {
  assert.equal(
    refusal({ listen: "a", lanes: [{ target: "b", zzzzzz: 1 }] }),
    'lab.yaml: unknown key "lanes[0].zzzzzz" (known: target)',
  );
});

test("a wrong value is named with what was seen", () => {
  assert.match(refusal({ listen: 7 }), /^lab\.yaml: listen: .*string.* \(got 7\)$/);
});
