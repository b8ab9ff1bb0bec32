import assert from "node:assert/strict";
import { test } from "node:test";
import { compareHops, type HopStep } from "../../../replayer/hops/compare.js";
import type { PairedHops } from "../../../tape/index.js";
import { hopTape, recordedTrace, replayTrace, type SeenCall } from "../../support/hop-tape.js";

/** front calls reviews and details side by side; reviews calls ratings after that. */
function shop(headers: readonly string[], startMs: number, answers: { reviews?: unknown } = {}): SeenCall[] {
  const at = (from: number, to: number) => [startMs + from, startMs + to] as const;
  return [
    { service: "front", path: "/product/1", at: at(0, 90), body: {}, headers },
    { service: "details", path: "/details/1", at: at(10, 86), body: { isbn: 1 }, headers },
    { service: "reviews", path: "/reviews/1", at: at(5, 80), body: answers.reviews ?? { stars: 5 }, headers },
    { service: "ratings", path: "/ratings/1", at: at(20, 30), body: { value: 1 }, headers },
  ];
}

async function pairedHops(
  replayed: readonly SeenCall[],
  differsAtEntry: (step: number) => boolean = () => false,
): Promise<PairedHops[]> {
  const recorded = await hopTape(shop(recordedTrace(0), 0));
  const steps: HopStep[] = [];
  for await (const { id, callee } of recorded.skim())
    if (callee === "front")
      steps.push({ step: 0, exchangeId: id, callee, route: "GET /product/{id}", method: "GET", path: "/product/1" });
  const told: PairedHops[] = [];
  const found = compareHops({
    ...{ run: "r1", steps, recorded, replayed: await hopTape(replayed), differsAtEntry },
    contrasts: [{ at: 0, lane: "candidate", reference: "recorded" }],
    onPaired: (paired) => told.push(paired),
  });
  for await (const _ of found);
  return told;
}

const lane = (answers: { reviews?: unknown } = {}) =>
  shop(replayTrace("r1", 0, "candidate", "request-id"), 10_000, answers);

test("the calls of both sides stand in one tree, each below the call that made it, what differs marked", async () => {
  const [told, ...others] = await pairedHops(lane({ reviews: { stars: 1 } }));
  assert.equal(others.length, 0);
  assert.deepEqual([told?.step, told?.lane, told?.reference], [0, "candidate", "recorded"]);
  assert.deepEqual(
    told?.calls.map(({ depth, callee, differs, expected, actual }) => [
      depth,
      callee,
      differs,
      expected?.status,
      actual?.tookMs,
    ]),
    [
      [1, "reviews", true, "200", 75],
      [2, "ratings", false, "200", 10],
      [1, "details", false, "200", 76],
    ],
  );
});

test("a call that was not made has no actual side, and stands where it was", async () => {
  const [told] = await pairedHops(lane().filter(({ service }) => service !== "ratings"));
  // Without any sighting of ratings in the lane it might have no recorder there: it is not compared, so not shown.
  assert.equal(told, undefined);
  const twice = [...lane(), { ...lane()[3]!, path: "/ratings/2", at: [10_032, 10_036] as const }];
  const [more] = await pairedHops(twice);
  const added = more?.calls.find(({ expected }) => expected === undefined);
  assert.deepEqual([added?.depth, added?.callee, added?.actual?.path], [2, "ratings", "/ratings/2"]);
});

test("calls that are all alike are told of only where the entry differs", async () => {
  assert.deepEqual(await pairedHops(lane()), []);
  const [told] = await pairedHops(lane(), () => true);
  assert.deepEqual(
    told?.calls.map(({ differs }) => differs),
    [false, false, false],
  );
});
