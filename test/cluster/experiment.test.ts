import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { stringify } from "yaml";
import { type Cluster, forwardPort, restore } from "../../mesh/index.js";
import type { ExperimentSummary } from "../../report/index.js";
import { startChild } from "../support/child.js";
import { asBefore, newNamespace, realCluster, service, virtualService } from "../support/cluster.js";
import { type Home, mainFile, newHome, tapeloop } from "../support/command-line.js";
import { canMakeImages } from "../support/image.js";
import { listenOnLoopback } from "../support/loopback.js";
import { startMeddlingApi } from "../support/meddling-api.js";
import { chainPath, injectSidecars, startMeshChain } from "../support/mesh-chain.js";
import { podsReady } from "../support/mesh-pod.js";
import { startPrometheus } from "../support/prometheus.js";
import { needs } from "../support/real-parts.js";
import { tapeOf } from "../support/service-tape.js";
import { until } from "../support/until.js";

/** An experiment beside a home's folder, and its words. */
function experimentIn(home: Home, spec: object): string[] {
  const experiment = {
    ...{ apiVersion: "tapeloop.io/v1alpha1", kind: "Experiment", metadata: { name: "trial" } },
    spec: { skipRedacted: true, ...spec },
  };
  writeFileSync(join(home.folder, "experiment.yaml"), stringify(experiment));
  return ["experiment.yaml", "--json", "experiment.json"];
}

function summaryIn(home: Home): ExperimentSummary {
  return JSON.parse(readFileSync(join(home.folder, "experiment.json"), "utf8")) as ExperimentSummary;
}

async function routesOf(cluster: Cluster, namespace: string): Promise<unknown[]> {
  const found = await cluster.list({ apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace });
  return found.map(asBefore);
}

const hasFault = async (cluster: Cluster, namespace: string) =>
  JSON.stringify(await routesOf(cluster, namespace)).includes('"fault"');

test("experiment run: killed after any of its API calls, restore puts everything back", async (t) => {
  const real = realCluster(t);
  if (real === undefined) return;
  const { cluster, kubeconfig } = real;
  const namespace = await newNamespace(t, cluster);
  for (const name of ["reviews", "ratings"]) await cluster.create(service(namespace, name));
  await cluster.create(virtualService(namespace, "reviews"));
  const before = await routesOf(cluster, namespace);
  const target = await listenOnLoopback(
    t,
    http.createServer((_request, response) => void response.end("{}")),
  );
  const tape = await tapeOf(t, [{ service: "shop", path: "/", at: [0, 5] }]);
  const home = newHome(t);
  // One service with a VirtualService, one without: what is changed, and what is made.
  const faults = ["reviews", "ratings"].map((name) => ({ name: `${name}-down`, service: name, abort: 503 }));
  const spec = { tape, target: `http://127.0.0.1:${target}`, mesh: { namespace }, faults, settle: "0" };
  const words = experimentIn(home, spec);
  let killedAt = 0;
  for (let at = 1; killedAt === at - 1; at++) {
    let kill = () => {};
    const api = await startMeddlingApi(t, kubeconfig, {
      after: (_call, number) => {
        if (number === at) kill();
        return number !== at;
      },
    });
    const child = startChild(t, process.execPath, [mainFile, "experiment", "run", ...words], {
      env: { ...home.env, KUBECONFIG: api.kubeconfig },
      cwd: home.folder,
    });
    kill = () => process.kill(child.pid, "SIGKILL");
    const ending = await child.ended;
    if (ending.signal === "SIGKILL") killedAt = at;
    else {
      assert.notEqual(ending.code, 2, child.stderr);
      assert.deepEqual(
        summaryIn(home).putBack.map(({ object, outcome }) => [object, outcome]),
        [
          [`VirtualService ${namespace}/tapeloop-fault-ratings`, "deleted"],
          [`VirtualService ${namespace}/reviews`, "as-before"],
        ],
      );
      assert.deepEqual(await routesOf(cluster, namespace), before, "it puts all back by itself");
      assert.deepEqual(await restore(cluster, { namespace }), [], "and closes its journal");
    }
    await restore(cluster, { namespace });
    assert.deepEqual(await routesOf(cluster, namespace), before, `killed at call ${at}: ${api.calls.at(-1)}`);
    assert.deepEqual(await restore(cluster, { namespace }), [], "the journal is empty");
  }
  // Reading, and for each fault a journal entry, an object, its way back: fewer would mean that nothing was changed.
  assert.ok(killedAt >= 20, `killed at ${killedAt} calls`);
  t.diagnostic(`killed after each of ${killedAt} calls`);
});

