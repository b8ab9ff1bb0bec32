import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { runCommandLine } from "../../cli/run.js";
import { type Cluster, type ClusterObject, checkFence, type Finding, isFenced } from "../../mesh/index.js";
import { newNamespace, realCluster } from "../support/cluster.js";
import { fakeIo } from "../support/io.js";
import {
  configMap,
  destinationRule,
  httpRoute,
  mirrorTo,
  route,
  service,
  virtualService,
} from "../support/manifests.js";
import { startMeshApps } from "../support/mesh-apps.js";
import { needs } from "../support/real-parts.js";
import { until } from "../support/until.js";

/** The same object in the namespace of a test. */
function within(namespace: string, object: object): ClusterObject {
  const text = JSON.stringify(object).replaceAll('"namespace":"shop"', `"namespace":"${namespace}"`);
  return JSON.parse(text.replaceAll(".shop.svc.", `.${namespace}.svc.`)) as ClusterObject;
}

async function doctor(kubeconfig: string, namespace: string) {
  const io = fakeIo();
  const code = await runCommandLine(["doctor", "-n", namespace, "--kubeconfig", kubeconfig, "--json"], io);
  assert.equal(io.err(), "");
  return { code, findings: (JSON.parse(io.out()) as { findings: Finding[] }).findings };
}

const inWords = (findings: readonly Finding[]) =>
  findings.map(({ id, place }) => `${id} ${place.kind} ${place.name}`).sort();

/** What Istio's own analysis calls what is found here, by the beginning of its message. */
const names: readonly [code: string, message: RegExp, id: string][] = [
  ["IST0101", /^Referenced host not found/, "TL0106"],
  ["IST0101", /^Referenced host\+subset/, "TL0107"],
  ["IST0101", /^Referenced mirror host/, "TL0301"],
  ["IST0109", /./, "TL0201"],
  ["IST0130", /./, "TL0104"],
];

test("where istioctl analyze looks, too, doctor finds the same", async (t) => {
  const real = await realCluster(t);
  if (real === undefined) return;
  if (!needs(t, "istioctl", hasIstioctl(), "put it on the PATH")) return;
  const { cluster, kubeconfig } = real;
  const namespace = await newNamespace(t, cluster);
  const routes = [
    virtualService("a", ["reviews"], [route("reviews", { subset: "v9" }), route("reviews")]),
    virtualService("b", ["reviews.shop.svc.cluster.local"], [{ ...route("ghost"), ...mirrorTo("nowhere", 80) }]),
    virtualService(
      "c",
      ["ratings"],
      [
        { match: [{ uri: { prefix: "/a" } }], ...route("ratings", { subset: "v1" }) },
        { match: [{ uri: { prefix: "/a" } }], ...route("ratings"), mirror: { host: "missing" } },
      ],
    ),
    virtualService("dotted", [`web.${namespace}`], [route(`web.${namespace}`)]),
    virtualService("good", ["web"], [{ ...route("web"), ...mirrorTo("reviews", 80) }]),
  ];
  const others = ["reviews", "ratings", "web"].map((name) => service(name, { http: 80 }));
  for (const object of [...others, destinationRule("ratings", ["v1"]), ...routes]) {
    await cluster.create(within(namespace, object));
  }
  const { findings } = await doctor(kubeconfig, namespace);
  const theirs = await until("istiod's cache, or istioctl, to see all of it", () => {
    const seen = analysed(kubeconfig, namespace);
    return seen.length > 0 && seen;
  });
  const known = new Set(names.map(([, , id]) => id));
  const ours = findings
    .filter(({ id }) => known.has(id))
    .flatMap(({ id, place, seen }) => {
      // One finding of ours names both VirtualServices of a host; theirs is one for each.
      const both =
        id === "TL0201" ? /^VirtualServices (.+?) are (?:both|all) for /.exec(seen)![1]!.split(" and ") : [place.name];
      return both.map((name) => `${id} ${name}`);
    });
  assert.deepEqual(ours.sort(), theirs.sort());
  assert.deepEqual(
    [...new Set(ours.map((line) => line.split(" ")[0]))].sort(),
    [...known].sort(),
    "each is among them",
  );
});

