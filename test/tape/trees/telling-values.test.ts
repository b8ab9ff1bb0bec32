import assert from "node:assert/strict";
import { test } from "node:test";
import { tellingValues } from "../../../tape/trees/telling-values.js";
import { exchangeHead, wholeExchange } from "../../support/exchange-head.js";

function valuesOf(path: string, headers: [string, string][] = [], body?: string): [string, string][] {
  const head = exchangeHead({ request: { path, method: body === undefined ? "GET" : "POST" } });
  const whole =
    body === undefined ? { requestHeaders: headers } : { requestHeaders: headers, requestBody: Buffer.from(body) };
  return [...tellingValues(wholeExchange(head, whole))];
}

test("ids in path, query, headers, cookies and JSON are found, with their places", () => {
  const headers: [string, string][] = [
    ["x-user", "u-17"],
    ["cookie", "sid=abc-1; theme=dark"],
    ["content-type", "application/json"],
    ["user-agent", "curl/7.88.1"],
    ["x-request-id", "6db69b60-1f03"],
  ];
  assert.deepEqual(
    valuesOf("/orders/7/lines?sku=A-1&page=2", headers, '{"order":{"total":129.5},"tags":["gift-42"],"n":5}'),
    [
      ["7", "path segment"],
      ["A-1", "query:sku"],
      ["u-17", "header:x-user"],
      ["abc-1", "cookie:sid"],
      ["129.5", "body:/order/total"],
      ["gift-42", "body:/tags/0"],
    ],
  );
});

test("forms are read, and what is no JSON after all says nothing", () => {
  const form: [string, string][] = [["content-type", "application/x-www-form-urlencoded"]];
  assert.deepEqual(valuesOf("/pay", form, "iban=DE02120300000000202051&x=1"), [
    ["DE02120300000000202051", "form:iban"],
  ]);
  assert.deepEqual(valuesOf("/pay", [["content-type", "application/json"]], '{"a":'), []);
});

test("a body nested without end is read to a depth, and no deeper", () => {
  const deep = `${'{"a":'.repeat(5000)}"value-17"${"}".repeat(5000)}`;
  assert.deepEqual(valuesOf("/", [["content-type", "application/json"]], deep), []);
});
