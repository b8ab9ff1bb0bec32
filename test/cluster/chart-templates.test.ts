import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { examine } from "../../mesh/doctor/examine.js";
import { type ClusterObject, recordersIn } from "../../mesh/index.js";
import { metricsText } from "../../recorder/admin/metrics.js";
import { newNamespace, realCluster } from "../support/cluster.js";
import {
  applyStrictly,
  type ChartName,
  chartFolder,
  chartNames,
  hasHelm,
  helm,
  leastValues,
  only,
  rendered,
} from "../support/helm.js";
import { MemoryCluster } from "../support/memory-cluster.js";
import { projectFolder } from "../support/project.js";
import { rolesFile } from "../support/roles-file.js";
import { noVitals } from "../support/vitals.js";

/** Values that turn on what is off, one set after the other. */
const variants: Record<ChartName, readonly object[]> = {
  recorder: [
    {},
    {
      accessLog: { enabled: true },
      autoscaling: { enabled: true },
      redactionRules: "names: [internal_ref]\noff: [phone]\n",
      authorizationPolicy: { writers: { namespaces: ["shop"] }, readers: { principals: ["cluster.local/ns/a/sa/b"] } },
      clusterName: "east",
      extraArgs: ["--sample", "25%"],
    },
    { mode: "ext-proc", ports: { record: 50051 }, storage: { kind: "persistentVolumeClaim" } },
    { mode: "sidecar", sidecar: { service: "reviews" }, redactionRules: "off: [phone]" },
    { mesh: { inject: false }, secret: { existing: "keys" }, networkPolicy: { enabled: false } },
  ],
  replay: [
    {},
    { schedule: "30 2 * * *", timeZone: "Europe/Rome", baseline: "http://reviews-v1:9080" },
    { tape: { pull: ["recorder.tapeloop:9090"], adminTokenSecret: "recorder" }, redactionKeySecret: "recorder" },
    { report: { claim: "reports", path: "monday" }, networkPolicy: { egress: [{ to: [{ podSelector: {} }] }] } },
  ],
  "simple-service": [
    {},
    {
      services: [{ name: "a", port: 8081, timeout: "2s", retries: { attempts: 2 }, versions: [{ name: "v1" }] }],
      peers: { legacy: "http://legacy.other:8080" },
    },
    { mesh: { inject: false, routes: false } },
  ],
  roles: [
    {},
    { recorderNamespace: "tapeloop", istioNamespace: "istio-system", subjects: [{ kind: "Group", name: "ops" }] },
    { commands: ["mirror on", "restore"], optional: false },
  ],
};

for (const chart of chartNames) {
  test(`chart ${chart} has no fault that helm lint knows, whatever is turned on`, async (t) => {
    if (!hasHelm(t)) return;
    const lint = (values: object) => helm(["lint", "--strict"], chart, { ...leastValues[chart], ...values });
    for (const { code, stdout, stderr } of await Promise.all(variants[chart].map(lint))) {
      assert.equal(code, 0, stdout + stderr);
    }
  });

  test(`chart ${chart} refuses values with a typing error, by its place`, async (t) => {
    if (!hasHelm(t)) return;
    const { properties } = JSON.parse(readFileSync(join(chartFolder(chart), "values.schema.json"), "utf8")) as {
      properties: Record<string, { type?: string; properties?: object }>;
    };
    const groups = Object.keys(properties).filter((name) => properties[name]!.properties !== undefined);
    const values = { replics: 2, ...Object.fromEntries(groups.map((name) => [name, { enabeld: true }])) };
    const { code, stderr } = await helm(["template", "r"], chart, values);
    assert.equal(code, 1);
    assert.match(stderr, /additional properties 'replics' not allowed/);
    for (const name of groups) {
      assert.match(
        stderr,
        new RegExp(`at '/${name}'.*additional properties 'enabeld' not allowed|at '/${name}': .allOf`),
      );
    }
  });

  test(`every value that chart ${chart} has is explained by its schema and has a default`, () => {
    const folder = chartFolder(chart);
    const { properties } = JSON.parse(readFileSync(join(folder, "values.schema.json"), "utf8")) as {
      properties: Record<string, unknown>;
    };
    const values = readFileSync(join(folder, "values.yaml"), "utf8");
    const defaults = [...values.matchAll(/^([a-zA-Z]+):/gm)].map(([, name]) => name!);
    assert.deepEqual(
      defaults.sort(),
      Object.keys(properties)
        .filter((name) => name !== "global")
        .sort(),
    );
  });

  test(`a real API server takes what chart ${chart} makes, field for field`, async (t) => {
    if (!hasHelm(t)) return;
    const real = await realCluster(t);
    if (real === undefined) return;
    const namespace = await newNamespace(t, real.cluster);
    const all = variants[chart].map((values) => {
      const others = { recorderNamespace: namespace, istioNamespace: namespace };
      return rendered(
        chart,
        "recorderNamespace" in values ? { ...values, ...others } : values,
        "--namespace",
        namespace,
      );
    });
    const objects = (await Promise.all(all)).flat();
    // A pod is refused without its account, and a dry run makes none.
    await applyStrictly(
      namespace,
      objects.filter(({ kind }) => kind === "ServiceAccount"),
    );
    await applyStrictly(namespace, objects, "--dry-run=server");
  });
}

