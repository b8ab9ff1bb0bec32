import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { faultOff, faultOn, mirrorOff, mirrorOn, parseRecorder } from "../../mesh/index.js";
import { comparableRequestId } from "../../tape/index.js";
import { typedFault } from "../../virtual-service/index.js";
import { newNamespace, realCluster } from "../support/cluster.js";
import { startMeshApps } from "../support/mesh-apps.js";
import { until } from "../support/until.js";

test("in a real mesh a fault and a mirror of one service leave the calls to other hosts of its VirtualService alone", async (t) => {
  const real = await realCluster(t);
  if (real === undefined) return;
  const { cluster, kubeconfig } = real;
  const namespace = await newNamespace(t, cluster);
  const apps = await startMeshApps(cluster, kubeconfig, namespace, ["caller", "reviews", "ratings", "recorder"]);
  const full = (service: string) => `${service}.${namespace}.svc.cluster.local`;
  const outside = "shop.example.com";
  const http = [{ route: [{ destination: { host: "ratings" } }] }];
  const made = await cluster.create({
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "all", namespace },
    spec: { hosts: ["reviews", full("ratings"), outside], http },
  });
  const names = ["reviews", "Reviews", `reviews.${namespace}`, `reviews.${namespace}.svc`, full("reviews")];
  const own = names.flatMap((name) => [name, `${name}:80`]);
  const others = ["ratings", full("ratings"), `${full("ratings")}:80`, outside];
  /** Each called by its authority; all lead to one address, for the proxy goes by the authority. */
  const to = (authority: string, id: string) => ({ host: "reviews", headers: { host: authority, "x-request-id": id } });
  const statuses = (authorities: readonly string[]) =>
    apps.send(
      "caller",
      authorities.map((authority) => to(authority, `deadbeef${randomUUID().slice(8)}`)),
    );

  const wish = { service: "reviews", namespace, evenIfManaged: false };
  const fault = { name: "teapot", faults: [typedFault("abort", "418")!], mark: "deadbeef", percent: 100 };
  const { warnings } = await faultOn(cluster, { ...wish, ...fault });
  assert.deepEqual(warnings, [
    `VirtualService all is for ${full("ratings")}, ${outside}, too: calls to these are left as they are`,
  ]);
  const areAll = (wanted: number) => async () => (await statuses(own)).every((status) => status === wanted);
  await until("every name of reviews to meet the fault", areAll(418), { withinMs: 60_000, seen: () => statuses(own) });
  assert.deepEqual(await statuses(others), [200, 200, 200, 200]);

  await mirrorOn(cluster, { ...wish, to: parseRecorder("recorder:80", namespace) });
  const copied = async (authority: string) => {
    const ids = Array.from({ length: 5 }, () => `0${randomUUID().slice(1)}`);
    const asked = ids.map((id) => to(authority, id));
    assert.deepEqual(new Set(await apps.send("caller", asked)), new Set([200]));
    return async () => {
      const seen = new Set((await apps.seen("recorder")).map(comparableRequestId));
      return ids.filter((id) => seen.has(comparableRequestId(id))).length;
    };
  };
  for (const name of own) {
    await until(`copies of calls to ${name}`, async () => (await (await copied(name))()) > 0, { withinMs: 60_000 });
  }
  const counts = await Promise.all(others.map(copied));
  // These come behind them, so that nothing of the others can still be on its way.
  const last = await copied("reviews");
  await until("all copies of the last calls", async () => (await last()) === 5, { withinMs: 10_000 });
  assert.deepEqual(await Promise.all(counts.map((count) => count())), [0, 0, 0, 0]);

  await mirrorOff(cluster, namespace, "reviews");
  await faultOff(cluster, namespace, "reviews");
  const ref = { apiVersion: made.apiVersion, kind: made.kind, namespace, name: "all" };
  assert.deepEqual((await cluster.read(ref))!.spec, made.spec);
});
