import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type CapturedCall,
  defaultRules,
  keyedHash,
  pseudonymOf,
  RedactionRules,
  redactPart,
} from "../../../tape/index.js";
import { capturedAnswer, capturedCall, capturedRequest, testKey } from "../../support/redaction.js";
import { secretMaker } from "../../support/secrets.js";
import { answerPlaces, bodyPlaces, headerPlaces, requestPlaces } from "../../support/seeded-places.js";

const p = (secret: string) => pseudonymOf(secret, testKey);

test("the places of request and answer are told apart, and the hash is of the bytes that came", () => {
  const request = capturedRequest('{"password":"hunter2"}', {
    path: "/login?sid=abcd",
    headers: ["content-type", "application/json", "authorization", "Bearer tok1"],
    rawHeaders: ["Content-Type", "application/json", "Authorization", "Bearer tok1"],
    trailers: ["x-auth-token", "tok2"],
  });
  const answer = capturedAnswer('{"token":"tok1"}', { headers: ["set-cookie", "sid=abcd; Path=/"] });
  const part = redactPart(capturedCall(request, answer), testKey);
  assert.equal(part.request.path, `/login?sid=${p("abcd")}`);
  assert.deepEqual(part.request.headers, ["content-type", "application/json", "authorization", `Bearer ${p("tok1")}`]);
  assert.deepEqual(part.request.rawHeaders, [
    "Content-Type",
    "application/json",
    "Authorization",
    `Bearer ${p("tok1")}`,
  ]);
  assert.deepEqual(part.request.trailers, ["x-auth-token", p("tok2")]);
  assert.deepEqual(part.request.body, {
    kind: "whole",
    bytes: Buffer.from(`{"password":"${p("hunter2")}"}`),
    hash: keyedHash(testKey, request.body.pieces),
  });
  assert.ok(part.answer?.kind === "response");
  assert.deepEqual(part.answer.headers, ["set-cookie", `sid=${p("abcd")}; Path=/`]);
  assert.deepEqual(part.redacted, {
    request: ["query:sid", "header:authorization", "body:/password", "header:x-auth-token"],
    answer: ["set-cookie:sid", "body:/token"],
  });
  assert.equal(part.unredactable, 0);
});

