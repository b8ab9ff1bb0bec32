import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { type ClusterObject, faultOn, mirrorOff, mirrorOn, parseRecorder } from "../../mesh/index.js";
import { comparableRequestId } from "../../tape/index.js";
import { typedFault } from "../../virtual-service/index.js";
import { newNamespace, realCluster, virtualService } from "../support/cluster.js";
import { startMeshApps } from "../support/mesh-apps.js";
import { needs } from "../support/real-parts.js";
import { until } from "../support/until.js";

const apiVersion = "gateway.networking.k8s.io/v1";

test("where an HTTPRoute routes to a service its rules copy the requests, all or whole traces, and are as before afterwards", async (t) => {
  const real = await realCluster(t);
  if (real === undefined) return;
  const { cluster, kubeconfig } = real;
  const hasTypes = await cluster.list({ apiVersion, kind: "HTTPRoute" }).then(
    () => true,
    () => false,
  );
  if (!needs(t, "the types of the Gateway API in the cluster", hasTypes, "https://gateway-api.sigs.k8s.io")) return;
  const namespace = await newNamespace(t, cluster);
  const apps = await startMeshApps(cluster, kubeconfig, namespace, ["caller", "ratings", "recorder"]);
  const route = { apiVersion, kind: "HTTPRoute", namespace, name: "ratings" };
  const backendRefs = [{ name: "ratings", port: 80 }];
  const before = await cluster.create({
    ...{ apiVersion, kind: "HTTPRoute", metadata: { name: "ratings", namespace } },
    spec: {
      parentRefs: [{ group: "", kind: "Service", name: "ratings", port: 80 }],
      rules: [{ matches: [{ headers: [{ name: "end-user", value: "jason" }] }], backendRefs }, { backendRefs }],
    },
  });
  /** Sends so many calls; gives the request ids whose copies have come, and those whose have not. */
  const sent = async (ids: readonly string[]): Promise<{ came: string[]; missing: string[] }> => {
    const requests = ids.map((id) => ({ host: "ratings", headers: { "x-request-id": id } }));
    assert.deepEqual(new Set(await apps.send("caller", requests)), new Set([200]));
    const seen = new Set((await apps.seen("recorder")).map(comparableRequestId));
    const came = ids.filter((id) => seen.has(comparableRequestId(id)));
    return { came, missing: ids.filter((id) => !came.includes(id)) };
  };
  const newIds = (count: number) => Array.from({ length: count }, () => randomUUID());
  const wish = { service: "ratings", namespace, evenIfManaged: false, to: parseRecorder("recorder:80", namespace) };

  await mirrorOn(cluster, wish);
  const some = newIds(20);
  await until("every copy to come", async () => (await sent(some)).missing.length === 0, { withinMs: 60_000 });
  await mirrorOff(cluster, namespace, "ratings");
  assert.deepEqual(said(await cluster.read(route)), said(before));

  await until("no copy to come", async () => (await sent(newIds(20))).came.length === 0, { withinMs: 60_000 });
  // Beside the route Istio obeys no VirtualService: a mirror written there would copy nothing, and a fault never fire.
  await cluster.create(virtualService(namespace, "ratings"));
  const fault = { name: "down", faults: [typedFault("abort", "503")!], percent: 100 };
  await assert.rejects(faultOn(cluster, { ...wish, ...fault }), /HTTPRoute ratings is attached to Service ratings/);

  // Those whose last digit is less than 8.
  await mirrorOn(cluster, { ...wish, requestIds: ".*[0-7]" });
  await until("half of the copies to come", async () => (await sent(newIds(20))).came.length > 0, { withinMs: 60_000 });
  const ids = newIds(60);
  const isMeant = (id: string) => /[0-7]$/.test(id);
  await until("the meant copies to come", async () => (await sent(ids)).came.length === ids.filter(isMeant).length, {
    withinMs: 60_000,
  });
  assert.deepEqual((await sent(ids)).came, ids.filter(isMeant));
  await mirrorOff(cluster, namespace, "ratings");
  assert.deepEqual(said(await cluster.read(route)), said(before));
});

/** All but what the API server counts and what the mesh says of it in its status. */
function said(object: ClusterObject | undefined): unknown {
  const { annotations = {}, labels = {} } = object?.metadata ?? {};
  return { spec: object?.spec, annotations, labels };
}
