import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";
import fc from "fast-check";
import { parseComparison } from "../../experiment/file/comparison.js";
import { parseQueryAnswer } from "../../experiment/prometheus/answer.js";
import { askPrometheus } from "../../experiment/prometheus/query.js";
import { readingOf } from "../../experiment/prometheus/read.js";
import { closedPort, listenOnLoopback } from "../support/loopback.js";
import { startPrometheus } from "../support/prometheus.js";

const above5 = parseComparison("> 5")!;
const vector = (...values: string[]) =>
  JSON.stringify({
    status: "success",
    data: {
      resultType: "vector",
      result: values.map((value, at) => ({ metric: { pod: `p${at}` }, value: [1, value] })),
    },
  });
const read = (status: number, text: string) => readingOf(parseQueryAnswer(status, text), above5);

test("a vector trips when any of its samples does, and says which", () => {
  assert.deepEqual(read(200, vector("1", "7")), { kind: "value", value: 7, of: '{pod="p1"}', trips: true });
  assert.deepEqual(read(200, vector("1", "2")), { kind: "value", value: 2, of: '{pod="p1"}', trips: false });
  assert.deepEqual(read(200, vector("1", "+Inf")), { kind: "value", value: Infinity, of: '{pod="p1"}', trips: true });
});

test("a value that is no number, and an empty result, are unknown; a sample that trips is known beside them", () => {
  assert.deepEqual(read(200, vector("1", "NaN")), { kind: "unknown", why: '{pod="p1"} is no number (NaN)' });
  assert.equal(read(200, vector("7", "NaN")).kind, "value");
  assert.deepEqual(read(200, vector()), { kind: "unknown", why: "the result is empty" });
});

test("whatever somebody answers, only numbers of a success are values", () => {
  const texts = fc.oneof(fc.string(), fc.json());
  fc.assert(
    fc.property(texts, fc.constantFrom(200, 302, 404, 500), (text, status) => {
      assert.equal(read(status, text).kind, "unknown");
    }),
  );
  assert.equal(read(500, vector("1")).kind, "unknown");
});

test("a real Prometheus is asked for scalars and vectors, and refuses a query in its own words", async (t) => {
  const prometheus = await startPrometheus(t, { 'shop_errors{pod="a"}': 1, 'shop_errors{pod="b"}': 9 });
  if (prometheus === undefined) return;
  const { url } = prometheus;
  await prometheus.untilReads("max(shop_errors)", 9);
  const ask = async (query: string) => readingOf(await askPrometheus(url, query), above5);
  const errors = await ask("shop_errors");
  assert.deepEqual([errors.kind, (errors as { value: number }).value], ["value", 9]);
  assert.match((errors as { of: string }).of, /^shop_errors\{.*pod="b"/);
  assert.deepEqual(await ask("scalar(count(shop_errors)) + 1"), { kind: "value", value: 3, trips: false });
  assert.deepEqual(await ask("shop_erors"), { kind: "unknown", why: "the result is empty" });
  assert.deepEqual(await ask("vector(0) / 0"), { kind: "unknown", why: "{} is no number (NaN)" });
  assert.deepEqual(await ask("scalar(shop_erors)"), { kind: "unknown", why: "the result is no number (NaN)" });
  assert.match(((await ask("shop_errors[1m]")) as { why: string }).why, /gives a matrix/);
  assert.match(((await ask('"text"')) as { why: string }).why, /gives a string/);
  const refused = await askPrometheus(url, "sum(shop_errors");
  assert.equal(refused.kind, "refused");
  assert.match((refused as { words: string }).words, /parse error: unclosed left parenthesis/);
  await prometheus.child.end("SIGKILL");
  assert.match(((await ask("shop_errors")) as { why: string }).why, /^cannot reach Prometheus at http:\/\/127/);
});

test("nobody at the address, and somebody who is no Prometheus, are unknown", async (t) => {
  const nobody = await askPrometheus(`http://127.0.0.1:${await closedPort()}`, "up");
  assert.match((nobody as { why: string }).why, /^cannot reach Prometheus at .*ECONNREFUSED/);
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(200).end("<html>");
  });
  const port = await listenOnLoopback(t, server);
  const other = await askPrometheus(`http://127.0.0.1:${port}/prefix`, "up");
  assert.deepEqual([other.kind, asked], ["unknown", ["POST /prefix/api/v1/query"]]);
});
