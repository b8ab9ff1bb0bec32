import assert from "node:assert/strict";
import { test } from "node:test";
import { candidateOf, exampleSteps, lanePairsOf, lanesToAsk, referenceLane } from "../../report/sources.js";
import { memoryRun, stepRecord } from "../support/bookinfo-run.js";
import { divergence, lane, runSummary } from "../support/run-summary.js";

test("only the Steps of shown examples are taken from the run", () => {
  const example = (step: number) => ({ exchangeId: step, step, expected: "", actual: "" });
  const run = memoryRun(
    [0, 1, 2, 3, 4].map((step) => stepRecord({ step })),
    [],
  );
  const found = exampleSteps([divergence({ examples: [0, 3, 4, 1].map(example) })], run);
  assert.deepEqual([...found.keys()], [0, 3, 4]);
});

test("the candidate is compared with the baseline lane or with the recording", () => {
  const lanes = [lane({ name: "old", role: "baseline" }), lane({ name: "new" })];
  assert.equal(candidateOf(runSummary({ lanes }))?.name, "new");
  assert.equal(referenceLane(runSummary({ lanes, reference: "baseline" })), "old");
  assert.equal(referenceLane(runSummary({ lanes, reference: "recorded" })), "recorded");
});

test("a divergence shows in the lanes it was met in, and those and their references are asked first", () => {
  const named = ["baseline", "candidate", "baseline+faults", "candidate+faults"].map((name) =>
    lane({ name, role: name.startsWith("baseline") ? "baseline" : "candidate" }),
  );
  const summary = runSummary({ lanes: named, reference: "baseline" });
  const met = { lane: "candidate+faults", reference: "baseline+faults", count: 1, of: 2 };
  assert.deepEqual(lanePairsOf({ lanes: [met] }, summary), [met]);
  assert.deepEqual(lanePairsOf({}, summary), [{ lane: "candidate", reference: "baseline" }]);
  assert.deepEqual(
    lanesToAsk({ lanes: [met] }, summary, 3).map(({ name }) => name),
    ["candidate+faults", "baseline+faults", "baseline"],
  );
});
