import assert from "node:assert/strict";
import { test } from "node:test";
import { runSummarySchema } from "../../report/index.js";
import { bookinfoRun } from "../support/bookinfo-run.js";
import { divergence, runSummary } from "../support/run-summary.js";

test("the schema knows every field of a summary", () => {
  // Parsing drops what the schema does not name, so equal means that nothing is missing from it.
  for (const summary of [bookinfoRun().summary, runSummary()]) {
    assert.deepEqual(runSummarySchema.parse(structuredClone(summary)), summary);
  }
});

test("the schema refuses what is no summary", () => {
  const refused = [
    runSummary({ live: 1.2 }),
    { ...runSummary(), verdict: "fine" },
    { ...runSummary(), format: 2 },
    runSummary({ sent: 1.5 }),
    { ...runSummary(), notSent: { "no-reason": 1 } },
    { ...runSummary(), divergences: [{ ...divergence(), kind: "other" }] },
  ];
  for (const summary of refused) assert.equal(runSummarySchema.safeParse(summary).success, false);
});
