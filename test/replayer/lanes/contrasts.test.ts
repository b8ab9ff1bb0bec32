import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { parseFaultPlan } from "../../../replayer/faults/fault-plan.js";
import { contrastsOf } from "../../../replayer/lanes/contrasts.js";
import { type LaneByHand, type LaneChoice, planLanes } from "../../../replayer/lanes/plan-lanes.js";

const faults = parseFaultPlan('faults: [{ name: slow, mark: "feed0001" }]', "plan.yaml");
const target = "http://127.0.0.1:2";
const baseline = "http://127.0.0.1:1";
const byHand = (name: string, version: "old" | "new", more: Partial<LaneByHand> = {}): LaneByHand => ({
  ...{ name, version, target: version === "old" ? baseline : target },
  ...more,
});

/** `lane/reference effect, control lane/reference`. */
const inWords = (choice: LaneChoice) =>
  contrastsOf(planLanes(choice)).map(
    ({ names, effect, control }) =>
      `${names.lane}/${names.reference} ${effect}, ${control === undefined ? "none" : `${control.names.lane}/${control.names.reference}`}`,
  );

const cases: [string, LaneChoice, string[]][] = [
  ["a target alone is held against the recording", { target }, ["candidate/recorded version, none"]],
  [
    "with a baseline, the recording against it is the control",
    { target, baseline },
    ["candidate/baseline version, baseline/recorded"],
  ],
  [
    "with A/A, the second baseline is the control",
    { target, baseline, aa: true },
    ["candidate/baseline version, baseline-again/baseline"],
  ],
  [
    "two by two: the versions with and without faults, and the faults in the old version",
    { target, baseline, faults },
    [
      "candidate/baseline version, baseline/recorded",
      "baseline+faults/baseline fault, baseline/recorded",
      "candidate+faults/baseline+faults version, baseline/recorded",
    ],
  ],
  [
    "under faults, A/A under faults is the control",
    { target, baseline, aa: true, faults },
    [
      "candidate/baseline version, baseline-again/baseline",
      "baseline+faults/baseline fault, baseline-again/baseline",
      "candidate+faults/baseline+faults version, baseline-again+faults/baseline+faults",
    ],
  ],
  [
    "without an old version, what faults do is told by the candidate itself",
    { target, faults },
    ["candidate/recorded version, none", "candidate+faults/candidate fault, none"],
  ],
  [
    "a lane under faults alone is held against the recording",
    { lanes: [byHand("next", "new", { faults })] },
    ["next/recorded fault, none"],
  ],
  [
    "two candidates have one reference",
    { target, baseline, lanes: [byHand("canary", "new", { target: "http://127.0.0.1:3" })] },
    ["candidate/baseline version, baseline/recorded", "canary/baseline version, baseline/recorded"],
  ],
];

for (const [title, choice, found] of cases) test(title, () => assert.deepEqual(inWords(choice), found));

test("a candidate without its reference, and one with two, are refused", () => {
  const refused = (lanes: LaneByHand[], message: RegExp) =>
    assert.throws(
      () => inWords({ lanes }),
      (error) => error instanceof OperatorError && message.test(error.message),
    );
  refused(
    [byHand("now", "old"), byHand("next", "new", { faults })],
    /"next" has no reference: no lane holds the old version under plan\.yaml/,
  );
  refused(
    [byHand("now", "old"), byHand("then", "old", { target: "http://127.0.0.1:9" }), byHand("next", "new")],
    /"next" has more than one reference: "now" and "then"/,
  );
});
