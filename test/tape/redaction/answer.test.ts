import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Body } from "../../../message/index.js";
import { type Answer, pseudonymOf, redactAnswer, redactPart, redactRequestTarget } from "../../../tape/index.js";
import { capturedAnswer, capturedCall, capturedRequest, testKey } from "../../support/redaction.js";

function response(body: Body, headers: [string, string][]): Answer {
  return { kind: "response", status: 200, headers, body, trailers: [], end: "complete" };
}

test("an Answer is redacted as the same answer is on a tape", () => {
  const text = '{"token":"tok1","pin":1234}';
  const headers: [string, string][] = [
    ["content-type", "application/json"],
    ["set-cookie", "sid=abcd"],
  ];
  const { answer, redacted } = redactAnswer(
    response({ kind: "whole", bytes: Buffer.from(text), hash: "00" }, headers),
    testKey,
  );
  const onTape = redactPart(
    capturedCall(capturedRequest(""), capturedAnswer(text, { headers: headers.flat() })),
    testKey,
  );
  assert.ok(answer.kind === "response" && answer.body.kind === "whole");
  assert.ok(onTape.answer?.kind === "response" && onTape.answer.body.kind === "whole");
  assert.deepEqual(answer.headers.flat(), onTape.answer.headers);
  assert.deepEqual(answer.body.bytes, onTape.answer.body.bytes);
  assert.deepEqual(redacted, onTape.redacted.answer);
});

test("an Answer without secrets, or without a response, is the same object", () => {
  const plain = response({ kind: "whole", bytes: Buffer.from("{}"), hash: "00" }, [["a", "b"]]);
  assert.equal(redactAnswer(plain, testKey).answer, plain);
  const failure: Answer = { kind: "failure", reason: "refused", afterMs: 1 };
  assert.deepEqual(redactAnswer(failure, testKey), { answer: failure, redacted: [] });
});

test("a body that cannot be read and may hold secrets is withheld", () => {
  const { answer } = redactAnswer(
    response({ kind: "cut", bytes: Buffer.from('{"token":nonsense,'), fullBytes: 900, hash: "ab" }, []),
    testKey,
  );
  assert.ok(answer.kind === "response");
  assert.deepEqual(answer.body, { kind: "unredactable", fullBytes: 900, hash: "ab" });
});

test("of a withheld body of which all came it is told why it does not decode", () => {
  const fields: [string, string][] = [
    ["content-type", "application/json"],
    ["content-encoding", "gzip"],
  ];
  const bytes = gzipSync('{"a":1}').subarray(0, 20);
  const bodyOf = (body: Body) => {
    const { answer } = redactAnswer(response(body, fields), testKey);
    return answer.kind === "response" ? answer.body : undefined;
  };
  const undecoded = { kind: "damaged", coding: "gzip" };
  const told = { kind: "unredactable", fullBytes: 20, hash: "ab", undecoded };
  assert.deepEqual(bodyOf({ kind: "whole", bytes, hash: "ab" }), told);
  const untold = { kind: "unredactable", fullBytes: 900, hash: "ab" };
  assert.deepEqual(bodyOf({ kind: "cut", bytes, fullBytes: 900, hash: "ab" }), untold);
});

test("a request target is redacted as it is on a tape", () => {
  assert.deepEqual(redactRequestTarget("/a?token=tok1", testKey), {
    path: `/a?token=${pseudonymOf("tok1", testKey)}`,
    redacted: ["query:token"],
  });
});
