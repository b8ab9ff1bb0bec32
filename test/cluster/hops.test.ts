import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type TestContext, test } from "node:test";
import { type Cluster, podPage } from "../../mesh/index.js";
import { comparableRequestId, type Exchange } from "../../tape/index.js";
import { newNamespace, realCluster } from "../support/cluster.js";
import { newHome, tapeloop } from "../support/command-line.js";
import { canMakeImages } from "../support/image.js";
import { type MeshApps, startMeshApps } from "../support/mesh-apps.js";
import { chainPath, startMeshChain } from "../support/mesh-chain.js";
import { podsReady } from "../support/mesh-pod.js";
import { startMeshRecorder } from "../support/mesh-recorder.js";
import { needs } from "../support/real-parts.js";
import { until } from "../support/until.js";

const chain = ["productpage", "reviews", "ratings"];
const path = chainPath(chain);

/** Sends requests down the chain, each under an id of its own, and gives the ids; all have to be answered as usual. */
async function sendDown(apps: MeshApps, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  const requests = ids.map((id) => ({ host: "productpage", headers: { "x-request-id": id }, path }));
  assert.deepEqual(new Set(await apps.send("caller", requests)), new Set([200]));
  return ids.map(comparableRequestId);
}

/** Calls every now and then, for a command that waits for calls. */
async function whileCalling<T>(apps: MeshApps, act: () => Promise<T>): Promise<T> {
  let done = false;
  const acting = act().finally(() => {
    done = true;
  });
  while (!done) await Promise.race([sendDown(apps, 1), acting]);
  return acting;
}

/** How often each service of the chain was seen to be called, for each of these ids. */
function sightings(exchanges: readonly Exchange[], ids: readonly string[]): number[] {
  const seen = exchanges.map(({ callee, trace }) => `${callee} ${comparableRequestId(trace.requestId ?? "")}`);
  return chain.flatMap((service) => ids.map((id) => seen.filter((one) => one === `${service} ${id}`).length));
}

/** Sends requests until every proxy's every thread has heard of the change: then all of 10 are seen at all hops. */
async function untilAllAreSeen(apps: MeshApps, exchanges: () => Promise<Exchange[]>): Promise<void> {
  await until(
    "ten requests in a row to be seen at every hop",
    async () => {
      const ids = await sendDown(apps, 10);
      const look = async () => sightings(await exchanges(), ids).every((count) => count === 1);
      return until("them to arrive", look, { withinMs: 3_000 }).catch(() => false);
    },
    { withinMs: 90_000 },
  );
}

const listed = async (cluster: Cluster, namespace: string) => {
  const kinds = [
    ["networking.istio.io/v1", "VirtualService"],
    ["networking.istio.io/v1", "DestinationRule"],
    ["networking.istio.io/v1alpha3", "EnvoyFilter"],
  ] as const;
  const found = await Promise.all(kinds.map(([apiVersion, kind]) => cluster.list({ apiVersion, kind, namespace })));
  return found.flat().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
};

async function shop(t: TestContext) {
  const real = await realCluster(t);
  if (real === undefined || !needs(t, "a way to make images", canMakeImages(), "name one in TAPELOOP_IMAGE")) return;
  const { cluster, kubeconfig } = real;
  const namespace = await newNamespace(t, cluster);
  const apps = await startMeshApps(cluster, kubeconfig, namespace, ["caller"]);
  await startMeshChain(cluster, namespace, chain);
  const copies = await startMeshRecorder(t, cluster, namespace, "mirror");
  const told = await startMeshRecorder(t, cluster, namespace, "ext-proc");
  await podsReady(cluster, namespace, [...chain, copies.name, told.name]);
  const home = newHome(t);
  const run = (...words: string[]) =>
    tapeloop(t, { ...home, env: { ...home.env, KUBECONFIG: kubeconfig } }, [...words, "-n", namespace]);
  return { cluster, namespace, apps, copies, told, run };
}

