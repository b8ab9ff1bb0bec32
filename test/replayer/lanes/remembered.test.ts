import assert from "node:assert/strict";
import { test } from "node:test";
import { rememberDiffering } from "../../../replayer/lanes/remembered.js";
import type { StepRecord } from "../../../tape/index.js";
import { exchangeHead, wholeExchange } from "../../support/exchange-head.js";
import { stepAt } from "../../support/replay-values.js";

const record = (step: number, route: string): StepRecord => ({
  ...{ step, exchangeId: step, callee: "reviews", route, method: "GET", path: "/1", protocol: "http/1.1" },
  recordedAtMs: 0,
});

test("of each route the first twenty are remembered, and none that is large", () => {
  const remembered = rememberDiffering();
  for (let step = 0; step < 50; step++) {
    const exchange = wholeExchange(exchangeHead(), { answerBody: Buffer.alloc(step === 3 ? 200_000 : 10) });
    remembered.add({ step: stepAt(step, step), exchange }, record(step, step < 40 ? "GET /a" : "GET /b"), []);
  }
  const kept = Array.from({ length: 50 }, (_, step) => step).filter((step) => remembered.of(step) !== undefined);
  assert.deepEqual(
    kept,
    [0, 1, 2, ...Array.from({ length: 17 }, (_, at) => at + 4)].concat(Array.from({ length: 10 }, (_, at) => at + 40)),
  );
});
