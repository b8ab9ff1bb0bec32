import assert from "node:assert/strict";
import { test } from "node:test";
import { requirePermit } from "../../mesh/permits.js";
import { MemoryCluster } from "../support/memory-cluster.js";

test("a namespace is open for what its labels say, each for itself, and for nothing else", async () => {
  const cluster = new MemoryCluster();
  const labels = { "tapeloop.io/allow-mirror": "true", "tapeloop.io/allow-faults": "yes" };
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  await requirePermit(cluster, "shop", "mirror");
  await assert.rejects(requirePermit(cluster, "shop", "faults"), /it has "yes" for label tapeloop.io\/allow-faults/);
  await assert.rejects(
    requirePermit(cluster, "shop", "replay"),
    /kubectl label namespace shop tapeloop.io\/allow-replay=true/,
  );
  await assert.rejects(requirePermit(cluster, "none", "mirror"), /there is no namespace none/);
});
