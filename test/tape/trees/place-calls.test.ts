import assert from "node:assert/strict";
import { test } from "node:test";
import { joinSightings } from "../../../tape/calls/join-sightings.js";
import type { ExchangeHead } from "../../../tape/index.js";
import { placeCalls } from "../../../tape/trees/place-calls.js";
import { requestId, seen } from "../../support/sightings.js";

const traceId = "0af7651916cd43dd8448eb211c80319c";

/** `callee below callee (kind because)` of each call. */
function places(heads: readonly ExchangeHead[], lost?: () => boolean): string[] {
  const joined = joinSightings(heads, lost && { lost });
  return placeCalls(joined, lost && { lost }).map(({ node, parent, join }) => {
    const above = parent === undefined ? "" : ` below ${parent.call.best.callee}`;
    return `${node.call.best.callee}${above} (${join.kind} ${join.reason.kind})`;
  });
}

test("the only call to its caller in the trace made a call, surely", () => {
  const heads = [
    seen({ at: [0, 100], callee: "shop", path: "/", requestId }),
    seen({ at: [10, 50], callee: "stock", path: "/s", requestId, caller: "shop.default" }),
    seen({ at: [120, 130], callee: "mail", path: "/m", requestId, caller: "shop" }),
  ];
  // What is not waited for belongs to it as well.
  const sure = ["shop (entry no-caller)", "stock below shop (exact only-call)", "mail below shop (exact only-call)"];
  assert.deepEqual(places(heads), sure);
  assert.deepEqual(
    places(heads, () => true),
    sure.map((line) => line.replace("exact only-call", "inferred losses")),
  );
});

test("of several calls to its caller, the one that was around it made it; of two around it neither is known to", () => {
  const stock = (at: [number, number]) => seen({ at, callee: "stock", path: "/s", requestId, caller: "shop" });
  const shop = (at: [number, number], path: string) => seen({ at, callee: "shop", path, requestId });
  assert.deepEqual(
    places([shop([0, 40], "/a"), shop([50, 90], "/b"), stock([60, 70])]).at(-1),
    "stock below shop (inferred inside)",
  );
  const [, , inBoth] = places([shop([0, 100], "/a"), shop([5, 90], "/b"), stock([60, 70])]);
  assert.equal(inBoth, "stock (orphan several)");
});

test("a copied span tells calls of one trace to one service apart", () => {
  const withSpan = (head: ExchangeHead, parentSpanId: string) => ({
    ...head,
    trace: { requestId, traceId, parentSpanId },
  });
  const heads = [
    withSpan(seen({ at: [0, 100], callee: "shop", path: "/a" }), "a".repeat(16)),
    withSpan(seen({ at: [5, 90], callee: "shop", path: "/b" }), "b".repeat(16)),
    withSpan(seen({ at: [60, 70], vantage: "outbound", callee: "stock", path: "/s", caller: "shop" }), "a".repeat(16)),
  ];
  assert.equal(places(heads).at(-1), "stock below shop (exact same-span)");
});

test("the parent of a span, where B3 tells it, is the call that was given it", () => {
  const b3 = (head: ExchangeHead, parentSpanId: string, grandparentSpanId?: string) => ({
    ...head,
    trace: { traceId, parentSpanId, ...(grandparentSpanId !== undefined && { grandparentSpanId }) },
  });
  const heads = [
    b3(seen({ at: [0, 100], callee: "shop", path: "/a" }), "a".repeat(16)),
    b3(seen({ at: [5, 90], callee: "shop", path: "/b" }), "b".repeat(16)),
    b3(seen({ at: [60, 70], callee: "stock", path: "/s" }), "c".repeat(16), "b".repeat(16)),
  ];
  assert.equal(places(heads).at(-1), "stock below shop (exact parent-span)");
});

test("without an identifier in common, the only call to its caller that was open made it, most likely", () => {
  const other = (n: number) => `${requestId.slice(0, -1)}${n}`;
  const shop = (at: [number, number], n: number) => seen({ at, callee: "shop", path: `/${n}`, requestId: other(n) });
  const stock = seen({ at: [60, 70], callee: "stock", path: "/s", requestId: other(9), caller: "shop" });
  assert.equal(places([shop([0, 40], 1), shop([50, 90], 2), stock]).at(-1), "stock below shop (inferred only-open)");
  assert.equal(places([shop([0, 80], 1), shop([50, 90], 2), stock]).at(-1), "stock (orphan several)");
  assert.equal(places([shop([0, 40], 1), stock]).at(-1), "stock (orphan none-open)");
  assert.equal(places([stock]).at(-1), "stock (entry caller-not-called)");
});

test("calls side by side at one service do not lie below each other, though one was open around the other", () => {
  const heads = [
    seen({ at: [0, 100], callee: "shop", path: "/", requestId }),
    seen({ at: [10, 90], callee: "stock", path: "/1", requestId }),
    seen({ at: [20, 30], callee: "stock", path: "/2", requestId }),
  ];
  assert.deepEqual(places(heads).slice(1), [
    "stock below shop (inferred inside)",
    "stock below shop (inferred inside)",
  ]);
});

test("a call copied at a gateway, by the name its users know, may have been answered by who made the next", () => {
  const heads = [
    seen({
      at: [0],
      vantage: "mirror",
      callee: "shop.example",
      authority: "shop.example",
      path: "/",
      requestId,
      caller: "gateway",
    }),
    seen({ at: [3], vantage: "mirror", callee: "stock", path: "/s", requestId, caller: "svc1" }),
  ];
  assert.deepEqual(places(heads), [
    "shop.example (entry caller-not-called)",
    "stock below shop.example (inferred only-other)",
  ]);
});

test("reports of proxies may come late, and a call is not made by one that it set off, whatever its users call its service", () => {
  const told = (hop: string, at: [number, number], more: { callee?: string; caller?: string } = {}) =>
    seen({ at, vantage: "ext-proc", recorder: "told", hop, callee: hop, path: `/${hop}`, requestId, ...more });
  const behind = [
    told("reviews", [3, 18], { caller: "frontend.shop" }),
    told("ratings", [6, 9], { caller: "reviews.shop" }),
  ];
  const below = [
    "reviews below frontend (inferred seen-on-its-way)",
    "ratings below reviews (inferred seen-on-its-way)",
  ];
  assert.deepEqual(places([told("frontend", [0, 13]), ...behind]), ["frontend (entry no-caller)", ...below]);
  const asUsersSay = places([told("frontend", [0, 13], { callee: "127.0.0.1" }), ...behind]);
  assert.deepEqual(
    asUsersSay.map((line) => line.replace("127.0.0.1", "frontend")),
    ["frontend (entry no-caller)", ...below],
  );
  // What seems to lie within a call may have been made by it, though its service was called before.
  const back = told("frontend", [7, 8]);
  assert.equal(places([...behind, back]).at(-1), "frontend (orphan several)");
});
