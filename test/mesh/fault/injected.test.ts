import assert from "node:assert/strict";
import { test } from "node:test";
import { injectedFaults } from "../../../mesh/index.js";
import { PodsCluster } from "../../support/pods-cluster.js";

const counted = `
http.outbound_0.0.0.0_80;.downstream_cx_active: 1
http.outbound_0.0.0.0_80;.fault.aborts_injected: 3
http.outbound_0.0.0.0_80;.fault.shop.aborts_injected: 3
http.outbound_0.0.0.0_9080;.fault.aborts_injected: 4
http.outbound_0.0.0.0_80;.fault.delays_injected: 2
http.outbound_0.0.0.0_80;.fault.active_faults: 9
`;
const kept = "http.outbound_0.0.0.0_80;.downstream_cx_active: 1";

test("the sidecars of callers tell what they have injected, all listeners together; those that keep no count are left out", async (t) => {
  const cluster = new PodsCluster(t);
  const namespace = "shop";
  await cluster.addPod("front", { namespace, labels: { app: "front", v: "1" }, sidecar: () => counted });
  await cluster.addPod("other", { namespace, labels: { app: "other" }, sidecar: () => counted });
  await cluster.addPod("usual", { namespace, labels: { app: "usual" }, sidecar: () => kept });
  await cluster.addPod("broken", { namespace, labels: { app: "broken" }, sidecar: () => undefined });
  await cluster.addPod("bare", { namespace, labels: { app: "bare" } });
  const front = { pod: "front", labels: { app: "front", v: "1" }, counts: { delay: 2, abort: 7 } };
  const other = { pod: "other", labels: { app: "other" }, counts: { delay: 2, abort: 7 } };
  assert.deepEqual(await injectedFaults(cluster, namespace, []), [front, other]);
  assert.deepEqual(await injectedFaults(cluster, namespace, [{ app: "front" }]), [front]);
  assert.deepEqual(await injectedFaults(cluster, namespace, [{ app: "front", v: "2" }]), []);
  assert.deepEqual(await injectedFaults(cluster, namespace, [{ app: "usual" }, { app: "broken" }]), []);
  assert.deepEqual(await injectedFaults(cluster, "elsewhere", []), []);
});
