import assert from "node:assert/strict";
import { test } from "node:test";
import { restore } from "../../mesh/index.js";
import { containerPort } from "../../mesh/replay/container-port.js";
import { destinationsIn } from "../../mesh/replay/destinations.js";
import { workerObjects } from "../../mesh/replay/job.js";
import { forwardDestinations } from "../../mesh/replay/local.js";
import { howPodIs } from "../../mesh/replay/pod-trouble.js";
import { recordersIn } from "../../mesh/replay/recorders.js";
import { servicesOf } from "../../mesh/replay/services.js";
import { startWorker } from "../../mesh/replay/worker.js";
import { MemoryCluster } from "../support/memory-cluster.js";

const choice = { namespace: "shop", run: "abc123", image: "tapeloop:test" };
const labels = { "tapeloop.io/allow-replay": "true" };

async function shop(): Promise<MemoryCluster> {
  const cluster = new MemoryCluster();
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  return cluster;
}

const pod = (name: string, status: object, more: { labels?: Record<string, string>; spec?: object } = {}) => ({
  ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop", labels: more.labels ?? {} } },
  ...{ spec: more.spec ?? {}, status },
});

test("the worker's objects: a headless Service that selects the Job's pod, which has a sidecar and no rights", () => {
  const [service, job] = workerObjects(choice) as unknown as [
    { spec: { clusterIP: string; selector: Record<string, string> } },
    { spec: { backoffLimit: number; template: { metadata: { labels: Record<string, string> }; spec: PodSpec } } },
  ];
  const { template, backoffLimit } = job.spec;
  assert.deepEqual([service.spec.clusterIP, backoffLimit, template.spec.restartPolicy], ["None", 0, "Never"]);
  for (const [label, value] of Object.entries(service.spec.selector))
    assert.equal(template.metadata.labels[label], value);
  assert.equal(template.metadata.labels["sidecar.istio.io/inject"], "true");
  assert.equal(template.spec.automountServiceAccountToken, false);
  const { securityContext } = template.spec.containers[0]!;
  assert.deepEqual(securityContext, {
    ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsUser: 65_532, runAsGroup: 65_532 },
    capabilities: { drop: ["ALL"] },
  });
});
interface PodSpec {
  restartPolicy: string;
  automountServiceAccountToken: boolean;
  containers: { securityContext: object }[];
}

test("a pod that will not run is told from one that does not yet, with why", () => {
  const container = (state: object) => ({ phase: "Pending", containerStatuses: [{ name: "replay", state }] });
  const of = (status: object) => {
    const { runs, isHopeless, words } = howPodIs(pod("p", status));
    return [runs, isHopeless, words];
  };
  assert.deepEqual(of(container({ running: {} })), [true, false, "its pod p runs"]);
  assert.deepEqual(of(container({ waiting: { reason: "PodInitializing" } })), [
    false,
    false,
    "its pod p is Pending (PodInitializing)",
  ]);
  assert.deepEqual(of(container({ waiting: { reason: "ErrImagePull", message: "no such host" } })), [
    ...[false, true],
    "its pod p is Pending (ErrImagePull: no such host)",
  ]);
  assert.deepEqual(of(container({ terminated: { reason: "OOMKilled", exitCode: 137 } })), [
    ...[false, true],
    "its pod p ended: OOMKilled, exit code 137",
  ]);
  assert.deepEqual(of({ phase: "Failed", reason: "Evicted", message: "low on disk" }), [
    false,
    true,
    "its pod p ended: Evicted: low on disk",
  ]);
  const unschedulable = { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes" };
  assert.deepEqual(of({ phase: "Pending", conditions: [unschedulable] }), [
    false,
    false,
    "its pod p is Pending (Unschedulable: 0/1 nodes)",
  ]);
  assert.equal(howPodIs(undefined).words, "its pod is not there");
});

test("a worker whose image is not to be had is refused with the image's name, and leaves nothing behind", async () => {
  const cluster = await shop();
  const waiting = { waiting: { reason: "ImagePullBackOff", message: "not found" } };
  const stuck = { phase: "Pending", containerStatuses: [{ name: "replay", state: waiting }] };
  await cluster.create(pod("tapeloop-replay-abc123-x", stuck, { labels: { "job-name": "tapeloop-replay-abc123" } }));
  await assert.rejects(
    startWorker(cluster, choice),
    /does not start in namespace shop: .*ImagePullBackOff: not found\); its image is tapeloop:test: give another with --image/,
  );
  for (const kind of ["Job", "Service", "ConfigMap"])
    assert.deepEqual(await cluster.list({ apiVersion: "v1", kind, namespace: "shop" }), []);
  assert.deepEqual(await restore(cluster), []);
});

