import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { answerLines } from "../../../report/html/answer-lines.js";
import { linePlace } from "../../../report/html/line-place.js";
import type { Answer } from "../../../tape/index.js";
import { response } from "../../support/bookinfo-run.js";

function texts(answer: Answer): string[] {
  return answerLines(answer).map(({ text }) => text);
}

function withBody(
  body: Extract<Answer, { kind: "response" }>["body"],
  headers: readonly [string, string][] = [],
): Answer {
  return { ...(response("") as Extract<Answer, { kind: "response" }>), headers, body };
}

const whole = (bytes: Uint8Array) => ({ kind: "whole" as const, bytes, hash: "" });

test("an answer is its status, its fields by name without those of the hop, and its body", () => {
  assert.deepEqual(
    answerLines(
      response({ a: 1 }, 201, [
        ["X-B", "2"],
        ["Date", "today"],
        ["Set-Cookie", "sid=1; Secure"],
      ]),
    ),
    [
      { text: "HTTP 201", place: linePlace("status") },
      { text: "content-type: application/json", place: linePlace("header:content-type") },
      { text: "set-cookie: sid=1; Secure", place: linePlace("header:set-cookie/sid") },
      { text: "x-b: 2", place: linePlace("header:x-b") },
      { text: "" },
      { text: "{", place: linePlace("body:") },
      { text: '  "a": 1', place: linePlace("body:/a") },
      { text: "}" },
    ],
  );
});

test("a compressed body is read, a damaged or unknown one is shown as it is", () => {
  const packed = whole(gzipSync('{"a":1}'));
  assert.ok(texts(withBody(packed, [["content-encoding", "gzip"]])).includes('  "a": 1'));
  assert.match(texts(withBody(packed, [["content-encoding", "gzip, odd"]])).at(-1)!, /^[0-9a-f]{6} {2}[0-9a-f ]+/);
});

test("bytes that are no text are shown in hex, text that is no JSON by lines", () => {
  assert.deepEqual(texts(withBody(whole(Uint8Array.of(0, 255, 65)))).slice(2), [
    `000000  00 ff 41${" ".repeat(39)}  ..A`,
  ]);
  assert.deepEqual(texts(withBody(whole(Buffer.from("one\r\ntwo")))).slice(2), ["one", "two"]);
});

test("what is not there is said", () => {
  const cut = { kind: "cut" as const, bytes: Buffer.from("abc"), fullBytes: 5000, hash: "" };
  assert.deepEqual(texts(withBody(cut)).slice(2), ["abc", "… the first 3 of 5,000 bytes"]);
  assert.match(
    texts(withBody({ kind: "unredactable", fullBytes: 9, hash: "" })).at(-1)!,
    /not kept: it may hold secrets/,
  );
  assert.deepEqual(texts({ kind: "failure", reason: "refused", afterMs: 3.4 }), ["refused after 3 ms"]);
  assert.deepEqual(texts({ kind: "unknown" }), ["not seen from this vantage"]);
  const reset = { ...(response({}) as Extract<Answer, { kind: "response" }>), end: "reset" as const };
  assert.equal(texts(reset).at(-1), "ended: reset");
});
