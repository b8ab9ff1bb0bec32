import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { whereField } from "../../../tape/where/fields.js";
import { exchangeHead, wholeExchange } from "../../support/exchange-head.js";

function headValues(name: string, head = exchangeHead()): readonly unknown[] {
  const field = whereField(name);
  assert.ok(field !== undefined && field.needs === "head", name);
  return field.read(head);
}

test("path and query are read apart", () => {
  const head = exchangeHead({ request: { path: "/reviews/1?page=2?" } });
  assert.deepEqual(headValues("path", head), ["/reviews/1"]);
  assert.deepEqual(headValues("query", head), ["page=2?"]);
  assert.deepEqual(headValues("query"), []);
});

test("what is not known has no value", () => {
  const head = exchangeHead({ answer: { kind: "unknown" } });
  const { answerEndedNs: _, ...open } = head;
  for (const name of ["status", "failure", "caller", "namespace", "trace", "duration", "answer.end"]) {
    assert.deepEqual(headValues(name, open), [], name);
  }
});

test("duration is in milliseconds, started in milliseconds since the epoch", () => {
  assert.deepEqual(headValues("duration"), [10]);
  assert.deepEqual(headValues("started"), [1000]);
});

test("service is caller or callee, end is the request's or the answer's", () => {
  assert.deepEqual(headValues("service", exchangeHead({ caller: "productpage" })), ["productpage", "reviews"]);
  assert.deepEqual(headValues("end"), ["complete", "complete"]);
});

test("bodies are read as text with their codings undone, headers with all their values", () => {
  const exchange = wholeExchange(exchangeHead(), {
    requestHeaders: [
      ["X-A", "1"],
      ["x-a", "2"],
    ],
    answerHeaders: [["content-encoding", "gzip"]],
    answerBody: gzipSync("späte Antwort"),
  });
  const whole = (name: string) => {
    const field = whereField(name);
    assert.ok(field?.needs === "headers" || field?.needs === "body");
    return field.read(exchange);
  };
  assert.deepEqual(whole("header.x-a"), ["1", "2"]);
  assert.deepEqual(whole("answer.header.content-encoding"), ["gzip"]);
  assert.deepEqual(whole("answer.body"), ["späte Antwort"]);
  assert.deepEqual(whole("body"), []);
});

test("names that are none, and those of objects, are no fields", () => {
  for (const name of ["pth", "header.", "constructor", "__proto__"]) assert.equal(whereField(name), undefined);
});