/** Pod specs of all that makes pods, tests included. */
function podsIn(objects: readonly ClusterObject[]): { name: string; spec: PodSpec }[] {
  return objects.flatMap(({ kind, metadata, spec }) => {
    const workload = spec as { template?: { spec: PodSpec }; jobTemplate?: { spec: { template: { spec: PodSpec } } } };
    const pod = kind === "Pod" ? (spec as PodSpec) : (workload?.jobTemplate?.spec ?? workload)?.template?.spec;
    return pod === undefined ? [] : [{ name: `${kind} ${metadata.name}`, spec: pod }];
  });
}

interface PodSpec {
  automountServiceAccountToken: boolean;
  enableServiceLinks: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext: Record<string, unknown>;
  containers: { args: string[]; image: string; resources: object; securityContext: Record<string, unknown> }[];
}

test("every pod of the charts is of the restricted kind, writes to no root file system, and has no token", async (t) => {
  if (!hasHelm(t)) return;
  for (const chart of chartNames) {
    const all = await Promise.all(variants[chart].map((values) => rendered(chart, values)));
    for (const { name, spec } of podsIn(all.flat())) {
      assert.equal(spec.securityContext.runAsNonRoot, true, name);
      assert.deepEqual(spec.securityContext.seccompProfile, { type: "RuntimeDefault" }, name);
      assert.deepEqual([spec.automountServiceAccountToken, spec.enableServiceLinks], [false, false], name);
      for (const { securityContext, resources } of spec.containers) {
        assert.equal(securityContext.readOnlyRootFilesystem, true, name);
        assert.equal(securityContext.allowPrivilegeEscalation, false, name);
        assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] }, name);
        assert.deepEqual(Object.keys(resources).sort(), ["limits", "requests"], name);
      }
    }
  }
});

test("images come from where the user says, and no chart names a registry", async (t) => {
  if (!hasHelm(t)) return;
  const { version } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as { version: string };
  const images = async (chart: ChartName, values: object) =>
    new Set(podsIn(await rendered(chart, values)).flatMap(({ spec }) => spec.containers.map(({ image }) => image)));
  assert.deepEqual(await images("recorder", {}), new Set([`tapeloop:${version}`]));
  assert.deepEqual(await images("replay", {}), new Set([`tapeloop:${version}`]));
  assert.deepEqual(await images("simple-service", {}), new Set([`tapeloop-simple-service:${version}`]));
  const image = { repository: "my.registry:5000/t", tag: "x" };
  assert.deepEqual(await images("recorder", { image }), new Set(["my.registry:5000/t:x"]));
});

test("the recorder's ports are named so that proxies speak HTTP/2, and policies name ports", async (t) => {
  if (!hasHelm(t)) return;
  const portNames = async (values: object) =>
    (only(await rendered("recorder", values), "Service").spec as { ports: { name: string }[] }).ports.map(
      ({ name }) => name,
    );
  assert.deepEqual(await portNames({}), ["http2-mirror", "http-admin"]);
  assert.deepEqual(await portNames({ mode: "ext-proc" }), ["grpc-ext-proc", "http-admin"]);
  assert.deepEqual(await portNames({ accessLog: { enabled: true } }), [
    "http2-mirror",
    "grpc-access-log",
    "http-admin",
  ]);

  const writers = { namespaces: ["shop"], principals: ["cluster.local/ns/a/sa/b"] };
  const policy = only(await rendered("recorder", { authorizationPolicy: { writers } }), "AuthorizationPolicy");
  const { rules } = policy.spec as { rules: { from?: object[]; to: { operation: { ports?: string[] } }[] }[] };
  assert.ok(rules.every(({ to }) => to.every(({ operation }) => operation.ports !== undefined)));
  assert.deepEqual(rules[0]!.from, [
    { source: { namespaces: writers.namespaces } },
    { source: { principals: writers.principals } },
  ]);
  const open = only(await rendered("recorder"), "AuthorizationPolicy").spec as typeof policy.spec & {
    rules: typeof rules;
  };
  assert.deepEqual(open.rules[0]!.from, [{ source: { principals: ["*"] } }]);
});

