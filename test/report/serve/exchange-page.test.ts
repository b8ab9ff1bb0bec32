import assert from "node:assert/strict";
import { test } from "node:test";
import { indexExchanges } from "../../../report/serve/exchange-index.js";
import { exchangePage } from "../../../report/serve/exchange-page.js";
import { type Difference, type RunReader, recordedLane } from "../../../tape/index.js";
import { memoryRun, outcome, response, stepRecord } from "../../support/bookinfo-run.js";
import { divergence, lane, runSummary } from "../../support/run-summary.js";

const stars: Difference = { kind: "missing-field", place: "body:/stars", severity: "high", expected: "5" };
const lanes = ["baseline", "candidate", "baseline+faults", "candidate+faults"].map((name) =>
  lane({ name, role: name.startsWith("baseline") ? "baseline" : "candidate" }),
);
const steps = [stepRecord({ step: 0 }), stepRecord({ step: 1, exchangeId: 18 }), stepRecord({ step: 2 })];

function pageOf(run: Partial<RunReader>, met?: readonly [lane: string, reference: string][]): string {
  const answers = [outcome(1, "baseline", response({ stars: 5 })), outcome(1, "candidate", response({}))];
  const whole: RunReader = {
    ...memoryRun(steps, answers),
    differences: () => steps.map(({ step }) => ({ step, hop: "reviews", difference: stars })),
    differencesOf: () => [{ ...stars, hop: "reviews" }],
    ...run,
  };
  const own = met?.map(([name, reference]) => ({ lane: name, reference, count: 1, of: 1 }));
  const divergences = [divergence({ number: 4, ...(own === undefined ? {} : { lanes: own }) })];
  const summary = runSummary({ lanes, reference: "baseline", divergences });
  return exchangePage({ summary, run: whole, index: indexExchanges(summary, whole) }, steps[1]!).markup;
}

test("an exchange stands with its Differences, both answers with the place marked, and its neighbours", () => {
  const page = pageOf({});
  assert.match(page, /<h1 class="title">Exchange 18 /);
  assert.match(page, /href="\/#d4"/);
  assert.match(page, /href="\/exchanges\/0">before<.*href="\/exchanges\/2">after</s);
  assert.match(page, /<span class="changed at">[^\n]*<mark>&quot;stars&quot;: 5<\/mark>/);
  assert.match(page, /held against baseline/);
});

test("every pair of lanes it was met in is shown, also where the answer was kept as another lane's", () => {
  const same = { kind: "same", as: recordedLane, status: 200 } as const;
  const outcomes = new Map([
    ["candidate", outcome(1, "candidate", response({}))],
    ["baseline", { ...outcome(1, "baseline", response({})), answer: same }],
    [recordedLane, outcome(1, recordedLane, response({ stars: 5 }))],
  ]);
  const page = pageOf({ outcome: (_, name) => outcomes.get(name) }, [
    ["candidate", "baseline"],
    ["candidate+faults", "baseline+faults"],
  ]);
  assert.equal(page.match(/<h2>/g)?.length, 2);
  assert.match(page, /<mark>&quot;stars&quot;: 5<\/mark>/);
  assert.match(page, /The run file holds no answer of this lane/);
  const gone = pageOf({ outcome: (_, name) => (name === recordedLane ? undefined : outcomes.get(name)) });
  assert.match(gone, /the answer itself is on the tape/);
});
