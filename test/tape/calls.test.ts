import assert from "node:assert/strict";
import { test } from "node:test";
import { callsByTrace, joinCalls, type Vantage } from "../../tape/index.js";
import { inWords, requestId, seen } from "../support/sightings.js";

test("a chain of three services with a mirror at the gateway is three calls, one of them from outside", () => {
  const calls = joinCalls([
    seen({ at: [0, 100], callee: "productpage", path: "/productpage", authority: "shop.example", requestId }),
    seen({
      at: [1],
      vantage: "mirror",
      callee: "shop.example",
      path: "/productpage",
      authority: "shop.example",
      requestId,
    }),
    seen({
      at: [10, 50],
      vantage: "outbound",
      callee: "reviews",
      path: "/reviews/1",
      requestId,
      caller: "productpage",
    }),
    seen({ at: [11, 49], callee: "reviews", path: "/reviews/1", requestId }),
    seen({ at: [20, 30], callee: "ratings", path: "/ratings/1", requestId }),
  ]);
  assert.deepEqual(inWords(calls), [
    "productpage /productpage (inbound+mirror) entry",
    "reviews /reviews/1 (outbound+inbound)",
    "ratings /ratings/1 (inbound)",
  ]);
  assert.deepEqual(
    calls.map(({ best, certainty }) => [best.vantage, certainty]),
    [
      ["inbound", "exact"],
      ["inbound", "exact"],
      ["inbound", "exact"],
    ],
  );
  assert.equal(callsByTrace(calls).size, 1);
});

test("the best sighting is inbound, then ext-proc, outbound, mirror, import", () => {
  const order: Vantage[] = ["import", "mirror", "outbound", "ext-proc", "inbound"];
  for (let count = 1; count <= order.length; count++) {
    const heads = order
      .slice(0, count)
      .map((vantage, at) => seen({ at: [at, 50], vantage, callee: "reviews", path: "/r", requestId }));
    const calls = joinCalls(heads);
    assert.deepEqual([calls.length, calls[0]!.best.vantage], [1, order[count - 1]]);
  }
});

test("identifiers that were met on one call lead to one trace", () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const calls = joinCalls([
    seen({ at: [0, 100], callee: "a", path: "/a", requestId, traceId }),
    seen({ at: [10, 20], callee: "b", path: "/b", traceId }),
    seen({ at: [30, 40], callee: "c", path: "/c", requestId }),
    seen({ at: [0, 100], callee: "d", path: "/d" }),
  ]);
  assert.deepEqual([...callsByTrace(calls).values()].map(inWords), [
    ["a /a (inbound) entry", "b /b (inbound)", "c /c (inbound)"],
  ]);
  assert.equal(calls.find(({ best }) => best.callee === "d")?.traceKey, undefined);
});