test("a recorder has longer to end than it drains, and lets go of a claim before its successor asks for it", async (t) => {
  if (!hasHelm(t)) return;
  const deployment = async (values: object) =>
    only(await rendered("recorder", values), "Deployment").spec as {
      replicas?: number;
      strategy: { type: string };
      template: { spec: PodSpec };
    };
  const drain = { delaySeconds: 20, timeoutSeconds: 40 };
  const { template, strategy, replicas } = await deployment({ drain, replicas: 3 });
  assert.equal(template.spec.terminationGracePeriodSeconds, 75);
  assert.deepEqual([strategy.type, replicas], ["RollingUpdate", 3]);
  const claim = await deployment({ storage: { kind: "persistentVolumeClaim" } });
  assert.equal(claim.strategy.type, "Recreate");
  assert.equal((await deployment({ autoscaling: { enabled: true } })).replicas, undefined);
});

test("what scales, guards and watches a recorder means the Deployment, the ports and the metrics that there are", async (t) => {
  if (!hasHelm(t)) return;
  const [writers, readers] = [[{ namespaceSelector: {} }], [{ podSelector: { matchLabels: { app: "puller" } } }]];
  const on = { enabled: true };
  const objects = await rendered("recorder", {
    ...{ accessLog: on, autoscaling: on, serviceMonitor: { ...on, labels: { release: "p" } }, prometheusRule: on },
    networkPolicy: { writers, readers },
  });
  const specOf = <T>(kind: string) => only(objects, kind).spec as T;
  const { metadata, spec } = specOf<{
    template: { metadata: ClusterObject["metadata"]; spec: { containers: [Container] } };
  }>("Deployment").template;
  const [container] = spec.containers;
  const portOf = (name: string) => container.ports.find((port) => port.name === name)!.containerPort;

  const { scaleTargetRef, metrics } = specOf<Autoscaler>("HorizontalPodAutoscaler");
  assert.deepEqual(
    [scaleTargetRef.kind, scaleTargetRef.name],
    ["Deployment", only(objects, "Deployment").metadata.name],
  );
  assert.equal(metrics[0].containerResource.container, container.name);
  assert.ok("cpu" in container.resources.requests, "a share of what was asked for needs something asked for");

  const { podSelector, ingress, policyTypes } = specOf<NetworkPolicy>("NetworkPolicy");
  assert.deepEqual(policyTypes, ["Ingress", "Egress"]);
  for (const selector of [podSelector, specOf<{ selector: Selector }>("PodDisruptionBudget").selector])
    assertSelects(selector, metadata.labels!);
  assert.deepEqual(
    ingress.map(({ from, ports }) => [from, ports.map(({ port }) => port)]),
    [
      [writers, [portOf("record"), portOf("access-log")]],
      // The sidecar's own pages beside it.
      [readers, [portOf("admin"), 15020, 15021, 15090]],
    ],
  );

  const { ports } = specOf<{ ports: { name: string; targetPort: string }[] }>("Service");
  for (const { targetPort } of ports) assert.ok(portOf(targetPort) > 0, targetPort);
  const { selector, endpoints } = specOf<{ selector: Selector; endpoints: { port: string; path: string }[] }>(
    "ServiceMonitor",
  );
  assertSelects(selector, only(objects, "Service").metadata.labels!);
  assert.equal(ports.find(({ name }) => name === endpoints[0]!.port)?.targetPort, "admin");
  assert.equal(endpoints[0]!.path, "/metrics");
  assert.equal(only(objects, "ServiceMonitor").metadata.labels?.release, "p");
  const asked = JSON.stringify(only(objects, "PrometheusRule").spec).match(/tapeloop_\w+/g) ?? [];
  assert.equal(asked.length, 4);
  const kept = new Set(metricsText(noVitals).match(/^tapeloop_\w+/gm));
  for (const metric of asked) assert.ok(kept.has(metric), metric);
});

interface Container {
  name: string;
  ports: { name: string; containerPort: number }[];
  resources: { requests: object };
}
interface Autoscaler {
  scaleTargetRef: { kind: string; name: string };
  metrics: [{ containerResource: { container: string } }];
}
interface Selector {
  matchLabels: Record<string, string>;
}
interface NetworkPolicy {
  podSelector: Selector;
  policyTypes: string[];
  ingress: { from: object[]; ports: { port: number }[] }[];
}

function assertSelects({ matchLabels }: Selector, labels: Record<string, string>): void {
  for (const [label, value] of Object.entries(matchLabels)) assert.equal(labels[label], value, label);
}

