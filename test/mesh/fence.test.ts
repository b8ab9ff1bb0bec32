import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fenceFindings } from "../../mesh/fence/fence.js";
import { policyView } from "../../mesh/fence/network-policy.js";
import { type FenceSurroundings, meshModeOf, readSurroundings } from "../../mesh/fence/surroundings.js";
import { type ClusterObject, ClusterRefusal, checkFence, isFenced } from "../../mesh/index.js";
import { namespace, pod, service, sidecarPod } from "../support/manifests.js";
import { MemoryCluster } from "../support/memory-cluster.js";

const registryOnly = { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } };
const sidecar = (
  hosts: readonly string[] | undefined,
  more: object = registryOnly,
  name = "default",
  within = "shop",
) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Sidecar",
  metadata: { name, namespace: within },
  spec: { ...(hosts && { egress: [{ hosts }] }), ...more },
});
const inside = ["./*", "istio-system/*"];
const entryFor = (host: string, more: object = {}, within = "shop") => ({
  apiVersion: "networking.istio.io/v1",
  kind: "ServiceEntry",
  metadata: { name: "entry", namespace: within },
  spec: { hosts: [host], ports: [{ number: 443, name: "tls" }], ...more },
});
const policy = (egress: readonly object[], more: object = {}) => ({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "egress", namespace: "shop" },
  spec: { podSelector: {}, policyTypes: ["Egress"], egress, ...more },
});
const dns = { ports: [{ port: 53, protocol: "UDP" }] };
const closed = [dns, { to: [{ podSelector: {} }] }];

type Parts = Partial<
  Record<"pods" | "services" | "sidecars" | "rootSidecars" | "serviceEntries" | "networkPolicies", object[]>
>;
/** The findings of a namespace `shop` of these objects, with one pod that has a sidecar unless others are given. */
function found(parts: Parts, meshMode = "ALLOW_ANY", recorded: readonly string[] = []) {
  const none = { services: [], sidecars: [], rootSidecars: [], serviceEntries: [], networkPolicies: [] };
  const harmless = new Set(["shop", "istio-system", "kube-system", "stubs"]);
  const seen = { pods: [sidecarPod("web")], ...none, ...parts, namespace: "shop", meshMode, harmless, unread: [] };
  return fenceFindings(seen as unknown as FenceSurroundings, recorded);
}
const ids = (...words: Parameters<typeof found>) => found(...words).map(({ id }) => id);
const good = { sidecars: [sidecar(inside)] };

