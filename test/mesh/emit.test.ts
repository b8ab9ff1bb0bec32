import assert from "node:assert/strict";
import { test } from "node:test";
import { emitted } from "../../mesh/emit.js";
import { virtualService } from "../support/cluster.js";

const now = virtualService("shop", "reviews", {
  uid: "1",
  resourceVersion: "7",
  labels: { team: "a" },
  managedFields: [{}],
});
const after = { ...now, spec: { ...(now.spec as object), http: [{ name: "ours" }] } };
const made = virtualService("shop", "ratings");

test("as yaml each object is whole, without what a cluster writes itself", () => {
  assert.deepEqual(emitted([{ now, after }], "yaml"), [
    {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name: "reviews", namespace: "shop", labels: { team: "a" } },
      spec: after.spec,
    },
  ]);
});

test("as kustomize what is there is patched where it changes, and what is not is a resource", () => {
  const [kustomization, resource] = emitted([{ now, after }, { after: made }], "kustomize") as Record<
    string,
    unknown
  >[];
  assert.deepEqual(kustomization!.resources, ["ratings.yaml"]);
  const [{ target, patch }] = kustomization!.patches as [{ target: object; patch: string }];
  assert.deepEqual(target, { kind: "VirtualService", name: "reviews" });
  assert.deepEqual(JSON.parse(patch), [{ op: "replace", path: "/spec/http", value: [{ name: "ours" }] }]);
  assert.deepEqual(resource!.metadata, { name: "ratings", namespace: "shop" });
});
