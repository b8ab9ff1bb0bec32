import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonPointer, parsePointer } from "../../../message/index.js";

test("the pointers of RFC 6901, section 5", () => {
  assert.equal(jsonPointer([]), "");
  assert.equal(jsonPointer(["foo", 0]), "/foo/0");
  assert.equal(jsonPointer([""]), "/");
  assert.equal(jsonPointer(["a/b"]), "/a~1b");
  assert.equal(jsonPointer(["m~n"]), "/m~0n");
});

test("a pointer reads back as the tokens it was made of", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (tokens) => assert.deepEqual(parsePointer(jsonPointer(tokens)), tokens)),
  );
});

test("text that is no pointer is refused", () => {
  for (const text of ["a", "/a~", "/a~2b"]) assert.equal(parsePointer(text), undefined);
});
