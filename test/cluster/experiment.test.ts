import assert from "node:assert/strict";
import http from "node:http";
import { type TestContext, test } from "node:test";
import { type Cluster, forwardPort, restore } from "../../mesh/index.js";
import { asBefore, newNamespace, realCluster, service, virtualService } from "../support/cluster.js";
import { newHome, tapeloop } from "../support/command-line.js";
import { experimentIn, summaryIn } from "../support/experiment-file.js";
import { canMakeImages } from "../support/image.js";
import { killedAfterEachCall } from "../support/killed-after-each-call.js";
import { listenOnLoopback } from "../support/loopback.js";
import { chainPath, injectSidecars, startMeshChain } from "../support/mesh-chain.js";
import { podsReady } from "../support/mesh-pod.js";
import { startPrometheus } from "../support/prometheus.js";
import { needs } from "../support/real-parts.js";
import { tapeOf } from "../support/service-tape.js";
import { until } from "../support/until.js";

async function routesOf(cluster: Cluster, namespace: string): Promise<unknown[]> {
  const found = await cluster.list({ apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace });
  return found.map(asBefore);
}

const hasFault = async (cluster: Cluster, namespace: string) =>
  JSON.stringify(await routesOf(cluster, namespace)).includes('"fault"');

test("experiment run: killed after any of its API calls, restore puts everything back", async (t) => {
  const real = await realCluster(t);
  if (real === undefined) return;
  const { cluster, kubeconfig } = real;
  const namespace = await newNamespace(t, cluster);
  for (const name of ["reviews", "ratings"]) await cluster.create(service(namespace, name));
  await cluster.create(virtualService(namespace, "reviews"));
  const before = await routesOf(cluster, namespace);
  const target = await listenOnLoopback(
    t,
    http.createServer(({ headers }, response) => {
      const isMarked = /tapeloop\.fault=/.test(String(headers.baggage));
      response.writeHead(isMarked ? 503 : 200).end("{}");
    }),
  );
  const tape = await tapeOf(t, [{ service: "shop", path: "/", at: [0, 5] }]);
  const home = newHome(t);
  // One service with a VirtualService, one without: what is changed, and what is made.
  const faults = ["reviews", "ratings"].map((name) => ({ name: `${name}-down`, service: name, abort: 503 }));
  const spec = { tape, target: `http://127.0.0.1:${target}`, mesh: { namespace }, faults, settle: "0" };
  const words = experimentIn(home, spec);
  const command = { kubeconfig, home, words: ["experiment", "run", ...words] };
  const killedAt = await killedAfterEachCall(t, command, async ({ isKilled, code, child, where }) => {
    if (!isKilled) {
      assert.notEqual(code, 2, child.stderr);
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
    assert.deepEqual(await routesOf(cluster, namespace), before, where);
    assert.deepEqual(await restore(cluster, { namespace }), [], "the journal is empty");
  });
  // Reading, and for each fault a journal entry, an object, its way back: fewer would mean that nothing was changed.
  assert.ok(killedAt >= 20, `killed at ${killedAt} calls`);
  t.diagnostic(`killed after each of ${killedAt} calls`);
});

test("on a real mesh", async (t) => {
  const mesh = await startShop(t);
  if (mesh === undefined) return;
  await t.test("a fault that reaches the user trips a query of a real Prometheus, and is gone within one poll", (t) =>
    tripsAQuery(t, mesh),
  );
  await t.test("two faults on one edge meet their Steps, each of them, and the caller's proxy counts as many", (t) =>
    fireBeside(t, mesh),
  );
  await t.test("a fault whose caller has no sidecar is no pass, and it is said why", (t) => firesOnNobody(t, mesh));
});

type Shop = NonNullable<Awaited<ReturnType<typeof startShop>>>;

async function tripsAQuery(t: TestContext, mesh: Shop): Promise<void> {
  const { cluster, namespace, home, env, target, gauges, tape } = mesh;
  const prometheus = await startPrometheus(t, gauges);
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
  gauges.shop_failed = 0;
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
}

const ofVersions = { name: "version", divergences: { attribution: ["version", "interaction"] }, trips: "> 0" };

async function fireBeside(t: TestContext, { cluster, namespace, home, env, target, tape }: Shop): Promise<void> {
  const edge = { service: "ratings", from: { app: "shop" } };
  const faults = [
    { name: "late", ...edge, delay: "700ms", share: "50%" },
    { name: "down", ...edge, abort: 503 },
  ];
  const spec = { tape, target, mesh: { namespace }, faults, limit: 60, pace: "20/s", thresholds: [ofVersions] };
  const { code, stdout, stderr } = await tapeloop(t, { ...home, env }, [
    "experiment",
    "run",
    ...experimentIn(home, spec),
  ]);
  assert.equal(code, 0, stdout + stderr);
  const [late, down] = summaryIn(home).faults.map(({ fired }) => fired!);
  assert.ok(late!.steps > 0 && down!.steps > 0 && late!.steps + down!.steps === 60);
  t.diagnostic(`late ${JSON.stringify(late)}, down ${JSON.stringify(down)}`);
  // Each call that the proxy aborts is one that fails for the user; how late one is says little on a busy machine.
  assert.ok(late!.isProven && late!.injected! > 0 && late!.injected! <= late!.steps);
  assert.ok(down!.isProven && down!.injected! > 0 && down!.injected! === down!.showed);
  assert.match(
    stdout,
    new RegExp(`showed in ${down!.showed} of ${down!.steps} Steps, injected ${down!.injected} times\n`),
  );
  assert.deepEqual(
    summaryIn(home).putBack.map(({ fault, outcome }) => [fault, outcome]),
    [
      ["down", "as-before"],
      ["late", "deleted"],
    ],
  );
  assert.deepEqual(await routesOf(cluster, namespace), []);
}

async function firesOnNobody(t: TestContext, { cluster, namespace, home, env, bare, tape }: Shop): Promise<void> {
  const faults = [{ name: "down", service: "ratings", from: { app: "bare" }, abort: 503 }];
  const spec = { tape, target: bare, mesh: { namespace }, faults, limit: 20, pace: "20/s", thresholds: [ofVersions] };
  const { code, stdout, stderr } = await tapeloop(t, { ...home, env }, [
    "experiment",
    "run",
    ...experimentIn(home, spec),
  ]);
  assert.equal(code, 3, stdout + stderr);
  const { conclusion, reasons, faults: found, replay } = summaryIn(home);
  assert.equal(conclusion, "Inconclusive");
  assert.match(reasons[0]!, /^fault down is not known to have fired: none of its 20 Steps showed it/);
  assert.match(reasons[0]!, /TL0103 at VirtualService \S+\/tapeloop-fault-ratings .*no caller has a sidecar.*: bare$/);
  assert.deepEqual(found[0]!.fired, { steps: 20, showed: 0, isProven: false });
  assert.equal(replay!.answered, 20, "everything else was well");
  assert.deepEqual(await routesOf(cluster, namespace), []);
}

/** shop → ratings with sidecars, of which shop's counts faults, and `bare` → ratings without one. A way into both from here. */
async function startShop(t: TestContext) {
  const real = await realCluster(t);
  if (real === undefined) return undefined;
  if (!needs(t, "a way to put images into the cluster", canMakeImages(), "see ../shared/cluster")) return undefined;
  const { cluster, kubeconfig } = real;
  const namespace = await newNamespace(t, cluster);
  await injectSidecars(cluster, namespace);
  const names = ["shop", "bare", "ratings"];
  const counting = {
    "proxy.istio.io/config": JSON.stringify({ proxyStatsMatcher: { inclusionRegexps: [".*fault.*"] } }),
  };
  await startMeshChain(cluster, namespace, names, (name) => ({
    ...(name === "shop" ? { annotations: counting } : {}),
    ...(name === "bare" ? { labels: { "sidecar.istio.io/inject": "false" } } : {}),
  }));
  await podsReady(cluster, namespace, names);
  const gauges: Record<string, number> = { shop_failed: 0 };
  const target = await wayInto(t, cluster, namespace, "shop", () => gauges.shop_failed!++);
  const bare = await wayInto(t, cluster, namespace, "bare");
  // Of what each calls: its own path is as good as that of the other.
  const path = chainPath(["", "ratings"]);
  for (const way of [target, bare]) {
    const passes = async () => (await fetch(way + path).catch(() => undefined))?.status === 200;
    await until("calls to pass", passes, { withinMs: 90_000 });
  }
  gauges.shop_failed = 0;
  const calls = Array.from({ length: 400 }, (_, at) => ({
    ...{ service: "shop", path, at: [at * 100, at * 100 + 5] as [number, number] },
    id: `0${String(at).padStart(7, "0")}-1f03-4c1e-885b-5cab4cc22fc5`,
  }));
  const home = newHome(t);
  const env = { ...home.env, KUBECONFIG: kubeconfig };
  return { cluster, namespace, home, env, target, bare, gauges, tape: await tapeOf(t, calls) };
}

/** A port here that leads to a pod's, past the sidecar in front of it; tells of answers that failed. */
async function wayInto(
  t: TestContext,
  cluster: Cluster,
  namespace: string,
  pod: string,
  failed: () => void = () => {},
): Promise<string> {
  const forwarded = await forwardPort(cluster, namespace, pod, 8080);
  t.after(() => forwarded.close());
  const passing = http.createServer((request, response) => {
    const options = { host: "127.0.0.1", port: forwarded.port, path: request.url!, headers: request.headers };
    const asked = http.request(options, (answer) => {
      if (answer.statusCode! >= 500) failed();
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    asked.on("error", () => response.destroy());
    asked.end();
  });
  return `http://127.0.0.1:${await listenOnLoopback(t, passing)}`;
}
