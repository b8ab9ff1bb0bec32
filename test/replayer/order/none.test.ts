import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { certifyOrder } from "../../../replayer/certificate.js";
import { none } from "../../../replayer/order/none.js";
import { anyDelaysMs, anyTiedSteps } from "../../support/arbitrary-steps.js";
import { playNeeds } from "../../support/play-needs.js";
import { stepAt } from "../../support/replay-values.js";

test("as many are in flight as concurrency allows, and the next goes when one is final", async () => {
  const order = none.start({ concurrency: 2 });
  const steps = [stepAt(0, 0, 1), stepAt(1, 10, 11), stepAt(2, 20, 21)];
  const gone: number[] = [];
  assert.equal(
    order.take(steps[0]!, () => gone.push(0)),
    undefined,
  );
  assert.equal(
    order.take(steps[1]!, () => gone.push(1)),
    undefined,
  );
  const held = order.take(steps[2]!, () => gone.push(2));
  assert.deepEqual(gone, [0, 1]);
  order.final(steps[1]!);
  await held;
  assert.deepEqual(gone, [0, 1, 2]);
});

test("a few that wait for room alone are taken ahead, and go in the order of the tape", async () => {
  const order = none.start({ concurrency: 32 });
  const gone: number[] = [];
  const take = (step: number) => order.take(stepAt(step, step, step + 1), () => gone.push(step));
  for (let step = 0; step < 48; step++) assert.equal(take(step), undefined);
  const held = take(48);
  assert.ok(held instanceof Promise);
  assert.equal(gone.length, 32);
  // Answered in another order than they went.
  for (let final = 15; final >= 0; final--) order.final(stepAt(final, 0));
  await held;
  order.final(stepAt(31, 0));
  assert.deepEqual(
    gone,
    Array.from({ length: 49 }, (_, step) => step),
  );
});

test("a call waits for the answers whose values it needs and for nothing else, within the bound", async () => {
  await fc.assert(
    fc.asyncProperty(anyTiedSteps, anyDelaysMs, fc.constantFrom(3, 100), async (steps, delaysMs, concurrency) => {
      const played = await playNeeds(none.start({ concurrency }), steps, delaysMs);
      const { table, keys, mostInFlight } = played;
      assert.ok(mostInFlight <= concurrency);
      const pairs = steps.flatMap(({ step, needs }) =>
        needs.producers.map((producer) => [producer, step.step] as const),
      );
      for (const [producer, consumer] of pairs) assert.ok(table.sentMs(consumer) >= table.answeredMs(producer));
      const { required, violated } = certifyOrder("none", table, { keys });
      assert.deepEqual({ required, violated }, { required: pairs.length, violated: 0 });
      if (concurrency < steps.length) return;
      for (const { step, needs } of steps) {
        const answered = needs.producers.map((producer) => table.answeredMs(producer));
        assert.equal(table.sentMs(step.step), Math.max(0, ...answered));
      }
    }),
    { numRuns: 300 },
  );
});

test("the certificate tells of a call that was sent before the answer it needs", async () => {
  const steps = [0, 1].map((at) => ({
    step: stepAt(at, at * 20, at * 20 + 10),
    needs: { keys: { exclusive: [], resource: 0, writes: false }, producers: at === 1 ? [0] : [], bytes: 0 },
  }));
  const careless = { take: (_step: unknown, go: () => void) => void go(), final: () => {}, letGo: () => {} };
  const { table, keys } = await playNeeds(careless, steps, [10, 10]);
  const { required, violated } = certifyOrder("none", table, { keys });
  assert.deepEqual({ required, violated }, { required: 1, violated: 1 });
});
