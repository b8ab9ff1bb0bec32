import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { parseFaultPlan } from "../../../replayer/faults/fault-plan.js";
import { type LaneChoice, planLanes } from "../../../replayer/lanes/plan-lanes.js";

const faults = parseFaultPlan('faults: [{ name: slow, mark: "feed0001" }]', "plan.yaml");
const target = "http://127.0.0.1:2";
const baseline = "http://127.0.0.1:1";

const names = (choice: LaneChoice) =>
  planLanes(choice).map(({ name, version, faults: plan, repeat }) =>
    [name, version, plan ?? "", repeat ? "repeat" : ""].join(" ").trimEnd(),
  );

const plans: [string, LaneChoice, string[]][] = [
  ["a target alone", { target }, ["candidate new"]],
  ["with a baseline", { target, baseline }, ["baseline old", "candidate new"]],
  ["with A/A", { target, baseline, aa: true }, ["baseline old", "baseline-again old  repeat", "candidate new"]],
  [
    "two by two",
    { target, baseline, faults },
    ["baseline old", "candidate new", "baseline+faults old plan.yaml", "candidate+faults new plan.yaml"],
  ],
  [
    "two by two with A/A",
    { target, baseline, aa: true, faults },
    [
      ...["baseline old", "baseline-again old  repeat", "candidate new", "baseline+faults old plan.yaml"],
      ...["baseline-again+faults old plan.yaml repeat", "candidate+faults new plan.yaml"],
    ],
  ],
  [
    "by hand",
    {
      lanes: [
        { name: "next", target, version: "new", faults },
        { name: "now", target: baseline, version: "old", faults },
      ],
    },
    ["now old plan.yaml", "next new plan.yaml"],
  ],
  [
    "one by hand beside the usual ones",
    { target, baseline, lanes: [{ name: "canary", target: "http://127.0.0.1:3", version: "new" }] },
    ["baseline old", "candidate new", "canary new"],
  ],
];

for (const [title, choice, found] of plans) test(title, () => assert.deepEqual(names(choice), found));

const refusals: [string, LaneChoice, RegExp][] = [
  ["no candidate", { lanes: [{ name: "a", target, version: "old" }] }, /no lane holds the new version/],
  ["nothing", {}, /no lane holds the new version/],
  ["A/A without a baseline", { target, aa: true }, /--aa .* --baseline URL/],
  ["a baseline without a target", { baseline }, /go with --target/],
  [
    "a name twice",
    { target, lanes: [{ name: "candidate", target: baseline, version: "new" }] },
    /two lanes are called/,
  ],
  ["the recording's name", { lanes: [{ name: "recorded", target, version: "new" }] }, /cannot call a lane "recorded"/],
  ["a name with a comma", { lanes: [{ name: "a,b", target, version: "new" }] }, /cannot call a lane "a,b"/],
  [
    "a candidate twice",
    { target, lanes: [{ name: "again", target, version: "new" }] },
    /"candidate" and "again" send the same/,
  ],
];

for (const [title, choice, message] of refusals) {
  test(`refused: ${title}`, () => {
    assert.throws(
      () => planLanes(choice),
      (error) => error instanceof OperatorError && message.test(error.message),
    );
  });
}