test("the password before a host is no part of what a tape keeps", () => {
  const request = capturedRequest("", {
    authority: "bob:hunter2@shop:8080",
    path: "/",
    headers: ["host", "bob:hunter2@shop:8080"],
    rawHeaders: ["Host", "bob:hunter2@shop:8080"],
  });
  const kept = `bob:${p("hunter2")}@shop:8080`;
  const part = redactPart(capturedCall(request), testKey);
  assert.deepEqual([part.request.authority, part.request.headers[1], part.request.rawHeaders?.[1]], [kept, kept, kept]);
  assert.deepEqual(part.redacted.request, ["header:host"]);
  const tunnel = capturedRequest("", {
    method: "CONNECT",
    authority: "u:p%40ssword-12@h:443",
    path: "u:p%40ssword-12@h:443",
  });
  const { authority, path } = redactPart(capturedCall(tunnel), testKey).request;
  assert.deepEqual([authority, path], Array(2).fill(`u:${encodeURIComponent(p("p@ssword-12"))}@h:443`));
  const unescaped = capturedRequest("", { authority: "u:p@ssword-12@h", path: "/" });
  assert.equal(redactPart(capturedCall(unescaped), testKey).request.authority, `u:${p("p@ssword-12")}@h`);
  const plain = capturedRequest("", { authority: "bob@[::1]:80", path: "/", headers: ["host", "[::1]:80"] });
  assert.equal(redactPart(capturedCall(plain), testKey).request.authority, "bob@[::1]:80");
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
  assert.deepEqual(bodyOf({ body: { pieces: [Buffer.from('{"token":nonsense,')], fullBytes: 5000, hash } }), {
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
  const first: CapturedCall = {
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
  const toServer = '{"token":"tok1"}';
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
    } as CapturedCall,
    testKey,
  );
  assert.deepEqual(part.redacted, { request: ["frame:1/token"], answer: ["frame:2/pin"] });
  assert.equal(part.frames?.length, 3);
  assert.ok(part.answer?.kind === "response" && part.answer.body.kind === "cut");
  assert.equal(Buffer.from(part.answer.body.bytes).toString(), `hi{"pin":${p("4711")}}`);
});

/** A part filled with secrets in every place that a message has. */
function seededParts(): { name: string; part: CapturedCall }[] {
  const places = { ...bodyPlaces, ...headerPlaces, ...requestPlaces, ...answerPlaces };
  return Object.entries(places).map(([name, place]) => {
    const { body = Buffer.alloc(0), path = "/", headers = [], trailers } = place(secretMaker(name));
    const both = { headers, ...(trailers && { trailers }) };
    const part = capturedCall(capturedRequest(body, { path, ...both }), capturedAnswer(body, both));
    return { name, part: { ...part, beside: { caller: name } } };
  });
}

/** What was redacted as if it had been captured so, with the hashes of what had come. */
function asCaptured({ request, answer }: ReturnType<typeof redactPart>): CapturedCall {
  const bodyOf = (body: typeof request.body) => {
    if (body.kind === "empty") return { pieces: [], fullBytes: 0 };
    if (body.kind === "unredactable") return { pieces: [], fullBytes: body.fullBytes, hash: body.hash };
    const fullBytes = body.kind === "whole" ? body.bytes.length : body.fullBytes;
    return { pieces: [body.bytes], fullBytes, hash: body.hash };
  };
  assert.ok(answer?.kind === "response");
  return capturedCall({ ...request, body: bodyOf(request.body) }, { ...answer, body: bodyOf(answer.body) });
}

test("redacting again, with what was replaced at hand, changes nothing and finds nothing", () => {
  for (const { name, part } of seededParts()) {
    const once = redactPart(part, testKey);
    if (once.unredactable > 0) continue; // there is nothing left to read
    const found: string[] = [];
    const twice = redactPart(asCaptured(once), testKey, defaultRules, {
      earlier: { redacted: once.redacted, rules: [defaultRules] },
      found: (rule, place) => found.push(`${rule} ${place}`),
    });
    assert.deepEqual(found, [], name);
    assert.deepEqual(twice.request, once.request, name);
    assert.deepEqual(twice.answer, once.answer, name);
  }
});

test("newer rules replace what older ones did not, and leave what those replaced", () => {
  const body = '{"password":"abcdef","ref":"INT-4711","note":"ann@shop.example of INT-4711"}';
  const once = redactPart(capturedCall(capturedRequest(body)), testKey);
  const newer = new RedactionRules({ names: [{ name: "ref" }], patterns: [{ name: "int", regex: "INT-\\d+" }] });
  const twice = redactPart(asCaptured({ ...once, answer: redactedNothing }), testKey, newer, {
    earlier: { redacted: once.redacted, rules: [defaultRules] },
  });
  assert.ok(twice.request.body.kind === "whole");
  assert.equal(
    Buffer.from(twice.request.body.bytes).toString(),
    `{"password":"${p("abcdef")}","ref":"${p("INT-4711")}","note":"${p("ann@shop.example")} of ${p("INT-4711")}"}`,
  );
});

const redactedNothing = redactPart(capturedCall(capturedRequest(""), capturedAnswer("")), testKey).answer!;

test("redaction never changes what a message is made of: names of fields, keys, lengths of lists, parts", () => {
  for (const { name, part } of seededParts()) {
    const after = redactPart(part, testKey).request;
    const before = part.request;
    const fieldsOf = (flat: readonly string[]) => flat.filter((_, at) => at % 2 === 0);
    assert.deepEqual(fieldsOf(after.headers), fieldsOf(before.headers), name);
    assert.deepEqual(queryNames(after.path), queryNames(before.path), name);
    assert.equal(after.path.split("/").length, before.path.split("/").length, name);
    if (after.body.kind !== "whole" || !name.startsWith("JSON values")) continue;
    const shape = (text: string) => shapeOf(JSON.parse(text));
    assert.deepEqual(
      shape(Buffer.from(after.body.bytes).toString()),
      shape(Buffer.concat(before.body.pieces).toString()),
    );
  }
});

function queryNames(path: string): string[] {
  return [...new URL(path, "http://a").searchParams.keys()];
}

function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

const innocentWord = fc.constantFrom("order", "stars", "green", "Lagos", "reviews", "title", "and so on");
const innocent = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    innocentWord,
    fc.integer({ min: -99_999, max: 99_999 }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(innocentWord, tie("value"), { maxKeys: 4 }),
  ),
})).value;

test("a message without secrets is byte for byte what it was, whatever it is said to be", () => {
  const types = ["application/json", "text/plain", "text/html", "text/event-stream", "application/grpc", "text/xml"];
  fc.assert(
    fc.property(innocent, fc.constantFrom(...types), (value, type) => {
      const headers = ["content-type", type, "x-note", "some words"];
      const request = capturedRequest(JSON.stringify(value), { headers, path: "/reviews/42?page=2" });
      const part = redactPart(capturedCall(request), testKey);
      assert.equal(part.request.headers, request.headers);
      assert.equal(part.request.path, request.path);
      assert.deepEqual(part.redacted.request, []);
      assert.ok(part.request.body.kind === "whole" && part.request.body.bytes === request.body.pieces[0]);
    }),
  );
});

test("equal secrets are equal pseudonyms in every place", () => {
  const secret = secretMaker("equal")("github").value;
  const part = redactPart(
    capturedCall(
      capturedRequest(JSON.stringify({ api_key: secret, note: `has ${secret} in it`, deep: `{"a":"${secret}"}` }), {
        path: `/x/${secret}?a=${secret}&token=${secret}`,
        headers: ["content-type", "application/json", "authorization", `Bearer ${secret}`, "x-note", secret],
      }),
      capturedAnswer(`<a token="${secret}">${secret}</a>`, {
        headers: ["content-type", "text/xml", "location", `/${secret}`],
      }),
    ),
    testKey,
  );
  const { request, answer } = part;
  assert.ok(answer?.kind === "response" && answer.body.kind === "whole" && request.body.kind === "whole");
  const bodies = [request.body, answer.body].map(({ bytes }) => Buffer.from(bytes).toString());
  const stored = [request.path, ...request.headers, ...answer.headers, ...bodies].join("\n");
  assert.equal(stored.split(p(secret)).length - 1, 11);
});
