import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "yaml";
import { parseExperiment, prepareExperiment } from "../../experiment/index.js";

function prepared(spec: object) {
  const text = stringify({
    ...{ apiVersion: "tapeloop.io/v1alpha1", kind: "Experiment", metadata: { name: "trial" } },
    spec: { target: "http://127.0.0.1:9081", ...spec },
  });
  return prepareExperiment(parseExperiment(text, "trial.yaml"), "trial.yaml", "/");
}
const fault = { name: "down", service: "ratings", abort: 503 };
const baseline = "http://127.0.0.1:9080";

test("with a control run every lane is there with faults and without; without one, under faults alone", () => {
  const { lanes } = prepared({ baseline, faults: [fault] });
  assert.deepEqual(lanes.all, ["baseline", "candidate", "baseline+faults", "candidate+faults"]);
  assert.deepEqual([lanes.faulted, lanes.candidates], [["baseline+faults", "candidate+faults"], ["candidate+faults"]]);
  const alone = prepared({ baseline, faults: [fault], control: false }).lanes;
  assert.deepEqual(
    [alone.all, alone.faulted, alone.candidates],
    [["baseline", "candidate"], ["baseline", "candidate"], ["candidate"]],
  );
  const plain = prepared({ baseline, aa: true }).lanes;
  assert.deepEqual(
    [plain.all, plain.faulted, plain.candidates],
    [["baseline", "baseline-again", "candidate"], [], ["candidate"]],
  );
});

test("lanes by hand say for themselves whether they meet the faults", () => {
  const lanes = [
    { name: "next", target: "http://127.0.0.1:9082" },
    { name: "next-down", target: "http://127.0.0.1:9082", faults: true },
  ];
  const { all, faulted } = prepared({ target: undefined, lanes, faults: [fault] }).lanes;
  assert.deepEqual([all, faulted], [["next", "next-down"], ["next-down"]]);
});

test("only what the mesh draws for anybody makes lanes go in turn", () => {
  const mesh = { namespace: "shop" };
  assert.equal(prepared({ mesh, faults: [fault] }).inTurn, false);
  assert.equal(prepared({ mesh, faults: [{ ...fault, ofAllCalls: "5%" }] }).inTurn, true);
  assert.equal(prepared({ mesh, baseline, control: false, faults: [{ ...fault, ofAllCalls: "5%" }] }).inTurn, false);
});