test("in a real mesh every hop of a chain of services is on the tape, as copies and as told by ext-proc", async (t) => {
  const started = await shop(t);
  if (started === undefined) return;
  const { cluster, namespace, apps, copies, told, run } = started;

  await t.test("a mirror that nobody calls through is not said to work", async () => {
    const waited = await run("mirror", "on", "ratings", "--to", copies.to, "--wait", "1s");
    assert.equal(waited.code, 3, waited.stderr);
    assert.match(
      waited.stderr,
      /^tapeloop: the mirror is on and stays on, and within 1 s nothing proved it: no call to ratings was seen at \d+ sidecars: send one.*\n$/,
    );
    assert.match(waited.stdout, /^ratings is mirrored to/);
    assert.deepEqual(await listed(cluster, namespace), ["VirtualService tapeloop-mirror-ratings"]);
    assert.equal((await run("mirror", "off", "--all")).code, 0);
    const nowhere = ["mirror", "on", "ratings", "--to", `nobody.${namespace}:8080`, "--wait", "1s"];
    const { code, stderr } = await run(...nowhere);
    assert.deepEqual([code, stderr], [2, `tapeloop: there is no Service nobody in namespace ${namespace}\n`]);
    assert.deepEqual(await listed(cluster, namespace), []);
  });

  await t.test("copies of every hop arrive, once each, under the service's own name", async () => {
    const on = await whileCalling(apps, () => run("mirror", "on", "--hops", "--to", copies.to, "--wait", "60s"));
    assert.equal(on.code, 0, on.stderr);
    for (const service of chain) assert.ok(on.stdout.includes(`${service} is mirrored to ${copies.to}\n`), on.stdout);
    assert.match(on.stdout, /\nit works: sidecars have sent \d+ to \S+, and its recorder counts \d+ more\n$/);
    await untilAllAreSeen(apps, copies.exchanges);
    const ids = await sendDown(apps, 50);
    const all = await until("copies of them all", async () => {
      const exchanges = await copies.exchanges();
      return sightings(exchanges, ids).every((count) => count > 0) && exchanges;
    });
    assert.deepEqual(new Set(sightings(all, ids)), new Set([1]));
    const paths = new Set(all.map(({ callee, request, answer }) => `${callee} ${request.path} ${answer.kind}`));
    assert.deepEqual([...paths].sort(), [
      `productpage ${path} unknown`,
      "ratings /echo?from=ratings unknown",
      `reviews ${chainPath(chain.slice(1))} unknown`,
    ]);
  });

  await t.test("what Envoy counts of them is shown, and what it does not keep is not known", async () => {
    const { mirrors, losses } = JSON.parse((await run("mirror", "status", "--json")).stdout) as {
      mirrors: { hosts: string[] }[];
      losses: { to: string; counts: { sent: number; failed: number; overflowed?: number; pods: string[] } }[];
    };
    // The other recorder is a Service with pods, too: what it is told is nothing to be recorded.
    assert.deepEqual(mirrors.flatMap(({ hosts }) => hosts).sort(), ["caller", ...chain].sort());
    const [loss, ...others] = losses;
    assert.deepEqual(others, []);
    assert.ok(loss!.counts.sent >= 150, `${loss!.counts.sent} sent`);
    assert.equal(loss!.counts.failed, 0);
    assert.ok(["caller", "productpage", "reviews"].every((pod) => loss!.counts.pods.includes(pod)));
    const text = (await run("mirror", "status")).stdout;
    assert.match(text, new RegExp(`${namespace}/tapeloop-mirror-reviews: all requests of reviews to .*since 20.* by `));
    assert.match(
      text,
      /\d+ copies sent by \d+ sidecars; 0 failed \(0 timed out\), 0 connections not made; (not known how many|0) left out/,
    );
    assert.equal((await run("mirror", "off", "--all")).code, 0);
    assert.deepEqual(await listed(cluster, namespace), []);
  });

  await t.test(
    "requests and answers of every hop are told, with the hop's name, under bounds that lose none",
    async () => {
      const words = ["mirror", "on", "--hops", "--vantage", "ext-proc", "--to", told.to, "--wait", "60s"];
      const on = await whileCalling(apps, () => run(...words));
      assert.equal(on.code, 0, on.stderr);
      await untilAllAreSeen(apps, told.exchanges);
      const ids = await sendDown(apps, 50);
      const isOne = ({ trace }: Exchange) => ids.includes(comparableRequestId(trace.requestId ?? ""));
      const all = await until("all of them to have been told", async () => {
        const exchanges = (await told.exchanges()).filter(isOne);
        return exchanges.length >= 150 && exchanges;
      });
      assert.deepEqual(new Set(sightings(all, ids)), new Set([1]));
      for (const { vantage, hop, callee, request, answer } of all) {
        assert.deepEqual([vantage, hop, request.end, answer.kind], ["ext-proc", callee, "complete", "response"]);
        assert.ok(answer.kind === "response" && answer.status === 200 && answer.end === "complete");
      }
      const bodies = all.filter(({ callee }) => callee === "ratings").map(({ answer }) => answer);
      assert.ok(bodies.every((answer) => answer.kind === "response" && answer.body.kind === "whole"));

      const dump = await podPage(cluster, namespace, "reviews", 15000, "/config_dump?resource=dynamic_active_clusters");
      const clusters = (JSON.parse(dump) as { configs: { cluster: { name: string } }[] }).configs;
      const recorder = JSON.stringify(
        clusters.find(({ cluster: { name } }) => name.startsWith(`outbound|50051||recorder-ext-proc.${namespace}.`)),
      );
      assert.match(recorder, /"max_requests":100000[,}]/);
      assert.match(recorder, /"max_requests_per_connection":500[,}]/);
      assert.match(recorder, /"per_connection_buffer_limit_bytes":67108864[,}]/);

      const status = (await run("mirror", "status")).stdout;
      assert.match(status, /all requests and answers of reviews, by ext-proc, to .*; since 20/);
      assert.match(status, /calls sent by \d+ sidecars; 0 failed/);
      assert.equal((await run("mirror", "off", "--all")).code, 0);
      assert.deepEqual(await listed(cluster, namespace), []);
      await sendDown(apps, 5);
    },
  );
});
