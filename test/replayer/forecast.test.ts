import assert from "node:assert/strict";
import { test } from "node:test";
import { forecastRun } from "../../replayer/forecast.js";
import type { ReplayOptions } from "../../replayer/options.js";
import { StepTable, type StepTies } from "../../replayer/step-table.js";
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
  const { costliest, ...forecast } = forecastRun({ steps }, choice());
  assert.deepEqual(forecast, { steps: 4, longestChain: 3, estimatedMs: 35 + 20 + 30 });
  assert.deepEqual(costliest, [
    { exchange: 2, waitedForBy: 3, because: "order", tookMs: 35 },
    { exchange: 3, waitedForBy: 4, because: "order", tookMs: 20 },
  ]);
});

test("a pace adds the pauses back, scaled", () => {
  assert.equal(forecastRun({ steps }, choice({ pace: { kind: "scaled", speed: 1 } })).estimatedMs, 530);
  assert.equal(forecastRun({ steps }, choice({ pace: { kind: "scaled", speed: 2 } })).estimatedMs, 280);
});

test("serial takes the sum, each waiting for the one before", () => {
  const { longestChain, estimatedMs } = forecastRun({ steps }, choice({ order: "serial" }));
  assert.deepEqual([longestChain, estimatedMs], [4, 95]);
});

test("no order takes as long as its slots need, and nothing waits for anything", () => {
  const { longestChain, estimatedMs } = forecastRun({ steps }, choice({ order: "none" }));
  // Slot one: 10, then 20, then 30; slot two: 35.
  assert.equal(longestChain, 1);
  assert.equal(estimatedMs, 10 + 20 + 30);
});

test("calls without an end are chains of one and take no time that is known", () => {
  const mirrored = [stepAt(0, 0), stepAt(1, 50)];
  assert.deepEqual(forecastRun({ steps: mirrored }, choice()), {
    ...{ steps: 2, longestChain: 1, estimatedMs: 0, costliest: [] },
  });
});

test("nothing to send is no chain and no time", () => {
  assert.deepEqual(forecastRun({ steps: [] }, choice()), {
    ...{ steps: 0, longestChain: 0, estimatedMs: 0, costliest: [] },
  });
});

const tied = (session: number, startMs: number, endMs: number, changes: Partial<StepTies> = {}) => ({
  step: stepAt(0, startMs, endMs),
  ties: { connection: 0, session, resource: 0, writes: false, ...changes },
});

function tableOf(calls: readonly ReturnType<typeof tied>[]): StepTable {
  const table = new StepTable();
  for (const [at, { step, ties }] of calls.entries()) table.add({ ...step, exchangeId: at + 1 }, ties);
  return table;
}

test("causal order takes the longest session, and says what in it costs most", () => {
  const steps = tableOf([tied(1, 0, 100), tied(2, 110, 120), tied(1, 130, 190), tied(2, 200, 201), tied(1, 210, 220)]);
  assert.deepEqual(forecastRun({ steps }, choice({ order: "causal" })), {
    ...{ steps: 5, longestChain: 3, estimatedMs: 100 + 60 + 10 },
    costliest: [
      { exchange: 1, waitedForBy: 3, because: "session", tookMs: 100 },
      { exchange: 3, waitedForBy: 5, because: "session", tookMs: 60 },
    ],
  });
});

test("under causal order reads of one resource wait for its writes alone, and a value for what gives it", () => {
  const resource = { resource: 9 };
  const reads = [tied(0, 0, 50, resource), tied(0, 60, 110, resource)];
  assert.equal(forecastRun({ steps: tableOf(reads) }, choice({ order: "causal" })).estimatedMs, 50);
  const written = tableOf([tied(0, 0, 50, { ...resource, writes: true }), tied(0, 60, 110, resource)]);
  assert.equal(forecastRun({ steps: written }, choice({ order: "causal" })).estimatedMs, 100);
  const producers = (step: number) => (step === 1 ? [0] : []);
  const { estimatedMs, costliest } = forecastRun({ steps: tableOf(reads) }, choice({ order: "causal" }), producers);
  assert.deepEqual([estimatedMs, costliest[0]?.because], [100, "value"]);
});
