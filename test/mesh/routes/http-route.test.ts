import assert from "node:assert/strict";
import { test } from "node:test";
import { faultOn, listFaults, mirrorOff, mirrorOn, mirrorStatus } from "../../../mesh/index.js";
import { httpRoutesFor } from "../../../mesh/routes/http-route.js";
import { typedFault } from "../../../virtual-service/index.js";
import { recorderService, service, virtualService } from "../../support/cluster.js";
import { MemoryCluster } from "../../support/memory-cluster.js";

const to = { host: "recorder.tapeloop.svc.cluster.local", port: { number: 8080 } };
const wish = { service: "reviews", namespace: "shop", to, evenIfManaged: false };

function route(name: string, spec: object) {
  return { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata: { name, namespace: "shop" }, spec };
}
const rule = (backend: string) => ({
  matches: [{ path: { type: "PathPrefix", value: "/" } }],
  backendRefs: [{ group: "", kind: "Service", name: backend, port: 80, weight: 1 }],
});
const attached = route("mesh", {
  parentRefs: [{ group: "", kind: "Service", name: "reviews", port: 80 }],
  rules: [rule("reviews-v1"), rule("reviews-v2")],
});
const entrance = route("entrance", {
  parentRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "front" }],
  rules: [rule("reviews"), rule("ratings")],
});

async function shop(): Promise<MemoryCluster> {
  const cluster = new MemoryCluster();
  const labels = { "tapeloop.io/allow-mirror": "true" };
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  await cluster.create(recorderService());
  await cluster.create(service("shop", "reviews"));
  for (const one of [
    attached,
    entrance,
    route("other", { parentRefs: [{ name: "reviews" }], rules: [rule("ratings")] }),
  ]) {
    await cluster.create(one);
  }
  return cluster;
}

async function grant(cluster: MemoryCluster, from: string): Promise<void> {
  await cluster.create({
    ...{ apiVersion: "gateway.networking.k8s.io/v1beta1", kind: "ReferenceGrant" },
    metadata: { name: `from-${from}`, namespace: "tapeloop" },
    spec: { from: [{ group: "g", kind: "HTTPRoute", namespace: from }], to: [{ group: "", kind: "Service" }] },
  });
}

test("a service's HTTPRoutes are those attached to it, and those whose rules lead to it", async () => {
  const found = await httpRoutesFor(await shop(), "shop", "reviews");
  assert.deepEqual(
    found.map(({ metadata }) => metadata.name),
    ["mesh", "entrance"],
  );
});

test("a service that HTTPRoutes route to is mirrored by these, in the rules that lead to it, and put back as it was", async () => {
  const cluster = await shop();
  await grant(cluster, "shop");
  await mirrorOn(cluster, wish);
  const rulesOf = async (name: string) => {
    const now = await cluster.read({ ...route(name, {}), namespace: "shop", name });
    return (now!.spec as { rules: { filters?: unknown[] }[] }).rules.map(({ filters = [] }) => filters.length);
  };
  assert.deepEqual([await rulesOf("mesh"), await rulesOf("entrance"), await rulesOf("other")], [[1, 1], [1, 0], [0]]);
  assert.equal(await mirrorOn(cluster, wish), undefined, "it is on already");
  const states = await mirrorStatus(cluster, "shop");
  assert.deepEqual(
    states.map(({ kind, name, hosts, to: place, routes, ours }) => [kind, name, hosts, place, routes, ours?.by]),
    [
      ["HTTPRoute", "mesh", ["reviews-v1", "reviews-v2"], `${to.host}:8080`, 2, "tester"],
      ["HTTPRoute", "entrance", ["reviews", "ratings"], `${to.host}:8080`, 1, "tester"],
    ],
  );
  assert.deepEqual(
    (await mirrorOff(cluster, "shop", "reviews")).map(({ outcome }) => outcome),
    ["as-before", "as-before"],
  );
  for (const before of [attached, entrance]) {
    const now = await cluster.read({ ...before, namespace: "shop", name: before.metadata.name });
    assert.deepEqual([now!.spec, now!.metadata.annotations], [before.spec, undefined]);
  }
});

test("without a grant of the recorder's namespace nothing is changed, for the whole rule would fail", async () => {
  const cluster = await shop();
  await grant(cluster, "elsewhere");
  await assert.rejects(
    mirrorOn(cluster, wish),
    /namespace tapeloop does not let the HTTPRoutes of shop refer to its Service recorder: .*ReferenceGrant/,
  );
  await cluster.create(recorderService("shop"));
  const beside = { ...wish, to: { ...to, host: "recorder.shop.svc.cluster.local" } };
  assert.notEqual(await mirrorOn(cluster, beside), undefined, "within one namespace none is needed");
});

test("a VirtualService goes before the HTTPRoutes of a Gateway, and behind one that is attached: Istio obeys that alone", async () => {
  const cluster = await shop();
  await grant(cluster, "shop");
  await cluster.create(virtualService("shop", "reviews"));
  const mirrored = async () => {
    await mirrorOn(cluster, wish);
    const kinds = (await mirrorStatus(cluster, "shop")).map(({ kind, name }) => `${kind} ${name}`);
    await mirrorOff(cluster, "shop", "reviews");
    return kinds;
  };
  assert.deepEqual(await mirrored(), ["HTTPRoute mesh", "HTTPRoute entrance"]);
  await cluster.remove((await cluster.read({ ...attached, namespace: "shop", name: "mesh" }))!);
  assert.deepEqual(await mirrored(), ["VirtualService reviews"]);
});

test("a fault is refused where an HTTPRoute is attached: it would never fire", async () => {
  const cluster = await shop();
  const labels = { "tapeloop.io/allow-faults": "true" };
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "mall", labels } });
  await cluster.create(service("mall", "reviews"));
  await cluster.create({ ...attached, metadata: { name: "mesh", namespace: "mall" } });
  const faults = [typedFault("abort", "503")!];
  const fault = { name: "down", faults, percent: 100, service: "reviews", namespace: "mall", evenIfManaged: false };
  await assert.rejects(faultOn(cluster, fault), /HTTPRoute mesh is attached to Service reviews: .* no fault/);
  assert.deepEqual(await listFaults(cluster), [], "nothing is left in the journal");
});
