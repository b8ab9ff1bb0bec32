import assert from "node:assert/strict";
import { test } from "node:test";
import { podsOf } from "../../../mesh/index.js";
import { countCopies } from "../../../mesh/mirror/copy-counts.js";
import { clustersPage, PodsCluster } from "../../support/pods-cluster.js";

const to = { host: "recorder.tapeloop.svc.cluster.local", port: { number: 8080 } };
const recorder = "outbound|8080||recorder.tapeloop.svc.cluster.local";
const counted = { to, vantage: "mirror", namespace: "shop", services: ["reviews"] } as const;

/** An Envoy with these counts for the recorder, calls to reviews, and stats. */
function envoy(counts: Record<string, number>, calls: number, stats = "") {
  const page = clustersPage({
    [recorder]: counts,
    "outbound|9090||recorder.tapeloop.svc.cluster.local": { rq_total: 1000 },
    "outbound|80||reviews.shop.svc.cluster.local": { rq_total: calls },
    "outbound|80|v1|reviews.shop.svc.cluster.local": { rq_total: 1 },
    "outbound|80||reviews.other.svc.cluster.local": { rq_total: 500 },
  });
  return (path: string) => (path === "/clusters" ? page : path.startsWith("/stats") ? stats : undefined);
}

test("what sidecars count of copies is added up, whichever pods they are of", async (t) => {
  const cluster = new PodsCluster(t);
  const overflow = (count: number) => `cluster.${recorder};.upstream_rq_pending_overflow: ${count}\n`;
  const counts = { rq_total: 10, rq_success: 7, rq_error: 3, rq_timeout: 1, cx_connect_fail: 2 };
  await cluster.addPod("a", { namespace: "shop", sidecar: envoy(counts, 20, overflow(4)) });
  await cluster.addPod("b", { namespace: "shop", sidecar: envoy(counts, 2, overflow(1)) });
  await cluster.addPod("plain", { namespace: "shop" });
  const { calls, ...sums } = await countCopies(cluster, await podsOf(cluster, "shop", {}), counted);
  assert.deepEqual(sums, {
    ...{ sent: 20, answered: 14, failed: 6, timedOut: 2, unconnected: 4, overflowed: 5 },
    ...{ pods: ["a", "b"], strangers: [], unread: [] },
  });
  assert.deepEqual([...calls], [["reviews", 24]]);
});

test("what one sidecar does not keep is not known of all, and never nought", async (t) => {
  const cluster = new PodsCluster(t);
  await cluster.addPod("a", {
    namespace: "shop",
    sidecar: envoy({ rq_total: 1 }, 1, `cluster.${recorder};.upstream_rq_pending_overflow: 0`),
  });
  await cluster.addPod("b", { namespace: "shop", sidecar: envoy({ rq_total: 1 }, 1) });
  const pods = await podsOf(cluster, "shop", {});
  assert.equal("overflowed" in (await countCopies(cluster, pods, counted)), false);
  const [a] = pods.filter(({ name }) => name === "a");
  assert.equal((await countCopies(cluster, [a!], counted)).overflowed, 0);
});

test("sidecars that know no instance of the recorder, or cannot be asked, are named", async (t) => {
  const cluster = new PodsCluster(t);
  await cluster.addPod("a", { namespace: "shop", sidecar: envoy({ rq_total: 1 }, 0) });
  await cluster.addPod("fenced", { namespace: "shop", sidecar: () => "" });
  await cluster.addPod("broken", { namespace: "shop", sidecar: () => undefined });
  const counts = await countCopies(cluster, await podsOf(cluster, "shop", {}), counted);
  assert.deepEqual(
    [counts.pods, counts.strangers, counts.unread.map(({ pod }) => pod)],
    [["a"], ["fenced"], ["broken"]],
  );
  assert.match(counts.unread[0]!.why, /cannot read \/clusters at port 15000 of pod broken .*it answered 404/);
});

test("of ext-proc streams are counted, calls that came in, and what could not be told where that is kept", async (t) => {
  const cluster = new PodsCluster(t);
  const page = clustersPage({
    "outbound|50051||recorder.tapeloop.svc.cluster.local": { rq_total: 5, rq_error: 1 },
    "inbound|8080||": { rq_total: 7 },
  });
  const untold = "http.inbound_0.0.0.0_8080;.ext_proc.failure_mode_allowed: 2\n";
  const stats = (path: string) => (path.includes("http") ? untold : "");
  await cluster.addPod("a", { namespace: "shop", sidecar: (path) => (path === "/clusters" ? page : stats(path)) });
  const { calls, ...counts } = await countCopies(cluster, await podsOf(cluster, "shop", {}), {
    ...{ to: { ...to, port: { number: 50051 } }, vantage: "ext-proc", namespace: "shop", services: ["reviews"] },
  });
  assert.deepEqual(counts, {
    ...{ sent: 5, failed: 1, timedOut: 0, unconnected: 0, untold: 2, pods: ["a"], strangers: [], unread: [] },
  });
  assert.deepEqual([...calls], [["reviews", 7]]);
});
