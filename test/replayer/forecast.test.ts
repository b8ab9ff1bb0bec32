import assert from "node:assert/strict";
import { test } from "node:test";
import { forecastRun } from "../../replayer/forecast.js";
import type { ReplayOptions } from "../../replayer/options.js";
import { stepAt } from "../support/replay-values.js";

const choice = (changes: Partial<ReplayOptions> = {}): Pick<ReplayOptions, "order" | "pace" | "concurrency"> => ({
  order: "recorded",
  pace: { kind: "asap" },
  concurrency: 2,
  ...changes,
});

/** Two that overlap, one after both, one after the third, with pauses between. */
const steps = [stepAt(0, 0, 10), stepAt(1, 5, 40), stepAt(2, 100, 120), stepAt(3, 500, 530)];

test("recorded order takes the longest way through the calls that wait for each other, without the pauses", () => {
  assert.deepEqual(forecastRun({ steps }, choice()), { steps: 4, longestChain: 3, estimatedMs: 35 + 20 + 30 });
});

test("a pace adds the pauses back, scaled", () => {
  assert.equal(forecastRun({ steps }, choice({ pace: { kind: "scaled", speed: 1 } })).estimatedMs, 530);
  assert.equal(forecastRun({ steps }, choice({ pace: { kind: "scaled", speed: 2 } })).estimatedMs, 280);
});

test("serial takes the sum, each waiting for the one before", () => {
  assert.deepEqual(forecastRun({ steps }, choice({ order: "serial" })), { steps: 4, longestChain: 4, estimatedMs: 95 });
});

test("no order takes as long as its slots need, and nothing waits for anything", () => {
  const { longestChain, estimatedMs } = forecastRun({ steps }, choice({ order: "none" }));
  // Slot one: 10, then 20, then 30; slot two: 35.
  assert.equal(longestChain, 1);
  assert.equal(estimatedMs, 10 + 20 + 30);
});

test("calls without an end are chains of one and take no time that is known", () => {
  const mirrored = [stepAt(0, 0), stepAt(1, 50)];
  assert.deepEqual(forecastRun({ steps: mirrored }, choice()), { steps: 2, longestChain: 1, estimatedMs: 0 });
});

test("nothing to send is no chain and no time", () => {
  assert.deepEqual(forecastRun({ steps: [] }, choice()), { steps: 0, longestChain: 0, estimatedMs: 0 });
});
