import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Cluster,
  type ClusterObject,
  connectCluster,
  mirrorOff,
  mirrorOn,
  parseRecorder,
  restore,
} from "../../mesh/index.js";
import { asBefore, newNamespace, realCluster, recorderService, service, virtualService } from "../support/cluster.js";
import { newHome, tapeloop } from "../support/command-line.js";
import { killedAfterEachCall } from "../support/killed-after-each-call.js";
import { startMeddlingApi } from "../support/meddling-api.js";

const ref = (namespace: string, name = "reviews") => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  namespace,
  name,
});

/** Somebody edits what is there now, as `kubectl edit` does. */
async function edit(cluster: Cluster, namespace: string, change: (spec: Spec) => void): Promise<ClusterObject> {
  for (;;) {
    const now = structuredClone((await cluster.read(ref(namespace)))!);
    change(now.spec as Spec);
    try {
      return await cluster.replace(now);
    } catch (refusal) {
      if ((refusal as { status?: number }).status !== 409) throw refusal;
    }
  }
}
interface Spec {
  http: Record<string, unknown>[];
}

const commands: Record<string, { words: string[]; service: string }> = {
  "mirror on, where there is a VirtualService": {
    words: ["mirror", "on", "reviews", "--to", "recorder:8080", "--sample", "25%"],
    service: "reviews",
  },
  "mirror on, where there is none": {
    words: ["mirror", "on", "ratings", "--to", "recorder:8080"],
    service: "ratings",
  },
  "fault on": { words: ["fault", "on", "reviews", "--abort", "503", "--mark", "deadbeef"], service: "reviews" },
};

for (const [what, { words, service: name }] of Object.entries(commands)) {
  test(`${what}: killed after any of its API calls, restore puts everything back`, async (t) => {
    const real = await realCluster(t);
    if (real === undefined) return;
    const { cluster, kubeconfig } = real;
    const namespace = await newNamespace(t, cluster);
    for (const one of ["reviews", "ratings"]) await cluster.create(service(namespace, one));
    await cluster.create(recorderService(namespace));
    await cluster.create(virtualService(namespace, "reviews"));
    const before = await cluster.read(ref(namespace));
    const command = { kubeconfig, home: newHome(t), words: [...words, "-n", namespace] };
    const killedAt = await killedAfterEachCall(t, command, async ({ isKilled, code, child, where }) => {
      if (!isKilled) assert.equal(code, 0, child.stderr);
      await restore(cluster, { namespace });
      assert.deepEqual(asBefore(await cluster.read(ref(namespace))), asBefore(before), where);
      const ours = await cluster.list({ apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace });
      assert.deepEqual(
        ours.map(({ metadata }) => metadata.name),
        ["reviews"],
      );
      assert.deepEqual(await restore(cluster, { namespace }), [], "the journal is empty");
    });
    // Namespace, Service, VirtualServices, journal, the object, its field owners: fewer would mean that nothing was changed.
    assert.ok(killedAt >= (name === "ratings" ? 5 : 6), `killed at ${killedAt} calls`);
  });
}

test("what others edit while a mirror is on is kept when it is put back", async (t) => {
  const real = await realCluster(t);
  if (real === undefined) return;
  const { cluster } = real;
  const namespace = await newNamespace(t, cluster);
  await cluster.create(service(namespace, "reviews"));
  await cluster.create(recorderService(namespace));
  await cluster.create(virtualService(namespace, "reviews"));
  const wish = {
    service: "reviews",
    namespace,
    to: parseRecorder("recorder:8080", namespace),
    evenIfManaged: false,
  };
  await mirrorOn(cluster, wish);
  await edit(cluster, namespace, ({ http }) => {
    http[1]!.retries = { attempts: 7 };
    http.unshift({
      name: "canary",
      match: [{ uri: { prefix: "/canary" } }],
      route: [{ destination: { host: "reviews" } }],
    });
  });
  const [done] = await mirrorOff(cluster, namespace, "reviews");
  assert.equal(done!.outcome, "edits-kept");
  const expected = virtualService(namespace, "reviews").spec as Spec;
  expected.http[1]!.retries = { attempts: 7 };
  expected.http.unshift({
    name: "canary",
    match: [{ uri: { prefix: "/canary" } }],
    route: [{ destination: { host: "reviews" } }],
  });
  const now = await cluster.read(ref(namespace));
  assert.deepEqual(now!.spec, expected);
  assert.equal(now!.metadata.annotations, undefined);
});

