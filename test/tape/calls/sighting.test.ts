import assert from "node:assert/strict";
import { test } from "node:test";
import { comparableRequestId, mayBeSameCallee, sightingOf } from "../../../tape/calls/sighting.js";
import { exchangeHead } from "../../support/exchange-head.js";

const requestId = "6db69b60-1f03-4c1e-885b-5cab4cc22fc5";
const sightingAt = (callee: string, authority: string) => sightingOf(exchangeHead({ callee, request: { authority } }));

test("a request id is compared without its 15th character, the first of a doubled one", () => {
  const rewritten = `${requestId.slice(0, 14)}9${requestId.slice(15)}`;
  assert.equal(comparableRequestId(requestId), comparableRequestId(rewritten));
  assert.equal(comparableRequestId(`${requestId}, ${requestId}`), comparableRequestId(requestId));
  assert.notEqual(comparableRequestId(requestId), comparableRequestId(`a${requestId.slice(1)}`));
});

test("a callee goes by its name, its host and its host without the cluster's domain", () => {
  const short = sightingAt("reviews", "reviews:9080");
  assert.equal(mayBeSameCallee(short, sightingAt("10.0.0.7", "reviews.shop.svc.cluster.local:9080")), true);
  assert.equal(mayBeSameCallee(short, sightingAt("ratings", "ratings:9080")), false);
});

test("services that share an IP address are told apart by port", () => {
  const one = sightingAt("127.0.0.1", "127.0.0.1:1001");
  assert.equal(mayBeSameCallee(one, sightingAt("127.0.0.1", "127.0.0.1:1002")), false);
  assert.equal(mayBeSameCallee(one, sightingAt("reviews", "127.0.0.1:1001")), true);
});

test("identifiers are the request id and the trace id, each where it is known", () => {
  const identifiers = (trace: object) => sightingOf(exchangeHead({ trace })).identifiers;
  assert.deepEqual(identifiers({}), []);
  assert.deepEqual(identifiers({ requestId: "r", traceId: "AB" }), ["request r", "trace ab"]);
  assert.deepEqual(identifiers({ traceId: "AB", requestId: "" }), ["trace ab"]);
});
