import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonValuesAt, parseJsonPath } from "../../../tape/where/json-values.js";

const body = '{"user":{"id":9007199254740993,"name":"anna"},"items":[{"n":1},{"n":2.50}],"a/b":{"~":true},"none":null}';

function textsAt(pointer: string): string[] {
  return jsonValuesAt(body, parseJsonPath(pointer)!).map(({ text }) => text);
}

test("a pointer leads to its value, a number as it is written", () => {
  assert.deepEqual(textsAt("/user/id"), ["9007199254740993"]);
  assert.deepEqual(textsAt("/items/1/n"), ["2.50"]);
  assert.deepEqual(textsAt("/a~1b/~0"), ["true"]);
  assert.deepEqual(textsAt("/none"), ["null"]);
});

test("a star stands for every element and every member", () => {
  assert.deepEqual(textsAt("/items/*/n"), ["1", "2.50"]);
  assert.deepEqual(textsAt("/user/*"), ["9007199254740993", "anna"]);
});

test("what holds more has a value that is no text of its own", () => {
  assert.deepEqual(textsAt("/user"), ["{…}"]);
  assert.deepEqual(textsAt("/items"), ["[…]"]);
  assert.deepEqual(textsAt(""), ["{…}"]);
});

test("places that are not there and bodies that are no JSON have no value", () => {
  for (const pointer of ["/nobody", "/items/2", "/items/01", "/items/-", "/user/name/x"]) {
    assert.deepEqual(textsAt(pointer), [], pointer);
  }
  assert.deepEqual(jsonValuesAt("{", ["a"]), []);
  assert.equal(parseJsonPath("user"), undefined);
  assert.equal(parseJsonPath("/a~2"), undefined);
});
