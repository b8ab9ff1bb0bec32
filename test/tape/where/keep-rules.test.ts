import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { OperatorError } from "../../../base/index.js";
import {
  atEnd,
  atStart,
  type CapturedCall,
  type Moment,
  parseKeepRules,
  refuseUnknowable,
} from "../../../tape/index.js";
import { callPart, capturedRequest, capturedResponse, testRecorder } from "../../support/captured.js";

const recorder = testRecorder("reviews-1", { service: "reviews", origin: { namespace: "shop" } });

function rules(keep: string[], drop: string[] = []) {
  const parsed = parseKeepRules({ keep, drop }, recorder);
  assert.ok(parsed);
  return parsed;
}

function call(over: Parameters<typeof callPart>[1] = {}): CapturedCall {
  return callPart(1, over) as CapturedCall;
}

function answered(status: number, text = "ok"): CapturedCall {
  return call({ answer: capturedResponse(text, { status }) });
}

const requestAlone: CapturedCall = { part: "request", sequence: 1, vantage: "inbound", request: capturedRequest() };
const answerCame: Moment = { requestEnded: true, answerStarted: true, ended: false, deep: false };

test("Loop's rule, `:status` with the prefix 5: it is open with the request, and decided with the answer's head", () => {
  for (const text of ["status ^= 5", "status = 5xx"]) {
    const { decide } = rules([text]);
    assert.equal(decide(requestAlone, atStart), undefined);
    assert.equal(decide(answered(503), answerCame), true);
    assert.equal(decide(answered(200), answerCame), false);
    assert.equal(decide(answered(500), atEnd), true);
    // A call that failed has no status: it is no 5xx, and that is known only when it has ended.
    const failed = call({ answer: { kind: "failure", reason: "refused", endedMs: 5 } });
    assert.equal(decide(failed, atEnd), false);
  }
});

test("kept is what meets one of keep and none of drop; without keep, all but drop", () => {
  const both = rules(["status = 5xx", "method = POST"], ["path = /healthz"]);
  assert.equal(both.keeps(answered(500)), true);
  assert.equal(both.keeps(answered(200)), false);
  assert.equal(both.keeps(call({ request: capturedRequest({ text: "x" }) })), true);
  assert.equal(both.keeps(call({ request: capturedRequest({ text: "x", path: "/healthz" }) })), false);
  assert.equal(rules([], ["path = /healthz"]).keeps(answered(200)), true);
  assert.equal(parseKeepRules({ keep: [], drop: [] }, recorder), undefined);
});

test("what the request decides is decided at once, though the rest of the rule is still open", () => {
  const { decide } = rules(["status = 5xx or header.x-debug = 1"], ["path ^= /static/"]);
  const debug = { ...requestAlone, request: capturedRequest({ headers: ["X-Debug", "1"] }) };
  const fixed = { ...requestAlone, request: capturedRequest({ path: "/static/a.js" }) };
  assert.equal(decide(debug, atStart), true);
  assert.equal(decide(fixed, atStart), false);
  assert.equal(decide(requestAlone, atStart), undefined);
});

test("bodies and regular expressions are left to who has time; then bodies are decoded and read by pointer", () => {
  const json = capturedRequest({ text: '{"user":{"tier":"gold"},"items":[{"n":1},{"n":7}]}' });
  const zipped = capturedResponse("", { headers: ["content-encoding", "gzip"] });
  const bytes = gzipSync('{"error":{"code":17}}');
  const one = call({ request: json, answer: { ...zipped, body: { pieces: [bytes], fullBytes: bytes.length } } });
  for (const text of [
    "body:/user/tier = gold",
    "body:/items/*/n > 6",
    "answer.body:/error/code = 17",
    "body ~ gold",
    'path ~ "^/rev"',
  ]) {
    const parsed = rules([text]);
    assert.equal(parsed.decide(one, atEnd), undefined, text);
    assert.equal(parsed.keeps(one), true, text);
    assert.equal(rules([`not (${text})`]).keeps(one), false, text);
  }
  assert.equal(rules(["body:/user/tier = iron"]).keeps(one), false);
  assert.equal(rules(["answer.body:/nothing = 17"]).keeps(one), false);
});

test("conditions see the call as it came: who called, where, how long it took, how large it was", () => {
  const one = call({
    request: capturedRequest({ text: "12345", headers: ["x-envoy-downstream-service-cluster", "productpage.shop"] }),
    answer: capturedResponse("123", { startedMs: 3, endedMs: 301 }),
  });
  for (const text of [
    "caller = productpage.shop and callee = reviews and namespace = shop",
    "duration >= 300ms",
    "body.bytes = 5 and answer.body.bytes < 1KiB",
    "started > 2023-11-14T00:00:00Z",
    "authority = reviews:9080 and recorder = reviews-1",
    "answer.header.content-type like text/*",
  ]) {
    assert.equal(rules([text]).decide(one, atEnd), true, text);
  }
});

