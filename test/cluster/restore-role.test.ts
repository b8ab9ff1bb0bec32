import assert from "node:assert/strict";
import { test } from "node:test";
import { runCommandLine } from "../../cli/run.js";
import { type Cluster, type ClusterObject, restore } from "../../mesh/index.js";
import { makeChanges, type PlannedChange } from "../../mesh/journal/change.js";
import { fakeIo } from "../support/io.js";
import { startMeddlingApi } from "../support/meddling-api.js";
import { needs } from "../support/real-parts.js";
import { rightsUsed } from "../support/rights-used.js";
import { groundForRoles, lessThan, rightsIn, rulesOf, stateOf } from "../support/role-trials.js";

const pods = { metadata: { labels: { app: "none" } }, spec: { containers: [{ name: "app", image: "none" }] } };
const route = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" };

/** What is there before: changed by commands, and put back as it was. */
function objectsChanged(namespace: string): ClusterObject[] {
  const metadata = { name: "changed", namespace };
  const backendRefs = [{ name: "ratings", port: 80 }];
  return [
    {
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata },
      spec: { replicas: 0, selector: { matchLabels: { app: "none" } }, template: pods },
    },
    {
      ...{ ...route, metadata },
      spec: { parentRefs: [{ group: "", kind: "Service", name: "ratings", port: 80 }], rules: [{ backendRefs }] },
    },
  ];
}

/** One of each kind that a command of ours makes. */
function objectsMade(namespace: string): ClusterObject[] {
  const of = (apiVersion: string, kind: string, spec: object): ClusterObject => {
    return { apiVersion, kind, metadata: { name: "tapeloop-made", namespace }, spec };
  };
  const virtualService = { hosts: ["plain"], http: [{ route: [{ destination: { host: "plain" } }] }] };
  return [
    of("networking.istio.io/v1", "VirtualService", virtualService),
    of("networking.istio.io/v1alpha3", "EnvoyFilter", { workloadSelector: { labels: { app: "none" } } }),
    of("networking.istio.io/v1", "DestinationRule", { host: "plain" }),
    of("security.istio.io/v1", "AuthorizationPolicy", { selector: { matchLabels: { app: "none" } }, rules: [{}] }),
    of("v1", "Service", { clusterIP: "None", ports: [{ name: "http", port: 80 }] }),
    of("batch/v1", "Job", { suspend: true, template: { ...pods, spec: { ...pods.spec, restartPolicy: "Never" } } }),
  ];
}

/** Changes and makes them, or those of one resource, as a command would that is still alive. */
async function leave(cluster: Cluster, namespace: string, resource?: string): Promise<void> {
  const isMeant = ({ kind }: ClusterObject) => resource === undefined || resourceOf(kind) === resource;
  const intent = { kind: "trial", subject: "all", what: "change all kinds", namespace, leaseMs: 600_000 };
  await makeChanges(cluster, intent, async () => {
    const changed = objectsChanged(namespace)
      .filter(isMeant)
      .map(async ({ apiVersion, kind, metadata }): Promise<PlannedChange> => {
        const now = (await cluster.read({ apiVersion, kind, namespace, name: metadata.name }))!;
        return { now, after: { ...now, spec: changedSpec(now) } };
      });
    return [
      ...(await Promise.all(changed)),
      ...objectsMade(namespace)
        .filter(isMeant)
        .map((after) => ({ after })),
    ];
  });
}

/** As Roles name it. */
function resourceOf(kind: string): string {
  return `${kind.toLowerCase().replace(/y$/, "ie")}s`;
}

function changedSpec({ kind, spec }: ClusterObject): object {
  if (kind === "Deployment") return { ...(spec as object), minReadySeconds: 1 };
  return { ...(spec as object), hostnames: ["shop.example"] };
}

/** As a lease that is renewed between its being read and its being deleted. */
async function touchJournal(cluster: Cluster, namespace: string): Promise<void> {
  const which = { apiVersion: "v1", kind: "ConfigMap", namespace, labels: "tapeloop.io/journal=true" };
  for (const entry of await cluster.list(which)) {
    await cluster.replace({ ...entry, metadata: { ...entry.metadata, annotations: { renewed: "true" } } });
  }
}

test("with its Role `restore --even-if-alive` puts back every kind of object; with a right less it says which, and another can do the rest", async (t) => {
  const ground = await groundForRoles(t);
  if (ground === undefined) return;
  const { cluster, namespace, user } = ground;
  const hasRoutes = await cluster.list(route).then(
    () => true,
    () => false,
  );
  if (!needs(t, "the types of the Gateway API in the cluster", hasRoutes, "https://gateway-api.sigs.k8s.io")) return;
  for (const object of objectsChanged(namespace)) await cluster.create(object);
  const original = await stateOf(cluster, namespace);
  const run = async () => {
    let touched = false;
    const api = await startMeddlingApi(t, user.kubeconfig, {
      before: async (call) => {
        if (touched || !/^DELETE .*\/configmaps\//.test(call)) return;
        touched = true;
        await touchJournal(cluster, namespace);
      },
    });
    const io = fakeIo({ env: { KUBECONFIG: api.kubeconfig } });
    const code = await runCommandLine(["restore", "--even-if-alive", "-n", namespace], io);
    return { code, said: io.err() + io.out(), calls: api.calls };
  };

  const rules = await rulesOf("restore", namespace, { optional: true });
  const rights = rightsIn(rules);
  await leave(cluster, namespace);
  await user.mayOnly(rules, { ...rights[0]!, allowed: true });
  const works = await run();
  assert.equal(works.code, 0, works.said);
  assert.deepEqual(await stateOf(cluster, namespace), original);
  const used = rightsUsed(works.calls);
  const idle = rights.filter(({ right }) => !used.has(right)).map(({ right }) => right);
  // What was made, and others have edited since, is left to them; the namespace is asked about where the journal is empty.
  const onlyAfterEdits = ["virtualservices", "envoyfilters", "destinationrules"].map((kind) => `update ${kind}`);
  assert.deepEqual(idle.sort(), ["get namespaces", ...onlyAfterEdits].sort());

  for (const { rule, verb, right } of rights.filter((one) => used.has(one.right))) {
    const [resource] = rule.resources;
    // The journal is there whatever is left.
    await leave(cluster, namespace, resource === "configmaps" ? "services" : resource);
    await user.mayOnly(lessThan(rules, rule, verb), { rule, verb, allowed: false });
    const { code, said } = await run();
    assert.equal(code, 2, `without ${right}: ${said}`);
    assert.ok(said.includes(verb) && said.includes(rule.resources[0]!), `without ${right}: ${said}`);
    assert.equal(said.trim().split("\n").length, 1);
    await restore(cluster, { namespace, evenIfAlive: true });
    assert.deepEqual(await stateOf(cluster, namespace), original, `without ${right}, and by another afterwards`);
  }
  assert.deepEqual(await restore(cluster, { namespace }), []);
});
