import assert from "node:assert/strict";
import { test } from "node:test";
import { certifyOrder } from "../../../replayer/certificate.js";
import { causal } from "../../../replayer/order/causal.js";
import { producersOf } from "../../../replayer/order/producers.js";
import { playNeeds } from "../../support/play-needs.js";
import { stepAt } from "../../support/replay-values.js";

const pair = (producerStep: number, consumerStep: number) => ({
  ...{ producerStep, consumerStep, producer: producerStep + 1, consumer: consumerStep + 1 },
});

test("each Step is told once of each that it needs", () => {
  const of = producersOf({ pairs: () => [pair(0, 2), pair(0, 2), pair(1, 2)] });
  assert.deepEqual([of(0), of(2)], [[], [0, 1]]);
  assert.deepEqual(producersOf(undefined)(2), []);
});

test("a circle of values is cut where it goes against the tape, and the run comes to its end", async () => {
  const of = producersOf({ pairs: () => [pair(0, 1), pair(1, 2), pair(2, 0), pair(1, 1)] });
  const steps = [0, 1, 2].map((at) => ({
    step: stepAt(at, at, at + 100),
    needs: { keys: { exclusive: [], resource: 0, writes: false }, producers: of(at), bytes: 0 },
  }));
  const { went, table, keys } = await playNeeds(causal.start({ concurrency: 4 }), steps, [10, 10, 10]);
  assert.deepEqual(
    went.map(({ sentMs }) => sentMs),
    [0, 10, 20],
  );
  const { required, violated, edges } = certifyOrder("causal", table, { keys });
  assert.deepEqual([required, violated, edges?.value], [2, 0, 2]);
});
