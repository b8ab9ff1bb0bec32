import assert from "node:assert/strict";
import { test } from "node:test";
import { managerOf } from "../../mesh/managed-by.js";
import { virtualService } from "../support/cluster.js";

test("who manages an object is known by what the tools write on theirs", () => {
  for (const [marks, manager] of [
    [{}, undefined],
    [{ labels: { app: "reviews" }, annotations: { note: "Helm" } }, undefined],
    [{ labels: { "app.kubernetes.io/managed-by": "Helm" } }, "Helm"],
    [{ labels: { "app.kubernetes.io/managed-by": "tapeloop" } }, undefined],
    [{ labels: { "helm.toolkit.fluxcd.io/name": "a", "app.kubernetes.io/managed-by": "Helm" } }, "Flux"],
    [{ annotations: { "argocd.argoproj.io/tracking-id": "a" } }, "Argo CD"],
  ] as const) {
    assert.equal(managerOf(virtualService("shop", "reviews", marks)), manager);
  }
});
