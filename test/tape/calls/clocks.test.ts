import assert from "node:assert/strict";
import { test } from "node:test";
import { type Clocks, readClocks } from "../../../tape/calls/clocks.js";
import { joinSightings } from "../../../tape/calls/join-sightings.js";
import { sightingOf } from "../../../tape/calls/sighting.js";
import type { ExchangeHead } from "../../../tape/index.js";
import { compareInTapeOrder } from "../../../tape/tape-order.js";
import { seen } from "../../support/sightings.js";

const ids = (n: number) => `${String(n).padStart(8, "0")}-2222-4333-8444-555555555555`;

/** A call that both sides saw, the callee's clock being so much ahead of the caller's. */
function pair(n: number, aheadMs: number): ExchangeHead[] {
  const at = n * 100;
  const call = { callee: "stock", path: `/stock/${n}`, requestId: ids(n), caller: "shop" };
  const [outer, inner] = [
    seen({ ...call, at: [at, at + 20], vantage: "outbound", recorder: "shop" }),
    seen({ ...call, at: [at + 5 + aheadMs, at + 15 + aheadMs], recorder: "stock" }),
  ];
  return [outer!, inner!].map((head) => ({ ...head, answerStartedNs: head.answerEndedNs! - 1_000_000n }));
}

const clocksOf = (heads: readonly ExchangeHead[], lost?: Parameters<typeof readClocks>[1]): Clocks =>
  readClocks(heads.map(sightingOf), lost);
const clockOf = (name: string) => seen({ at: [0], callee: "x", path: "/", recorder: name }).recorder.incarnation;

test("a call seen on both sides bounds how far their clocks are apart", () => {
  const { between, offsets, correctionNs } = clocksOf(pair(1, 300));
  assert.deepEqual(between(clockOf("shop"), clockOf("stock")), { lo: -305_000_000, hi: -295_000_000 });
  assert.equal(offsets.length, 2);
  assert.equal(correctionNs(clockOf("stock")) - correctionNs(clockOf("shop")), -300_000_000);
});

test("clocks that may be right are not corrected", () => {
  const { correctionNs, between } = clocksOf(pair(1, 2));
  assert.deepEqual([correctionNs(clockOf("shop")), correctionNs(clockOf("stock"))], [0, 0]);
  assert.deepEqual(between(clockOf("shop"), clockOf("stock")), { lo: -7_000_000, hi: 3_000_000 });
});

test("hours apart is believed of three calls, not of one: an id may be met again", () => {
  assert.deepEqual(clocksOf(pair(1, 7_200_000)).offsets, []);
  const heads = [1, 2, 3].flatMap((n) => pair(n, 7_200_000));
  const { lo, hi } = clocksOf(heads).between(clockOf("shop"), clockOf("stock"));
  assert.deepEqual([lo, hi], [-7_200_005_000_000, -7_199_995_000_000]);
  const { nodes } = joinSightings(heads);
  assert.deepEqual(
    nodes.map(({ sightings }) => sightings.length),
    [2, 2, 2],
  );
  assert.deepEqual(
    nodes.map(({ call }) => call.certainty),
    ["exact", "exact", "exact"],
  );
});

test("a request that is met twice on a side says nothing of clocks, nor does one near a loss", () => {
  const [outer, inner] = pair(1, 300);
  const again = seen({ at: [50, 60], callee: "stock", path: "/stock/1", requestId: ids(1), recorder: "stock" });
  assert.deepEqual(clocksOf([outer!, inner!, again]).offsets, []);
  assert.deepEqual(clocksOf([outer!, inner!], ({ name }) => name === "stock").offsets, []);
});

test("one false pair among many is outvoted, and clocks that drift are said to", () => {
  const heads = Array.from({ length: 20 }, (_, n) => pair(n, n === 7 ? -400 : 0)).flat();
  const [offset] = clocksOf(heads).offsets;
  assert.equal(offset!.drifted, false);
  const drifting = clocksOf(Array.from({ length: 20 }, (_, n) => pair(n, n * 5)).flat());
  assert.ok(drifting.offsets.every(({ drifted }) => drifted));
  const { lo, hi } = drifting.between(clockOf("shop"), clockOf("stock"));
  assert.ok(lo <= -95_000_000 && hi >= 0, `${lo} to ${hi}`);
});

test("incarnations of one recorder have clocks of their own: the wall clock may be moved between", () => {
  const [before, after] = [[1, 2, 3].flatMap((n) => pair(n, 0)), [4, 5, 6].flatMap((n) => pair(n, 3_600_000))];
  const restarted = after.map((head) =>
    head.recorder.name === "stock" ? { ...head, recorder: { name: "stock", incarnation: "f".repeat(16) } } : head,
  );
  const { between } = clocksOf([...before, ...restarted].sort(compareInTapeOrder));
  assert.deepEqual(between(clockOf("shop"), clockOf("stock")), { lo: -5_000_000, hi: 5_000_000 });
  assert.deepEqual(between(clockOf("shop"), "f".repeat(16)), { lo: -3_600_005_000_000, hi: -3_599_995_000_000 });
});