test("an edit that comes between our reading and our writing is not lost, and the mirror comes on", async (t) => {
  const real = await realCluster(t);
  if (real === undefined) return;
  const { cluster, kubeconfig } = real;
  const namespace = await newNamespace(t, cluster);
  await cluster.create(service(namespace, "reviews"));
  await cluster.create(recorderService(namespace));
  await cluster.create(virtualService(namespace, "reviews"));
  let edits = 0;
  const api = await startMeddlingApi(t, kubeconfig, {
    before: async (call) => {
      if (!call.startsWith("PUT") || edits > 0) return;
      edits++;
      await edit(cluster, namespace, ({ http }) => {
        http[1]!.retries = { attempts: 9 };
      });
    },
  });
  const wish = {
    service: "reviews",
    namespace,
    to: parseRecorder("recorder:8080", namespace),
    evenIfManaged: false,
  };
  await mirrorOn(await connectCluster({ kubeconfig: api.kubeconfig }), wish);
  const { http } = (await cluster.read(ref(namespace)))!.spec as Spec;
  assert.deepEqual([http[1]!.retries, (http[1]!.mirrors as unknown[]).length, edits], [{ attempts: 9 }, 1, 1]);
  assert.equal((await restore(cluster, { namespace })).length, 1);
  assert.deepEqual(((await cluster.read(ref(namespace)))!.spec as Spec).http[1], {
    route: [{ destination: { host: "reviews" } }],
    retries: { attempts: 9 },
  });
});

test("a webhook's refusal is said in its own words, and nothing stays behind", async (t) => {
  const real = await realCluster(t);
  if (real === undefined) return;
  const { cluster, kubeconfig } = real;
  const namespace = await newNamespace(t, cluster);
  await cluster.create(service(namespace, "reviews"));
  await cluster.create(recorderService(namespace));
  const unroutable = virtualService(namespace, "reviews");
  await cluster.create(unroutable);
  const before = await cluster.read(ref(namespace));
  const home = newHome(t);
  const env = { ...home.env, KUBECONFIG: kubeconfig };
  // A label that cannot be one is let through by us: Istio's own check is the judge of what is a route.
  const fault = ["fault", "on", "reviews", "--abort", "503", "--share", "5%"];
  const words = [...fault, "--from", "a b=c", "-n", namespace];
  const { code, stderr } = await tapeloop(t, { ...home, env }, words);
  assert.equal(code, 2);
  assert.match(stderr, /^tapeloop: cannot change VirtualService reviews in namespace .*: admission webhook .*a b/);
  assert.equal(stderr.trim().split("\n").length, 1);
  assert.deepEqual(asBefore(await cluster.read(ref(namespace))), asBefore(before));
  assert.deepEqual(await restore(cluster, { namespace }), []);
});

test("what Argo CD, Flux or Helm manages is refused by name, and can be had as a patch", async (t) => {
  const real = await realCluster(t);
  if (real === undefined) return;
  const { cluster, kubeconfig } = real;
  const namespace = await newNamespace(t, cluster);
  await cluster.create(service(namespace, "reviews"));
  await cluster.create(recorderService(namespace));
  const marks = {
    annotations: { "argocd.argoproj.io/tracking-id": "shop:networking.istio.io/VirtualService:shop/reviews" },
  };
  await cluster.create(virtualService(namespace, "reviews", marks));
  const home = newHome(t);
  const env = { ...home.env, KUBECONFIG: kubeconfig };
  const words = ["mirror", "on", "reviews", "--to", "recorder:8080", "-n", namespace];
  const refused = await tapeloop(t, { ...home, env }, words);
  assert.deepEqual([refused.code, refused.stdout], [2, ""]);
  assert.match(refused.stderr, /VirtualService reviews in namespace .* is managed by Argo CD/);
});