test("a rule that needs what a mirror never knows is refused by name; so is one that needs the tape's numbers", () => {
  const refuse = (text: string, at: "mirror" | "inbound") =>
    refuseUnknowable({ keep: [], drop: ["path = /healthz", text] }, [at]);
  for (const field of [
    "status = 5xx",
    "answer.header.x-a = 1",
    "duration > 1s",
    "failure = reset",
    "answer.body ~ x",
  ]) {
    assert.throws(
      () => refuse(`path = / and not ${field}`, "mirror"),
      (thrown) => {
        assert.ok(thrown instanceof OperatorError);
        assert.match(thrown.message, /^--drop "path = \/ and not .*": "[\w.:-]+" is never known to a mirror/);
        assert.doesNotMatch(thrown.message, /\n/);
        return true;
      },
    );
    refuse(field, "inbound");
  }
  assert.throws(() => refuse("id > 5", "inbound"), /"id" is given by the tape/);
});

test("a rule for several vantages may ask each for what it knows", () => {
  const check = (text: string) => refuseUnknowable({ keep: [text], drop: [] }, ["mirror", "outbound"]);
  check("vantage = mirror or status = 5xx");
  check("not vantage = mirror and status = 5xx");
  check("vantage != mirror and status = 5xx or path = /");
  assert.throws(() => check("vantage = outbound or status = 5xx"), /"status" is never known to a mirror/);
});

test("a rule that cannot be read is refused with its name and place", () => {
  const refusals: [string, RegExp][] = [
    [
      "stauts = 5xx",
      /^--keep: cannot read the selection "stauts = 5xx": at character 1, unknown field "stauts" \(did you mean "status"\?\)$/,
    ],
    ["path = / and path ~ '['", /^--keep: .*at character 14, field "path": "\[" is no regular expression \(.*\)$/],
    ["body:user = 1", /at character 6, expected a JSON pointer/],
    ['body:"user" = 1', /at character 1, "user" is no JSON pointer, such as \/user\/id$/],
    ["body.bytes > 5kilo", /expected a bytes like 64KiB/],
    ["sample < 10parts", /expected a share like 10%/],
    [" ", /^--keep " ": it is blank/],
  ];
  for (const [text, message] of refusals) {
    assert.throws(
      () => parseKeepRules({ keep: [text], drop: [] }, recorder),
      (thrown) => thrown instanceof OperatorError && message.test(thrown.message) && !thrown.message.includes("\n"),
      text,
    );
  }
});

test("what is decided early is what is decided in the end", () => {
  const condition = fc.constantFrom(
    "status = 5xx",
    "status != 200",
    "method = GET",
    "path ^= /reviews",
    "header.x-a = 1",
    "answer.header.x-b = 1",
    "duration > 2",
    "answer = failure",
    "body ~ ok",
    "answer.body:/a = 1",
    "body.bytes > 0",
    "end = complete",
  );
  const expression = fc.letrec<{ one: string }>((tie) => ({
    one: fc.oneof(
      { depthSize: "small" },
      condition,
      tie("one").map((one) => `not (${one})`),
      fc.tuple(tie("one"), fc.constantFrom("and", "or"), tie("one")).map(([a, word, b]) => `(${a}) ${word} (${b})`),
    ),
  })).one;
  const request = fc.record({
    text: fc.constantFrom(undefined, "ok", ""),
    path: fc.constantFrom("/reviews/1", "/other"),
    headers: fc.constantFrom([], ["x-a", "1"]),
  });
  const answer = fc.oneof(
    fc.record({ status: fc.constantFrom(200, 404, 503), headers: fc.constantFrom([], ["x-b", "1"]) }),
    fc.constant("failure" as const),
  );
  fc.assert(
    fc.property(
      fc.array(expression, { maxLength: 2 }),
      fc.array(expression, { maxLength: 2 }),
      request,
      answer,
      (keep, drop, asked, got) => {
        const parsed = parseKeepRules({ keep, drop }, recorder);
        if (parsed === undefined) return;
        const { text, ...rest } = asked;
        const asIs = capturedRequest(text === undefined ? rest : { ...rest, text });
        const failed = { kind: "failure", reason: "reset", endedMs: 9 } as const;
        const whole = call({ request: asIs, answer: got === "failure" ? failed : capturedResponse('{"a":1}', got) });
        const head: CapturedCall = {
          part: "request",
          sequence: 1,
          vantage: "inbound",
          request: { ...asIs, end: "open" },
        };
        const decided = [
          parsed.decide(head, atStart),
          got === "failure" ? undefined : parsed.decide(whole, answerCame),
          parsed.decide(whole, atEnd),
        ];
        for (const early of decided) if (early !== undefined) assert.equal(early, parsed.keeps(whole));
      },
    ),
    { numRuns: 2000 },
  );
});