test("on a real mesh a fault that reaches the user trips a query of a real Prometheus, and is gone within one poll", async (t) => {
  const mesh = await startShop(t);
  if (mesh === undefined) return;
  const { cluster, namespace, home, env, target, tape } = mesh;
  const prometheus = await startPrometheus(t, mesh.gauges);
  if (prometheus === undefined) return;
  await prometheus.untilReads("shop_failed", 0);
  const everyMs = 5_000;
  // A scrape that is late leaves the series empty for a moment; what it read last is asked for.
  const query = "last_over_time(shop_failed[5m])";
  const spec = {
    ...{ tape, target, mesh: { namespace }, pace: "10/s", every: `${everyMs}ms`, settle: "2s" },
    prometheus: prometheus.url,
    faults: [{ name: "ratings-down", service: "ratings", from: { app: "shop" }, abort: 503, share: "50%" }],
    thresholds: [{ name: "users", prometheus: query, trips: "> 3" }],
  };
  const words = experimentIn(home, spec);

  const failed = await tapeloop(t, { ...home, env }, ["experiment", "run", ...words]);
  assert.equal(failed.code, 1, failed.stdout + failed.stderr);
  const summary = summaryIn(home);
  assert.equal(summary.conclusion, "Failed");
  assert.match(summary.reasons[0]!, /^users: \d+ \(> 3\), shop_failed\{/);
  const at = (kind: string) => summary.changes.find((change) => change.kind === kind)!.atMs;
  const lastedMs = at("fault-off") - at("tripped");
  t.diagnostic(`faults off ${Math.round(lastedMs)} ms after the threshold tripped`);
  assert.ok(lastedMs < everyMs, `off ${lastedMs} ms after it tripped`);
  assert.ok(summary.replay!.sent < summary.replay!.steps, "the replay was ended early");
  assert.deepEqual(
    summary.putBack.map(({ outcome }) => outcome),
    ["deleted"],
  );
  assert.deepEqual(await routesOf(cluster, namespace), []);
  // Exactly the marked requests of the lane under faults met it.
  const [plain, faulted] = summary.replay!.lanes;
  assert.deepEqual([plain!.name, plain!.statuses["502"]], ["candidate", undefined]);
  assert.ok(faulted!.statuses["502"]! > 3, JSON.stringify(faulted!.statuses));

  // Nobody answers for the metric any more while the fault is on: that is no pass.
  mesh.gauges.shop_failed = 0;
  await prometheus.untilReads(query, 0);
  const patient = { ...spec, thresholds: [{ name: "users", prometheus: query, trips: "> 100000" }] };
  const stopping = until("the fault to be on", () => hasFault(cluster, namespace), { withinMs: 120_000 }).then(() =>
    prometheus.child.end("SIGTERM"),
  );
  const unknown = await tapeloop(t, { ...home, env }, ["experiment", "run", ...experimentIn(home, patient)]);
  await stopping;
  assert.equal(unknown.code, 3, unknown.stdout + unknown.stderr);
  assert.match(summaryIn(home).reasons[0]!, /^users: cannot reach Prometheus at http:\/\/127\.0\.0\.1/);
  assert.deepEqual(
    summaryIn(home).putBack.map(({ outcome }) => outcome),
    ["deleted"],
  );
  assert.deepEqual(await routesOf(cluster, namespace), []);
  assert.deepEqual(await restore(cluster, { namespace }), [], "the journal is empty");
});

/** shop → ratings with sidecars, and a way in from here that counts what users would see of failures. */
async function startShop(t: TestContext) {
  const real = realCluster(t);
  if (real === undefined) return undefined;
  if (!needs(t, "a way to put images into the cluster", canMakeImages(), "see ../shared/cluster")) return undefined;
  const { cluster, kubeconfig } = real;
  const namespace = await newNamespace(t, cluster);
  await injectSidecars(cluster, namespace);
  const names = ["shop", "ratings"];
  await startMeshChain(cluster, namespace, names);
  await podsReady(cluster, namespace, names);
  const forwarded = await forwardPort(cluster, namespace, "shop", 8080);
  t.after(() => forwarded.close());
  const gauges: Record<string, number> = { shop_failed: 0 };
  const counting = http.createServer((request, response) => {
    const options = { host: "127.0.0.1", port: forwarded.port, path: request.url!, headers: request.headers };
    const asked = http.request(options, (answer) => {
      if (answer.statusCode! >= 500) gauges.shop_failed!++;
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    asked.on("error", () => response.destroy());
    asked.end();
  });
  const target = `http://127.0.0.1:${await listenOnLoopback(t, counting)}`;
  const path = chainPath(names);
  await until("calls to pass", async () => (await fetch(target + path).catch(() => undefined))?.status === 200, {
    withinMs: 60_000,
  });
  gauges.shop_failed = 0;
  const calls = Array.from({ length: 400 }, (_, at) => ({
    ...{ service: "shop", path, at: [at * 100, at * 100 + 5] as [number, number] },
    id: `0${String(at).padStart(7, "0")}-1f03-4c1e-885b-5cab4cc22fc5`,
  }));
  const home = newHome(t);
  const env = { ...home.env, KUBECONFIG: kubeconfig };
  return { cluster, namespace, home, env, target, gauges, tape: await tapeOf(t, calls) };
}