test("a namespace that is not open for replays gets no worker", async () => {
  const cluster = new MemoryCluster();
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  await assert.rejects(startWorker(cluster, choice), /has no label tapeloop.io\/allow-replay/);
});

test("Services are read with what their callers see; names of hosts elsewhere, and UDP, are left out", async () => {
  const cluster = await shop();
  const service = (name: string, spec: object) =>
    cluster.create({ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "shop" }, spec });
  await service("reviews", { ports: [{ port: 80 }, { name: "https-web", port: 443, targetPort: "web" }] });
  await service("dns", {
    ports: [
      { port: 53, protocol: "UDP" },
      { port: 54, appProtocol: "https" },
    ],
  });
  await service("away", { type: "ExternalName", externalName: "x.example" });
  assert.deepEqual(await servicesOf(cluster, "shop"), [
    { name: "dns", ports: [{ number: 54, isTls: true, targetPort: 54 }] },
    {
      name: "reviews",
      ports: [
        { number: 80, isTls: false, targetPort: 80 },
        { name: "https-web", number: 443, isTls: true, targetPort: "web" },
      ],
    },
  ]);
  const urls = (await destinationsIn(cluster, "shop", ["reviews", "reviews:443"], [])).map(({ url }) => url);
  assert.deepEqual(urls, ["http://reviews.shop.svc:80", "https://reviews.shop.svc:443"]);
  const nobody = forwardDestinations(cluster, await destinationsIn(cluster, "shop", ["reviews"], []));
  await assert.rejects(nobody, /Service reviews in namespace shop has no selector/);
});

test("recorders are found by the port that serves their tape, beside a service or in a pod of their own", async () => {
  const cluster = await shop();
  await assert.rejects(
    recordersIn(cluster, "shop"),
    /namespace shop has no running recorder: no pod there has a port named tapeloop-admin/,
  );
  const admin = (name: string) => [
    {
      name: "r",
      ports: [
        { name: "http", containerPort: 8080 },
        { name, containerPort: 9191 },
      ],
    },
  ];
  const ours = { "app.kubernetes.io/part-of": "tapeloop" };
  const running = { phase: "Running" };
  await cluster.create(pod("alone", running, { labels: ours, spec: { containers: admin("admin") } }));
  await cluster.create(pod("late", { phase: "Pending" }, { labels: ours, spec: { containers: admin("admin") } }));
  await cluster.create(
    pod("beside", running, { labels: { app: "a" }, spec: { initContainers: admin("tapeloop-admin") } }),
  );
  await cluster.create(pod("foreign", running, { labels: { app: "b" }, spec: { containers: admin("admin") } }));
  const at = (name: string) => ({ namespace: "shop", name, adminPort: 9191 });
  assert.deepEqual(await recordersIn(cluster, "shop"), [at("alone"), at("beside")]);
  const service = { metadata: { name: "b", namespace: "shop" }, spec: { selector: { app: "b" } } };
  await cluster.create({ apiVersion: "v1", kind: "Service", ...service });
  assert.deepEqual(await recordersIn(cluster, "shop", "b"), [at("foreign")]);
  const foreign = { namespace: "shop", name: "foreign" };
  await assert.rejects(containerPort(cluster, foreign, "web"), /no container of pod foreign .* has a port named web/);
  assert.deepEqual(
    [await containerPort(cluster, foreign, 5), await containerPort(cluster, foreign, "http")],
    [5, 8080],
  );
});
