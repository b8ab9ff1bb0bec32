import assert from "node:assert/strict";
import { test } from "node:test";
import { joinCalls } from "../../../tape/index.js";
import { inWords, requestId, seen } from "../../support/sightings.js";

test("two inbound sightings of one request id are a retry: two calls, and both from outside", () => {
  const calls = joinCalls([
    seen({ at: [0, 10], callee: "reviews", path: "/r", requestId }),
    seen({ at: [5, 30], callee: "reviews", path: "/r", requestId }),
    seen({ at: [0.5], vantage: "mirror", callee: "reviews", path: "/r", requestId }),
  ]);
  assert.deepEqual(inWords(calls), ["reviews /r (inbound+mirror) entry", "reviews /r (inbound) entry"]);
});

test("copies by a gateway and a sidecar are one call, two copies by one proxy are two", () => {
  const copy = (fromMs: number, client: string) =>
    seen({ at: [fromMs], vantage: "mirror", callee: "reviews", path: "/r", requestId, client, recorder: "m" });
  assert.equal(joinCalls([copy(0, "10.0.0.1"), copy(2, "10.0.0.2")]).length, 1);
  assert.equal(joinCalls([copy(0, "10.0.0.1"), copy(2, "10.0.0.1")]).length, 2);
});

test("a request passed on under the same path is another call, for its callee is another", () => {
  const calls = joinCalls([
    seen({ at: [0, 100], callee: "gateway", path: "/r", authority: "shop.example", requestId }),
    seen({ at: [5, 90], callee: "reviews", path: "/r", authority: "reviews:9080", requestId }),
  ]);
  assert.deepEqual(inWords(calls), ["gateway /r (inbound) entry", "reviews /r (inbound)"]);
});

test("services that share an IP address are told apart by port", () => {
  const calls = joinCalls([
    seen({
      at: [0, 100],
      vantage: "outbound",
      callee: "127.0.0.1",
      path: "/r",
      authority: "127.0.0.1:1001",
      requestId,
    }),
    seen({ at: [1, 90], callee: "reviews", path: "/r", authority: "127.0.0.1:1002", requestId }),
  ]);
  assert.equal(calls.length, 2);
});

test("far apart in time, the same request id is met again, not joined", () => {
  const calls = joinCalls([
    seen({ at: [0, 10], vantage: "outbound", callee: "reviews", path: "/r", requestId }),
    seen({ at: [5000, 5010], callee: "reviews", path: "/r", requestId }),
  ]);
  assert.equal(calls.length, 2);
});

test("a request id that a tracing proxy rewrote, or that came doubled, is the same", () => {
  const rewritten = `${requestId.slice(0, 14)}9${requestId.slice(15)}`;
  const calls = joinCalls([
    seen({ at: [0, 10], vantage: "outbound", callee: "reviews", path: "/r", requestId }),
    seen({ at: [1, 9], callee: "reviews", path: "/r", requestId: `${rewritten},${rewritten}` }),
  ]);
  assert.equal(calls.length, 1);
});

test("joined by trace id alone, or with another candidate, a join is inferred", () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const [byTrace] = joinCalls([
    seen({ at: [0, 10], vantage: "outbound", callee: "reviews", path: "/r", traceId }),
    seen({ at: [1, 9], callee: "reviews", path: "/r", traceId }),
  ]);
  assert.deepEqual([byTrace!.sightings.length, byTrace!.certainty], [2, "inferred"]);
  const calls = joinCalls([
    seen({ at: [0, 40], callee: "reviews", path: "/r", requestId }),
    seen({ at: [5, 30], callee: "reviews", path: "/r", requestId }),
    seen({ at: [6], vantage: "mirror", callee: "reviews", path: "/r", requestId }),
  ]);
  assert.deepEqual(
    calls.map(({ sightings, certainty }) => [sightings.length, certainty]),
    [
      [1, "exact"],
      [2, "inferred"],
    ],
  );
});

test("different requests are never joined, whatever else they share", () => {
  const calls = joinCalls(
    Array.from({ length: 50 }, (_, at) =>
      seen({
        at: [0, 10],
        vantage: at % 2 ? "inbound" : "outbound",
        callee: "reviews",
        path: "/r",
        requestId: `request-${at}-xxxxxxxxx`,
      }),
    ),
  );
  assert.equal(calls.length, 50);
});

test("20,000 calls that all share one request id are joined in reasonable time", () => {
  const heads = Array.from({ length: 20_000 }, (_, at) =>
    seen({ at: [at / 10, at / 10 + 5], callee: "a", path: "/a", requestId }),
  );
  const calls = joinCalls(heads);
  assert.equal(calls.length, 20_000);
});
