import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { certifyOrder } from "../../../replayer/certificate.js";
import { recorded } from "../../../replayer/order/recorded.js";
import { anyDelaysMs, anyTiedSteps, twoClocks } from "../../support/arbitrary-steps.js";
import { playNeeds } from "../../support/play-needs.js";

test("recorded order of two recorders keeps every edge beyond the bound of their clocks, and asks for no other", async () => {
  await fc.assert(
    fc.asyncProperty(anyTiedSteps, anyDelaysMs, async (steps, delaysMs) => {
      const order = recorded.start({ concurrency: 1, clocks: twoClocks });
      const { table } = await playNeeds(order, steps, delaysMs);
      const edges = steps.flatMap(({ step: a }) =>
        steps.filter(
          ({ step: b }) => a.endedNs !== undefined && a.endedNs + twoClocks.lagNs(a.clock!, b.clock!) < b.startedNs,
        ),
      );
      const { required, violated } = certifyOrder("recorded", table, { clocks: twoClocks });
      assert.deepEqual([required, violated], [edges.length, 0]);
    }),
    { numRuns: 300 },
  );
});
