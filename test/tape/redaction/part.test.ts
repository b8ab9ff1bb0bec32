import assert from "node:assert/strict";
import { test } from "node:test";
import { type CapturedPart, keyedHash, pseudonymOf, redactPart } from "../../../tape/index.js";
import { capturedAnswer, capturedCall, capturedRequest, testKey } from "../../support/redaction.js";

const p = (secret: string) => pseudonymOf(secret, testKey);

test("the places of request and answer are told apart, and the hash is of the bytes that came", () => {
  const request = capturedRequest('{"password":"hunter2"}', {
    path: "/login?sid=abc",
    headers: ["content-type", "application/json", "authorization", "Bearer t1"],
    rawHeaders: ["Content-Type", "application/json", "Authorization", "Bearer t1"],
    trailers: ["x-auth-token", "t2"],
  });
  const answer = capturedAnswer('{"token":"t1"}', { headers: ["set-cookie", "sid=abc; Path=/"] });
  const part = redactPart(capturedCall(request, answer), testKey);
  assert.equal(part.request.path, `/login?sid=${p("abc")}`);
  assert.deepEqual(part.request.headers, ["content-type", "application/json", "authorization", `Bearer ${p("t1")}`]);
  assert.deepEqual(part.request.rawHeaders, ["Content-Type", "application/json", "Authorization", `Bearer ${p("t1")}`]);
  assert.deepEqual(part.request.trailers, ["x-auth-token", p("t2")]);
  assert.deepEqual(part.request.body, {
    kind: "whole",
    bytes: Buffer.from(`{"password":"${p("hunter2")}"}`),
    hash: keyedHash(testKey, request.body.pieces),
  });
  assert.ok(part.answer?.kind === "response");
  assert.deepEqual(part.answer.headers, ["set-cookie", `sid=${p("abc")}; Path=/`]);
  assert.deepEqual(part.redacted, {
    request: ["query:sid", "header:authorization", "body:/password", "header:x-auth-token"],
    answer: ["set-cookie:sid", "body:/token"],
  });
  assert.equal(part.unredactable, 0);
});

test("what holds no secret is handed on, not copied", () => {
  const request = capturedRequest('{"stars":5}', { path: "/reviews?page=2" });
  const part = redactPart(capturedCall(request, capturedAnswer("ok", { headers: ["a", "b"] })), testKey);
  assert.equal(part.request.headers, request.headers);
  assert.ok(part.request.body.kind === "whole" && part.request.body.bytes === request.body.pieces[0]);
  assert.deepEqual(part.redacted, { request: [], answer: [] });
});

test("a body in several pieces is put together", () => {
  const pieces = ['{"pass', 'word":"hun', 'ter2"}'].map((piece) => Buffer.from(piece));
  const part = redactPart(capturedCall(capturedRequest("", { body: { pieces, fullBytes: 22 } })), testKey);
  assert.ok(part.request.body.kind === "whole");
  assert.equal(Buffer.from(part.request.body.bytes).toString(), `{"password":"${p("hunter2")}"}`);
});

test("a body is empty, whole, cut or unredactable", () => {
  const bodyOf = (over: Parameters<typeof capturedRequest>[1], text = '{"stars":') =>
    redactPart(capturedCall(capturedRequest(text, over)), testKey).request.body;
  assert.deepEqual(bodyOf({}, ""), { kind: "empty" });
  assert.equal(bodyOf({}, "{}").kind, "whole");
  const hash = new Uint8Array(16).fill(1);
  const pieces = [Buffer.from('{"stars":')];
  assert.deepEqual(bodyOf({ body: { pieces, fullBytes: 5000, hash } }), {
    kind: "cut",
    bytes: pieces[0],
    fullBytes: 5000,
    hash,
  });
  assert.equal(bodyOf({ end: "aborted" }).kind, "cut");
  assert.equal(bodyOf({ end: "open" }).kind, "cut");
  assert.deepEqual(bodyOf({ body: { pieces: [Buffer.from('{"token":"t')], fullBytes: 5000, hash } }), {
    kind: "unredactable",
    fullBytes: 5000,
    hash,
  });
});

test("bodies that are withheld are counted", () => {
  const damaged = '{"token":"t';
  assert.equal(redactPart(capturedCall(capturedRequest(damaged), capturedAnswer(damaged)), testKey).unredactable, 2);
  assert.equal(
    redactPart({ part: "request", sequence: 1, vantage: "mirror", request: capturedRequest(damaged) }, testKey)
      .unredactable,
    1,
  );
});

test("a part keeps what it is: its kind, its sequence, its failure", () => {
  const request = capturedRequest("{}");
  const first: CapturedPart = {
    part: "request",
    sequence: 9,
    vantage: "mirror",
    connection: "c",
    client: "10.0.0.1",
    request,
  };
  const redacted = redactPart(first, testKey);
  assert.equal("answer" in redacted, false);
  assert.deepEqual(
    [redacted.part, redacted.sequence, redacted.connection, redacted.client],
    ["request", 9, "c", "10.0.0.1"],
  );
  const failure = { kind: "failure", reason: "refused", endedMs: 5 } as const;
  assert.deepEqual(redactPart(capturedCall(request, failure), testKey).answer, failure);
});

test("messages of both directions of a stream are redacted, each in its own body", () => {
  const toServer = '{"token":"t1"}';
  const toClient = '{"pin":4711}';
  const part = redactPart(
    {
      ...capturedCall(
        capturedRequest(toServer, { headers: ["upgrade", "websocket"] }),
        capturedAnswer(`hi${toClient}`, { status: 101, headers: [], end: "reset" }),
      ),
      frames: [
        { direction: "to-client", kind: "text", atMs: 1, offset: 0, length: 2 },
        { direction: "to-server", kind: "text", atMs: 2, offset: 0, length: toServer.length },
        { direction: "to-client", kind: "text", atMs: 3, offset: 2, length: toClient.length },
      ],
    } as CapturedPart,
    testKey,
  );
  assert.deepEqual(part.redacted, { request: ["frame:1/token"], answer: ["frame:2/pin"] });
  assert.equal(part.frames?.length, 3);
  assert.ok(part.answer?.kind === "response" && part.answer.body.kind === "cut");
  assert.equal(Buffer.from(part.answer.body.bytes).toString(), `hi{"pin":${p("4711")}}`);
});
