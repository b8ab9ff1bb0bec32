import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareAnswers } from "../../../replayer/compare/answers.js";
import type { Answer, Difference } from "../../../tape/index.js";
import { responseOf } from "../../support/response-of.js";

const failure = (reason: "refused" | "reset", afterMs = 3): Answer => ({ kind: "failure", reason, afterMs });

const cases: readonly [title: string, expected: Answer, actual: Answer, found: Difference[]][] = [
  [
    "another status is a high difference at the status",
    responseOf("a"),
    responseOf("a", { status: 500 }),
    [{ kind: "status", place: "status", severity: "high", expected: 200, actual: 500 }],
  ],
  [
    "a call that failed where there was a response is a failure",
    responseOf("a", { status: 404 }),
    failure("refused"),
    [{ kind: "failure", place: "status", severity: "high", expected: "status 404", actual: "refused" }],
  ],
  [
    "a response where the call had failed is a failure too",
    failure("reset"),
    responseOf("a"),
    [{ kind: "failure", place: "status", severity: "high", expected: "reset", actual: "status 200" }],
  ],
  [
    "failing for another reason is a failure",
    failure("reset"),
    failure("refused"),
    [{ kind: "failure", place: "status", severity: "high", expected: "reset", actual: "refused" }],
  ],
  ["failing for one reason after another time is no difference", failure("reset", 1), failure("reset", 900), []],
  [
    "of an answer known by status alone the status is compared",
    { kind: "status-only", status: 200 },
    responseOf("a", { status: 503 }),
    [{ kind: "status", place: "status", severity: "high", expected: 200, actual: 503 }],
  ],
  [
    "an answer known by status alone differs in nothing else",
    { kind: "status-only", status: 200 },
    responseOf("a"),
    [],
  ],
  ["an unknown answer differs from nothing", { kind: "unknown" }, failure("reset"), []],
  [
    "an answer that was reset is a difference at its end, not at the bytes that never came",
    responseOf("hello world"),
    responseOf("hello", { end: "reset" }),
    [{ kind: "answer-end", place: "body", severity: "high", expected: "complete", actual: "reset" }],
  ],
  [
    "an answer that its client cut short says little about the service",
    responseOf("hello", { end: "client-aborted" }),
    responseOf("hello world"),
    [],
  ],
];

for (const [title, expected, actual, found] of cases) {
  test(title, () => assert.deepEqual(compareAnswers(expected, actual), found));
}

test("a gRPC status in the headers of a trailers-only answer is the one in the trailers of another", () => {
  const type = ["content-type", "application/grpc"] as const;
  const headersOnly = responseOf("", { headers: [type, ["grpc-status", "5"]] });
  const inTrailers = responseOf("", { headers: [type], trailers: [["grpc-status", "5"]] });
  assert.deepEqual(compareAnswers(headersOnly, inTrailers), []);
  const well = responseOf("", { headers: [type], trailers: [["grpc-status", "0"]] });
  assert.deepEqual(compareAnswers(well, headersOnly), [
    { kind: "changed-trailer", place: "trailer:grpc-status", severity: "high", expected: "0", actual: "5" },
  ]);
});

/** A multipart answer of one part, its type stated with `parameters`. */
const multipartOf = (boundary: string, content: string, parameters = `; boundary=${boundary}`) =>
  responseOf(`--${boundary}\r\n\r\n${content}\r\n--${boundary}--\r\n`, {
    fields: [["content-type", `multipart/mixed${parameters}`]],
  });

test("the boundary between parts that were compared says nothing, in the body and in its type", () => {
  assert.deepEqual(compareAnswers(multipartOf("a1", "x"), multipartOf("b2", "x")), []);
  assert.deepEqual(
    compareAnswers(multipartOf("a1", "x"), multipartOf("b2", "y")).map(({ place }) => place),
    ["body:/0/content"],
  );
  const typed = multipartOf("b2", "x", '; boundary="b2"; type=text/xml');
  assert.deepEqual(compareAnswers(multipartOf("a1", "x"), typed), [
    {
      kind: "changed-header",
      place: "header:content-type",
      severity: "medium",
      expected: "multipart/mixed",
      actual: "multipart/mixed; type=text/xml",
    },
  ]);
});

