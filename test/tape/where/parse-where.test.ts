import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OperatorError } from "../../../base/index.js";
import { parseWhere } from "../../../tape/index.js";
import { whereFields } from "../../../tape/where/fields.js";
import { operators } from "../../../tape/where/syntax.js";
import { exchangeHead, wholeExchange } from "../../support/exchange-head.js";

const failing = exchangeHead({
  answer: { kind: "response", status: 503, end: "complete", bodyKind: "whole", bodyBytes: 5 },
});

test("the selection of the documentation selects what it says", () => {
  const { where, whereWhole } = parseWhere(
    'method = GET and path ~ "^/reviews/" and status >= 500 and not vantage = mirror',
  );
  assert.equal(whereWhole, undefined);
  assert.equal(where!(failing), true);
  assert.equal(where!(exchangeHead()), false);
  assert.equal(where!({ ...failing, vantage: "mirror" }), false);
  assert.equal(where!(exchangeHead({ ...failing, request: { method: "POST" } })), false);
});

test("what the head can decide is decided there, the rest on the whole Exchange", () => {
  const { where, whereWhole } = parseWhere("status = 5xx and header.x-user = anna and answer.body ~ broken");
  assert.equal(where!(failing), true);
  assert.equal(where!(exchangeHead()), false);
  const exchange = (user: string) =>
    wholeExchange(failing, { requestHeaders: [["X-User", user]], answerBody: Buffer.from("it is broken") });
  assert.equal(whereWhole!(exchange("anna")), true);
  assert.equal(whereWhole!(exchange("otto")), false);
});

test("an alternative of head and whole is decided on the whole Exchange", () => {
  const { where, whereWhole } = parseWhere("status = 200 or not header.x-user = anna");
  assert.equal(where, undefined);
  const exchange = (user: string) => wholeExchange(failing, { requestHeaders: [["x-user", user]] });
  assert.equal(whereWhole!(exchange("anna")), false);
  assert.equal(whereWhole!(exchange("otto")), true);
  assert.equal(whereWhole!(wholeExchange(exchangeHead(), { requestHeaders: [["x-user", "anna"]] })), true);
});

test("blank text selects everything", () => {
  assert.deepEqual(parseWhere(" "), {});
});

test("an unknown field, a bad value and a bad pattern are refused with their place", () => {
  const refused = (text: string, message: RegExp) => assert.throws(() => parseWhere(text), { message });
  refused("status = 200 and pth = /x", /at character 18, unknown field "pth" \(did you mean "path"\?\)$/);
  refused("status = ok", /at character 1, field "status": expected a status like 404 or 5xx, saw "ok"$/);
  refused('path ~ "("', /field "path": "\(" is no regular expression/);
  refused("method < GET", /field "method": "<" compares numbers/);
});

test("text of any kind gives a selection or an OperatorError", () => {
  const word = fc.constantFrom(
    ...Object.keys(whereFields),
    ...operators,
    "and",
    "or",
    "not",
    "(",
    ")",
    '"',
    "5xx",
    "1s",
    "x",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(word).map((words) => words.join(" ")),
  );
  fc.assert(
    fc.property(text, (one) => {
      try {
        const { where } = parseWhere(one);
        where?.(failing);
      } catch (thrown) {
        assert.ok(thrown instanceof OperatorError, String(thrown));
      }
    }),
    { numRuns: 3000 },
  );
});