describe("a namespace is fenced by its sidecars", () => {
  test("when they refuse unknown hosts, and know those of harmless namespaces alone", () => {
    assert.deepEqual(found(good), []);
    assert.deepEqual(found({ sidecars: [sidecar(["shop/*", "stubs/*", "~/*"])] }), []);
    assert.deepEqual(found({ sidecars: [sidecar(["*/reviews.shop.svc.cluster.local"])] }), []);
    assert.deepEqual(found({ rootSidecars: [sidecar(inside, registryOnly, "default", "istio-system")] }), []);
    assert.deepEqual(found({ sidecars: [sidecar(inside, {})] }, "REGISTRY_ONLY"), []);
  });

  test("and not when unknown hosts are let out, by the mesh or by the Sidecar", () => {
    assert.deepEqual(ids({}), ["TL0601", "TL0602"]);
    assert.deepEqual(ids({ sidecars: [sidecar(inside, {})] }), ["TL0601"]);
    const open = { outboundTrafficPolicy: { mode: "ALLOW_ANY" } };
    assert.deepEqual(ids({ sidecars: [sidecar(inside, open)] }, "REGISTRY_ONLY"), ["TL0601"]);
  });

  test("and not when other namespaces are open to them", () => {
    for (const hosts of [["*/*"], ["./*", "prod/*"], ["*/reviews.prod.svc.cluster.local"], undefined]) {
      assert.deepEqual(ids({ sidecars: [sidecar(hosts)] }), ["TL0602"], JSON.stringify(hosts));
    }
    assert.deepEqual(ids({}, "REGISTRY_ONLY"), ["TL0602"]);
  });

  test("and not when one Sidecar for some of its pods opens what the others close", () => {
    const wide = sidecar(["*/*"], { ...registryOnly, workloadSelector: { labels: { app: "batch" } } }, "batch");
    assert.deepEqual(ids({ sidecars: [sidecar(inside), wide] }), []);
    const [finding, ...more] = found({
      sidecars: [sidecar(inside), wide],
      pods: [sidecarPod("web"), sidecarPod("batch")],
    });
    assert.deepEqual([finding!.id, finding!.place.name, more.length], ["TL0602", "batch", 0]);
  });

  test("and not when a ServiceEntry or an ExternalName that they know leads outside", () => {
    assert.deepEqual(ids({ ...good, serviceEntries: [entryFor("api.example.com")] }), ["TL0603"]);
    assert.deepEqual(ids({ ...good, serviceEntries: [entryFor("db.example.com", {}, "istio-system")] }), ["TL0603"]);
    // Known to nobody here; inside the mesh; and one that is a stub of this namespace.
    assert.deepEqual(ids({ ...good, serviceEntries: [entryFor("api.example.com", {}, "prod")] }), []);
    const own = { location: "MESH_INTERNAL", workloadSelector: { labels: { app: "stub" } } };
    assert.deepEqual(ids({ ...good, serviceEntries: [entryFor("api.example.com", own)] }), []);
    const named = (externalName: string) => ({ ...service("out", {}), spec: { type: "ExternalName", externalName } });
    assert.deepEqual(ids({ ...good, services: [named("db.example.com")] }), ["TL0603"]);
    assert.deepEqual(ids({ ...good, services: [named("db.prod.svc.cluster.local")] }), ["TL0603"]);
    assert.deepEqual(ids({ ...good, services: [named("db.stubs.svc.cluster.local")] }), []);
  });

  test("and not for a pod without one, or whose calls go around it", () => {
    assert.deepEqual(ids({ ...good, pods: [sidecarPod("web"), pod("batch")] }), ["TL0604"]);
    const ended = { ...pod("job"), status: { phase: "Succeeded" } };
    assert.deepEqual(ids({ ...good, pods: [ended] }), []);
    const around = (name: string, value: string) => {
      const one = sidecarPod("web") as ClusterObject;
      return { ...one, metadata: { ...one.metadata, annotations: { [`traffic.sidecar.istio.io/${name}`]: value } } };
    };
    assert.deepEqual(ids({ ...good, pods: [around("excludeOutboundPorts", "5432")] }), ["TL0604"]);
    assert.deepEqual(ids({ ...good, pods: [around("includeOutboundIPRanges", "")] }), ["TL0604"]);
    assert.deepEqual(ids({ ...good, pods: [around("includeOutboundIPRanges", "*")] }), []);
    assert.deepEqual(ids({ ...good, pods: [around("excludeOutboundIPRanges", "")] }), []);
  });
});

describe("a namespace is fenced by NetworkPolicies", () => {
  test("as far as they say; whether the network obeys is not known, and not a pass", () => {
    const findings = found({ pods: [pod("batch")], networkPolicies: [policy(closed)] });
    assert.deepEqual(
      findings.map(({ id, severity }) => [id, severity]),
      [["TL0606", "unknown"]],
    );
    assert.equal(isFenced(findings), false);
    assert.deepEqual(ids({ ...good, pods: [sidecarPod("web")], networkPolicies: [policy(closed)] }), []);
  });

  test("and not when one of them opens more, for rules add up", () => {
    const bare = { ...good, pods: [pod("batch")] };
    for (const egress of [
      [{}],
      [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }],
      [{ to: [{ namespaceSelector: {} }] }],
      [{ to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "prod" } } }] }],
      [{ ports: [{ port: 53 }, { port: 443 }] }],
    ]) {
      const networkPolicies = [policy(closed), policy(egress)];
      assert.deepEqual(ids({ ...bare, networkPolicies }), ["TL0604", "TL0605"], JSON.stringify(egress));
    }
    const stubs = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "stubs" } } };
    const opened = { namespaceSelector: { matchLabels: { "tapeloop.io/allow-replay": "true" } } };
    assert.deepEqual(ids({ ...bare, networkPolicies: [policy([{ to: [stubs, opened] }])] }), ["TL0606"]);
  });

  test("that are about the pod, and about its calls", () => {
    const view = (spec: object) =>
      policyView({ labels: { app: "web" } }, [policy([], spec) as unknown as ClusterObject], () => false).isIsolated;
    assert.equal(view({}), true);
    assert.equal(view({ podSelector: { matchLabels: { app: "db" } } }), false);
    assert.equal(view({ podSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["web"] }] } }), true);
    assert.equal(
      view({ podSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] } }),
      false,
    );
    assert.equal(view({ podSelector: { matchExpressions: [{ key: "batch", operator: "DoesNotExist" }] } }), true);
    assert.equal(view({ policyTypes: ["Ingress"], egress: undefined }), false);
    assert.equal(view({ policyTypes: undefined }), true);
  });
});