test("a boundary that is not the body's own is a difference: no client can read the parts", () => {
  const places = (actual: Answer) => compareAnswers(multipartOf("a1", "x"), actual).map(({ place }) => place);
  assert.deepEqual(places(multipartOf("a1", "x", "; boundary=b2")), ["header:content-type"]);
  assert.ok(places(multipartOf("c3", "x", "; boundary=b2")).includes("header:content-type"));
});

for (const cookiePlace of ["set-cookie:sid", "cookie:sid"]) {
  test(`without the key, a redacted cookie known as ${cookiePlace} is no difference, its attributes are`, () => {
    const expected = responseOf("a", { fields: [["set-cookie", "sid=one; Secure"]] });
    const actual = responseOf("a", { fields: [["set-cookie", "sid=two"]] });
    const found = compareAnswers(expected, actual, { redactedByClass: new Set([cookiePlace]) });
    assert.deepEqual(
      found.map(({ place }) => place),
      ["header:set-cookie/sid/secure"],
    );
    const unknown = compareAnswers(expected, actual, { redactedByClass: new Set(["set-cookie:other"]) });
    assert.equal(unknown.length, 2);
  });
}

test("without the key, a pseudonym and a secret of one class do not differ, and of another class do", () => {
  const fields = (value: string, sid: string) =>
    ({
      fields: [
        ["x-csrf-token", value],
        ["set-cookie", `sid=${sid}; Secure`],
      ],
    }) as const;
  const expected = responseOf({ id: "11111111-2222-4333-8444-555555555555", name: "a" }, fields("abc", "one"));
  const actual = responseOf({ id: "99999999-2222-4333-8444-555555555555", name: "b" }, fields("xyz", "two"));
  const redactedByClass = new Set(["header:x-csrf-token", "cookie:sid", "body:/id"]);
  const places = compareAnswers(expected, actual, { redactedByClass }).map(({ place }) => place);
  assert.deepEqual(places, ["body:/name"]);
  const word = responseOf({ id: "none", name: "a" }, fields("abc", "one"));
  assert.deepEqual(
    compareAnswers(expected, word, { redactedByClass }).map(({ place }) => place),
    ["body:/id"],
  );
});

const jsonText = fc.json({ maxDepth: 4 });
const headerList = fc.array(
  fc.tuple(
    fc.constantFrom("X-A", "x-a", "etag", "Set-Cookie", "date", "content-type", "connection"),
    fc.constantFrom("1", "2", "a=1; Path=/", "b=2", "application/json", "text/plain"),
  ),
  { maxLength: 4 },
);
const anyAnswer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({
    kind: fc.constant("failure" as const),
    reason: fc.constantFrom("reset" as const, "refused" as const),
    afterMs: fc.nat(),
  }),
  fc
    .record({
      body: fc.oneof(jsonText, fc.string(), fc.uint8Array()),
      status: fc.constantFrom(200, 404),
      headers: headerList,
      trailers: headerList,
      end: fc.constantFrom("complete" as const, "reset" as const, "open" as const),
    })
    .map(({ body, ...rest }) => responseOf(body, rest)),
);

test("an answer does not differ from itself", () => {
  fc.assert(fc.property(anyAnswer, (answer) => assert.deepEqual(compareAnswers(answer, structuredClone(answer)), [])));
});

test("whether two answers differ does not depend on which is the reference", () => {
  fc.assert(
    fc.property(anyAnswer, anyAnswer, (one, other) => {
      assert.equal(compareAnswers(one, other).length > 0, compareAnswers(other, one).length > 0);
    }),
    { numRuns: 500 },
  );
});