function hasIstioctl(): boolean {
  try {
    execFileSync("istioctl", ["version", "--remote=false"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** `TL0106 reviews`: what istioctl says of the VirtualServices, by our names for it. */
function analysed(kubeconfig: string, namespace: string): string[] {
  const words = ["analyze", "-n", namespace, "-o", "json", "--kubeconfig", kubeconfig, "--failure-threshold", "Error"];
  let text: string;
  try {
    text = execFileSync("istioctl", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch (ended) {
    // It ends with an error of its own where it finds one.
    text = (ended as { stdout: string }).stdout;
  }
  const messages = JSON.parse(text) as { code: string; message: string; origin: string }[];
  return messages.flatMap(({ code, message, origin }) => {
    const id = names.find(([theirs, begins]) => theirs === code && begins.test(message))?.[2];
    return id === undefined ? [] : [`${id} ${origin.split("/")[1]}`];
  });
}

test("doctor finds what is wrong in a live namespace, is silent when it is put right, and its fence holds", async (t) => {
  const real = await realCluster(t);
  if (real === undefined) return;
  const { cluster, kubeconfig } = real;
  const namespace = await newNamespace(t, cluster);
  const elsewhere = await newNamespace(t, cluster);
  await close(cluster, elsewhere);
  const apps = await startMeshApps(cluster, kubeconfig, namespace, ["caller", "ratings"]);
  await cluster.create(service("other", { http: 80 }, elsewhere) as ClusterObject);
  const outcome = async (host: string, named = host) =>
    (await apps.send("caller", [{ host, headers: { host: named } }]))[0];
  // Hosts by which the caller's proxy has to find its way: one outside, and a Service elsewhere that has no pod.
  const outside = () => outcome("ratings", "api.example.com");
  const other = () => outcome("ratings", `other.${elsewhere}.svc.cluster.local`);

  await t.test("an open namespace is called open, and its calls get out", async () => {
    const { code, findings } = await doctor(kubeconfig, namespace);
    assert.deepEqual(inWords(findings), [`TL0601 Namespace ${namespace}`, `TL0602 Namespace ${namespace}`]);
    assert.equal(code, 1);
    await until("calls to get out", async () => (await outside()) === 200, { withinMs: 90_000, seen: outside });
    await until("the Service without a pod to be known", async () => (await other()) === 503, {
      ...{ withinMs: 90_000, seen: other },
    });
  });

  await t.test("one with a Sidecar of the documented kind is fenced, and they do not", async () => {
    await cluster.create(sidecarOf(namespace));
    assert.deepEqual(await checkFence(cluster, namespace), []);
    await until("the fence to be up", async () => (await outside()) === 502, { withinMs: 90_000, seen: outside });
    assert.equal(await other(), 502, "it does not know that Service");
    assert.equal(await outcome("ratings"), 200);
    assert.deepEqual(await doctor(kubeconfig, namespace), { code: 0, findings: [] });
  });

  await t.test("each thing that is put wrong is found", async () => {
    const abort = { fault: { abort: { httpStatus: 503, percentage: { value: 100 } } } };
    const never = { fault: { abort: { httpStatus: 503 } } };
    const stale = {
      format: 1,
      id: "gone",
      what: "fault down on ratings",
      kind: "fault",
      subject: "ratings",
      by: "somebody",
    };
    const times = { at: "2026-01-31T12:00:00.000Z", leaseUntil: "2026-01-31T12:01:00.000Z", changes: [] };
    const seeded = [
      virtualService(
        "ratings",
        ["ratings"],
        [
          { match: [{ uri: { prefix: "/slow" } }], ...never, ...route("ratings") },
          {
            ...abort,
            ...route("ratings"),
            retries: { attempts: 2 },
            ...mirrorTo(`nobody.${elsewhere}.svc.cluster.local`, 8080, { value: 10 }),
          },
        ],
      ),
      configMap("tapeloop-journal-gone", { ...stale, ...times }),
      barePod("batch"),
    ].map((object) => within(namespace, object));
    for (const object of seeded) await cluster.create(object);
    const { code, findings } = await doctor(kubeconfig, namespace);
    assert.equal(code, 1);
    assert.deepEqual(inWords(findings), [
      "TL0101 VirtualService ratings",
      "TL0103 VirtualService ratings",
      "TL0108 VirtualService ratings",
      "TL0301 VirtualService ratings",
      "TL0304 VirtualService ratings",
      "TL0604 Pod batch",
      "TL0801 ConfigMap tapeloop-journal-gone",
    ]);
    const fence = await checkFence(cluster, namespace, ["ratings:80", "api.example.com"]);
    assert.equal(isFenced(fence), false);
    assert.deepEqual(inWords(fence), ["TL0604 Pod batch", `TL0607 Namespace ${namespace}`]);
  });

  await t.test("an HTTPRoute beside a VirtualService is found, and it is the one that Istio obeys", async (t) => {
    const api = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" };
    const hasTypes = await cluster.list(api).then(
      () => true,
      () => false,
    );
    if (!needs(t, "the types of the Gateway API in the cluster", hasTypes, "https://gateway-api.sigs.k8s.io")) return;
    const call = () => outcome("ratings");
    await until("the VirtualService's fault to fire", async () => (await call()) === 503, { withinMs: 90_000 });
    const backendRef = { group: "", kind: "Service", name: "nobody", port: 8080 };
    await cluster.create(within(namespace, httpRoute("ratings", { backendRef, percent: 10 })));
    const { findings } = await doctor(kubeconfig, namespace);
    const known = ["TL0202 VirtualService ratings", "TL0301 HTTPRoute ratings-route", "TL0304 HTTPRoute ratings-route"];
    assert.deepEqual(
      inWords(findings).filter((line) => / HTTPRoute |^TL02/.test(line)),
      known,
    );
    await until("it to fire no more", async () => (await call()) === 200, { withinMs: 90_000, seen: call });
  });
});

/** Takes its permits away, so that it is a namespace like any other. */
async function close(cluster: Cluster, name: string): Promise<void> {
  const now = (await cluster.read({ apiVersion: "v1", kind: "Namespace", name }))!;
  const { labels = {}, ...metadata } = now.metadata;
  const left = Object.fromEntries(Object.entries(labels).filter(([label]) => !label.startsWith("tapeloop.io/")));
  await cluster.replace({ ...now, metadata: { ...metadata, labels: left } });
}

function sidecarOf(namespace: string): ClusterObject {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "Sidecar",
    metadata: { name: "default", namespace },
    spec: { egress: [{ hosts: ["./*", "istio-system/*"] }], outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } },
  };
}

/** It need not run to be found. */
function barePod(name: string): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "shop", labels: { app: name, "sidecar.istio.io/inject": "false" } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "app", image: "tapeloop.test/none:1", imagePullPolicy: "Never" }],
    },
  };
}