test("recorded upstreams that lie outside are named: refused by a whole fence, let out by an open one", () => {
  const recorded = ["reviews:9080", "reviews.shop.svc:9080", "reviews.prod:9080", "api.example.com", "api.example.com"];
  const services = [service("reviews", { http: 9080 })];
  const findings = found({ ...good, services }, "ALLOW_ANY", recorded);
  assert.deepEqual(
    findings.map(({ id, severity, seen }) => [id, severity, /called (\S+),/.exec(seen)![1]]),
    [
      ["TL0607", "note", "reviews.prod:9080"],
      ["TL0607", "note", "api.example.com"],
    ],
  );
  assert.equal(isFenced(findings), true);
  const open = found({ services }, "ALLOW_ANY", ["api.example.com"]);
  assert.deepEqual(open.at(-1)!.severity, "error");
});

test("Istio's default for unknown hosts is to let them out", () => {
  assert.equal(meshModeOf("accessLogFile: /dev/stdout\n"), "ALLOW_ANY");
  assert.equal(meshModeOf(""), "ALLOW_ANY");
  assert.equal(meshModeOf("outboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n"), "REGISTRY_ONLY");
});

describe("what a fence is judged by", () => {
  async function cluster(...objects: readonly object[]) {
    const made = new MemoryCluster();
    const mesh = { mesh: "outboundTrafficPolicy: { mode: REGISTRY_ONLY }" };
    const istio = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "istio", namespace: "istio-system" },
      data: mesh,
    };
    for (const object of [istio, namespace("shop"), sidecarPod("web"), ...objects])
      await made.create(object as ClusterObject);
    return made;
  }

  test("is read from the cluster: the mesh's mode, and namespaces that are open for replays themselves", async () => {
    const open = namespace("stubs", { "tapeloop.io/allow-replay": "true" });
    const hosts = ["./*", "stubs/*", "prod/*"];
    const there = await cluster(open, namespace("prod"), sidecar(hosts, {}), entryFor("a.example.com", {}, "stubs"));
    const { harmless, meshMode, unread } = await readSurroundings(there, "shop");
    assert.deepEqual(
      [harmless.has("stubs"), harmless.has("prod"), meshMode, unread],
      [true, false, "REGISTRY_ONLY", []],
    );
    assert.deepEqual(
      (await checkFence(there, "shop")).map(({ id }) => id),
      ["TL0602", "TL0603"],
    );
  });

  test("and is not known where the cluster does not show it", async () => {
    const there = await cluster(sidecar(inside));
    assert.deepEqual(await checkFence(there, "shop"), []);
    const list = there.list.bind(there);
    there.list = async (which) => {
      if (which.kind === "Pod") throw new ClusterRefusal(403, "pods is forbidden");
      return list(which);
    };
    const findings = await checkFence(there, "shop");
    assert.deepEqual(
      findings.map(({ id, severity }) => [id, severity]),
      [["TL0001", "unknown"]],
    );
    assert.match(
      findings[0]!.seen,
      /the fence could not be checked: the Pod objects of namespace shop .*pods is forbidden/,
    );
    assert.equal(isFenced(findings), false);
  });
});
