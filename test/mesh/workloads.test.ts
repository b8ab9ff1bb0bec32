import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterObject } from "../../mesh/index.js";
import { hasSidecar, livePods, selects } from "../../mesh/workloads/pod.js";
import { pod, sidecarPod } from "../support/manifests.js";

test("a sidecar is a container, or an init container that stays", () => {
  const older = pod("old") as { spec: { containers: object[] } };
  older.spec.containers.push({ name: "istio-proxy" });
  const all = livePods([pod("bare"), sidecarPod("new"), older] as ClusterObject[]);
  assert.deepEqual(all.map(hasSidecar), [false, true, true]);
});

test("pods that have ended are none any more", () => {
  const ended = ["Succeeded", "Failed"].map((phase) => ({ ...pod(phase), status: { phase } }));
  assert.deepEqual(livePods([...ended, { kind: "Service" }] as ClusterObject[]), []);
  assert.equal(livePods([{ ...(pod("new") as ClusterObject), status: {} }]).length, 1);
});

test("a selector asks for all it says; an empty one for nothing, and none selects nothing", () => {
  assert.equal(selects({}, {}), true);
  assert.equal(selects(undefined, { app: "web" }), false);
  assert.equal(selects({ matchLabels: { app: "web" } }, { app: "web", version: "v1" }), true);
  assert.equal(selects({ matchLabels: { app: "web", version: "v2" } }, { app: "web" }), false);
  const asks = (operator: string, ...values: string[]) =>
    selects({ matchExpressions: [{ key: "app", operator, values }] }, { app: "web" });
  assert.deepEqual(
    [asks("In", "web"), asks("In", "db"), asks("NotIn", "db"), asks("NotIn", "web")],
    [true, false, true, false],
  );
  assert.deepEqual([asks("Exists"), asks("DoesNotExist")], [true, false]);
});
