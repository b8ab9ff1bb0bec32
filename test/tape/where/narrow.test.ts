import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Alike, type ExchangeHead, parseWhere } from "../../../tape/index.js";
import { pathStartOf } from "../../../tape/path-start.js";
import { exchangeHead } from "../../support/exchange-head.js";

/** What an index knows of an Exchange; the rest of its head says nothing. */
function alikeOf(head: ExchangeHead, isMixed = false): Alike {
  const none = isMixed ? { method: "", scheme: "", authority: "" } : {};
  return {
    head: {
      ...head,
      id: 0,
      startedNs: 0n,
      trace: {},
      ...(isMixed ? { callee: "" } : {}),
      request: { ...head.request, ...none, path: "", bodyBytes: 0 },
    },
    pathStart: isMixed ? undefined : pathStartOf(head.request.path),
    isMixed,
  };
}

const condition = fc.oneof(
  fc.constantFrom("method = GET", "method != get", "host = reviews:9080", "callee ~ ^rev", "service = ratings"),
  fc.constantFrom(
    "status = 503",
    "status >= 500",
    "status != 200",
    "status = 5xx",
    "answer = failure",
    "failure = reset",
  ),
  fc.constantFrom("vantage = mirror", "protocol = h2", "request.end = aborted", "end = complete", "scheme = https"),
  fc.constantFrom("path = /reviews/7", 'path ^= "/rev"', 'path ^= "/reviews/7/x"', "path ~ 7", "query = a"),
  fc.constantFrom(
    "started > 2026-01-01T00:00:00Z",
    "started < 2026-01-01T00:00:00.001Z",
    "trace = abc",
    "client = 10.0.0.9",
  ),
);
const selection = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    condition,
    fc.tuple(tie("any"), fc.constantFrom("and", "or"), tie("any")).map(([a, join, b]) => `(${a}) ${join} (${b})`),
    tie("any").map((inner) => `not (${inner})`),
  ),
})).any;
const atNewYear = BigInt(Date.parse("2026-01-01T00:00:00Z")) * 1_000_000n;
const head = fc
  .record({
    method: fc.constantFrom("GET", "POST"),
    path: fc.constantFrom("/reviews/7", "/reviews/7/x?a", "/orders", "/rev"),
    authority: fc.constantFrom("reviews:9080", "ratings:80"),
    vantage: fc.constantFrom("mirror" as const, "inbound" as const),
    status: fc.constantFrom(200, 404, 503),
    kind: fc.constantFrom("response", "failure", "unknown", "status-only"),
    afterNs: fc.integer({ min: -2_000_000, max: 2_000_000 }),
    traceId: fc.constantFrom("abc", "def"),
  })
  .map(({ method, path, authority, vantage, status, kind, afterNs, traceId }) => {
    const answer: ExchangeHead["answer"] =
      kind === "response"
        ? { kind, status, end: "complete", bodyKind: "empty", bodyBytes: 0 }
        : kind === "failure"
          ? { kind, reason: "reset", afterMs: 1 }
          : kind === "status-only"
            ? { kind, status }
            : { kind: "unknown" };
    const callee = authority.split(":")[0]!;
    const startedNs = atNewYear + BigInt(afterNs);
    return exchangeHead({
      vantage,
      callee,
      answer,
      startedNs,
      trace: { traceId },
      client: "10.0.0.9",
      request: { method, path, authority },
    });
  });

test("what is selected is never passed over, by itself nor among mixed ones", () => {
  fc.assert(
    fc.property(selection, head, (text, one) => {
      const { where, narrow } = parseWhere(text);
      if (where?.(one) !== true || narrow === undefined) return;
      assert.ok(narrow.mayHold(alikeOf(one)), text);
      assert.ok(narrow.mayHold(alikeOf(one, true)), text);
      assert.ok(narrow.fromNs === undefined || one.startedNs >= narrow.fromNs, text);
      assert.ok(narrow.toNs === undefined || one.startedNs < narrow.toNs, text);
      const record = [one.request.path, one.trace.traceId, one.client].join("\0");
      assert.ok(
        narrow.texts.every((wanted) => record.includes(wanted)),
        text,
      );
    }),
    { numRuns: 2000 },
  );
});

test("what cannot be selected is passed over where its kind says so", () => {
  const reviews = exchangeHead({ request: { path: "/reviews/7" } });
  const passesOver = (text: string) => parseWhere(text).narrow!.mayHold(alikeOf(reviews)) === false;
  for (const text of [
    "status = 503",
    "method = POST",
    "callee = ratings and body ~ x",
    "path = /orders/7",
    'path ^= "/o"',
  ]) {
    assert.ok(passesOver(text), text);
  }
  for (const text of ["status = 200", "path = /reviews/9", 'path ^= "/reviews/70"', "status = 503 or body ~ x"]) {
    assert.ok(!passesOver(text), text);
  }
});

test("an answer that was not seen may have been told of since", () => {
  const copied = exchangeHead({ vantage: "mirror", answer: { kind: "unknown" } });
  assert.ok(parseWhere("status = 503").narrow!.mayHold(alikeOf(copied)));
});

test("a selection by what no index knows narrows nothing", () => {
  assert.equal(parseWhere("body ~ x").narrow, undefined);
  assert.equal(parseWhere("duration > 1s").narrow, undefined);
});
