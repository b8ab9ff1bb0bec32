import assert from "node:assert/strict";
import { test } from "node:test";
import type { StepComparison } from "../../../replayer/divergences/collect.js";
import { contrastsOf } from "../../../replayer/lanes/contrasts.js";
import { planLanes } from "../../../replayer/lanes/plan-lanes.js";
import { withTiming } from "../../../replayer/timing/with-timing.js";
import type { Answer } from "../../../tape/index.js";
import { responseOf } from "../../support/response-of.js";

const urls = { target: "http://127.0.0.1:2", baseline: "http://127.0.0.1:1" };
const comparison: StepComparison = { step: 0, exchangeId: 1, hop: "shop", route: "GET /", candidate: [] };
const took = (ms: number, answer: Answer = responseOf("ok")) => ({
  ...{ answer, sentMs: 10, writtenMs: 10, answeredMs: 10 + ms },
});

/** Lanes in their order: the baseline, again where there is such a lane, the candidate. */
function timingOf(sent: ReturnType<typeof took>[], choice: { aa?: boolean; baseline?: string } = urls) {
  const contrasts = contrastsOf(planLanes({ target: urls.target, ...choice }));
  const timing = withTiming(comparison, { sent }, contrasts).timing;
  return timing && { candidate: timing.candidate.length, control: timing.control.length };
}

test("a candidate that is slower than its baseline is so by the times of their lanes", () => {
  assert.deepEqual(timingOf([took(5), took(300)]), { candidate: 1, control: 0 });
});

test("a baseline that is slower when asked again is control", () => {
  assert.deepEqual(timingOf([took(5), took(200), took(300)], { ...urls, aa: true }), { candidate: 1, control: 1 });
});

test("the recording's times, and those of calls that failed, are not compared", () => {
  assert.equal(timingOf([took(900)], {}), undefined);
  assert.equal(timingOf([took(5), took(900, { kind: "failure", reason: "reset", afterMs: 900 })]), undefined);
});
