import assert from "node:assert/strict";
import { test } from "node:test";
import { renderHtml, renderText, runSummarySchema, withChaos } from "../../report/index.js";
import type { FoundDifference, RunReader } from "../../tape/index.js";
import { memoryRun, outcome, response, stepRecord } from "../support/bookinfo-run.js";
import { divergence, lane, runSummary } from "../support/run-summary.js";

const startedAt = "2026-03-01T12:00:00.000Z";
const at = (seconds: number) => new Date(Date.parse(startedAt) + seconds * 1000).toISOString();
const restart = { what: "restart of reviews", beganAt: at(63), endedAt: at(80) };

/** Ten Steps, one every ten seconds, each answered within one; those of `divergent` lack the stars. */
function runOf(divergent: readonly number[]): RunReader {
  const steps = Array.from({ length: 10 }, (_, step) => stepRecord({ step, exchangeId: step + 1 }));
  const outcomes = steps.map(({ step }) => ({
    ...outcome(step, "candidate", response({})),
    sentMs: step * 10_000,
    answeredMs: step * 10_000 + 1_000,
  }));
  const differences: FoundDifference[] = divergent.map((step) => ({
    ...{ step, hop: "reviews" },
    difference: { kind: "missing-field", place: "body:/stars", severity: "high", expected: "5" },
  }));
  return { ...memoryRun(steps, outcomes), differences: () => differences };
}
const summaryOf = (divergences = [divergence()]) =>
  runSummary({ startedAt, lanes: [lane({ name: "candidate", role: "candidate" })], divergences });

test("a divergence met while a task lasted says which, and when", () => {
  const summary = withChaos(summaryOf(), runOf([7, 8]), [restart, { ...restart, beganAt: at(200), endedAt: at(210) }]);
  assert.match(summary.divergences[0]!.evidence, /; all 2 during restart of reviews, 12:01:03-12:01:20$/);
  assert.deepEqual(summary.chaos, {
    tasks: [
      { ...restart, steps: 2, divergent: 2 },
      { what: restart.what, beganAt: at(200), endedAt: at(210), steps: 0, divergent: 0 },
    ],
    onlyDuring: [1],
  });
  const text = renderText(summary, { color: false, width: 200 });
  assert.match(text, /^Chaos +2 tasks, 2 Steps meanwhile: 1 divergence met then alone \(#1\)$/m);
  assert.match(text, /all 2 during restart of reviews, 12:01:03-12:01:20/);
  const full = renderText(summary, { color: false, width: 200, full: true });
  assert.match(full, /^ +restart of reviews, 12:01:03-12:01:20: 2 Steps, 2 divergent$/m);
  assert.match(renderHtml(summary, runOf([7, 8])), /<section id="chaos">.*2 tasks, 2 Steps meanwhile/s);
  assert.deepEqual(runSummarySchema.parse(structuredClone(summary)), summary);
});

test("one that is met at other times, too, is not new", () => {
  const summary = withChaos(summaryOf(), runOf([1, 7]), [restart]);
  assert.match(summary.divergences[0]!.evidence, /; 1 of 2 during restart of reviews, 12:01:03-12:01:20$/);
  assert.deepEqual(summary.chaos!.onlyDuring, []);
  assert.match(renderText(summary, { color: false, width: 200 }), /1 task, 2 Steps meanwhile: zero new divergences/);
});

test("noise and what was known before is not new, and what was met when no task lasted keeps its evidence", () => {
  const noise = summaryOf([divergence({ attribution: "noise" })]);
  assert.deepEqual(withChaos(noise, runOf([7]), [restart]).chaos!.onlyDuring, []);
  const known = summaryOf([divergence({ known: true })]);
  assert.deepEqual(withChaos(known, runOf([7]), [restart]).chaos!.onlyDuring, []);
  const elsewhere = withChaos(summaryOf(), runOf([1]), [restart]);
  assert.equal(elsewhere.divergences[0]!.evidence, divergence().evidence);
});

test("where nothing was sent meanwhile, nothing is said of the chaos; a task without an end lasts to the run's", () => {
  const late = withChaos(summaryOf(), runOf([1]), [{ ...restart, beganAt: at(500), endedAt: at(510) }]);
  assert.match(renderText(late, { color: false, width: 200 }), /0 Steps meanwhile: nothing can be said/);
  const { endedAt: _endedAt, ...killed } = restart;
  const endless = withChaos(summaryOf(), runOf([9]), [killed]);
  assert.deepEqual([endless.chaos!.tasks[0]!.steps, endless.chaos!.onlyDuring], [3, [1]]);
});