test("`--hops namespace` finds the chart's recorder by its pod", async (t) => {
  if (!hasHelm(t)) return;
  for (const mode of ["mirror", "ext-proc"]) {
    const { template } = only(await rendered("recorder", { mode }), "Deployment").spec as { template: ClusterObject };
    const cluster = new MemoryCluster();
    const metadata = { ...template.metadata, name: "recorder-0", namespace: "shop" };
    await cluster.create({ ...template, apiVersion: "v1", kind: "Pod", metadata, status: { phase: "Running" } });
    assert.deepEqual(await recordersIn(cluster, "shop"), [{ namespace: "shop", name: "recorder-0", adminPort: 9090 }]);
  }
});

test("doctor knows the charts' recorders and replayers when something is wrong with them", async (t) => {
  if (!hasHelm(t)) return;
  const seen = (objects: readonly ClusterObject[]) =>
    examine({ namespace: "shop", objects, unread: [], filesAlone: false }).findings.map(({ id }) => id);
  const service = only(await rendered("recorder"), "Service");
  const { ports } = service.spec as { ports: { name: string }[] };
  const misnamed = { ...service, spec: { ports: ports.map((port) => ({ ...port, name: port.name.split("-")[1] })) } };
  assert.deepEqual([seen([service]), seen([misnamed])], [[], ["TL0401", "TL0401"]]);
  const objects = await rendered("replay", { mesh: { inject: false } });
  const { template } = only(objects, "Job").spec as { template: ClusterObject };
  const metadata = { ...template.metadata, name: "replay-1", namespace: "shop" };
  const pod = { ...template, apiVersion: "v1", kind: "Pod", metadata, status: { phase: "Running" } };
  assert.deepEqual(seen([pod, only(objects, "Service")]), ["TL0501"]);
});

test("a tape on a claim is on the one that is named, or on one that outlasts the release", async (t) => {
  if (!hasHelm(t)) return;
  const claimed = async (storage: object) => {
    const objects = await rendered("recorder", { storage: { kind: "persistentVolumeClaim", ...storage } });
    const { volumes } = (only(objects, "Deployment").spec as { template: { spec: { volumes: object[] } } }).template
      .spec;
    const claims = objects.filter(({ kind }) => kind === "PersistentVolumeClaim");
    return { volume: volumes[0], claims };
  };
  const own = await claimed({ size: "3Gi", storageClassName: "fast" });
  assert.deepEqual(own.volume, { name: "tape", persistentVolumeClaim: { claimName: "r-recorder" } });
  const [{ metadata, spec }] = own.claims as [ClusterObject];
  assert.deepEqual(
    [metadata.name, metadata.annotations, spec],
    [
      "r-recorder",
      { "helm.sh/resource-policy": "keep" },
      { accessModes: ["ReadWriteOnce"], storageClassName: "fast", resources: { requests: { storage: "3Gi" } } },
    ],
  );
  const given = await claimed({ existingClaim: "mine" });
  assert.deepEqual(given, { volume: { name: "tape", persistentVolumeClaim: { claimName: "mine" } }, claims: [] });
});

test("what cannot be is refused in words", async (t) => {
  if (!hasHelm(t)) return;
  const refused = (chart: ChartName, values: object, words: RegExp) => assert.rejects(rendered(chart, values), words);
  const storage = { kind: "persistentVolumeClaim" };
  await refused("recorder", { storage, replicas: 2 }, /at '\/replicas': maximum: got 2, want 1/);
  await refused("recorder", { mode: "sidecar" }, /at '\/sidecar\/service'/);
  await refused("recorder", { mode: "ext-proc", accessLog: { enabled: true } }, /at '\/mode'/);
  await refused("recorder", { tape: { maxSize: "8 GiB" } }, /at '\/tape\/maxSize'/);
  await refused("replay", { target: "reviews:9080" }, /at '\/target'/);
  await refused("replay", { tape: { pull: ["recorder:9090"], claim: "tape" } }, /give claim or pull, not both/);
  await refused("replay", { tape: { claim: "" } }, /name a claim that holds it/);
  await refused("roles", { commands: ["mirorr on"] }, /"mirorr on" is none that needs rights/);
});

test("a secret is made of enough chance, anew for each release", async (t) => {
  if (!hasHelm(t)) return;
  const secret = async () => only(await rendered("recorder"), "Secret").data as Record<string, string>;
  const plain = (text: string | undefined) => Buffer.from(text!, "base64").toString();
  const [one, other] = [await secret(), await secret()];
  assert.match(plain(one["redaction-key"]), /^[0-9a-f]{64}$/);
  assert.match(plain(one["admin-token"]), /^[A-Za-z0-9]{32}$/);
  assert.notEqual(one["redaction-key"], other["redaction-key"]);
  assert.notEqual(one["admin-token"], other["admin-token"]);
});

test("the Roles are those that the commands' table gives (scripts/write-roles.mjs writes them)", () => {
  assert.equal(readFileSync(join(chartFolder("roles"), "files/commands.yaml"), "utf8"), rolesFile());
});
