import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../base/index.js";
import { parseHeaderOption } from "../../replayer/header-option.js";

test("name and value are taken apart at the first colon", () => {
  assert.deepEqual(parseHeaderOption("authorization: Bearer a:b"), ["authorization", "Bearer a:b"]);
  assert.deepEqual(parseHeaderOption("Cookie:"), ["Cookie", ""]);
});

test("what cannot be sent, and what is the replayer's own, is refused", () => {
  for (const text of ["nothing", ": x", "a b: c", "x: a\r\ny: b", "x: ☃", "Content-Length: 3", "x-tapeloop-run: 1"]) {
    assert.throws(() => parseHeaderOption(text), OperatorError, text);
  }
});

test("a refusal does not repeat what may be the value", () => {
  for (const [text, shown] of [
    ["authorization Bearer tok-4711", '"authorization…"'],
    ["x-api-key=tok-4711", '"…"'],
    ["x-api-key: tok-4711\r\nb: c", '"x-api-key…"'],
  ] as const) {
    const isQuiet = ({ message }: Error) => message.includes(shown) && !message.includes("4711");
    assert.throws(() => parseHeaderOption(text), isQuiet, text);
  }
});
