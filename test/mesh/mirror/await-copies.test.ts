import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Interrupted } from "../../../base/index.js";
import { CopyWatch, type MirrorToProve } from "../../../mesh/index.js";
import { clustersPage, PodsCluster } from "../../support/pods-cluster.js";

const to = { host: "recorder.tapeloop.svc.cluster.local", port: { number: 8080 } };
const mirror: MirrorToProve = { namespace: "shop", services: ["reviews"], to, vantage: "mirror" };

/** A namespace with one caller of reviews, and a recorder; the counts may be changed at any time. */
async function shop(t: TestContext, { hasRecorderPage = true } = {}) {
  const cluster = new PodsCluster(t);
  const counts = { calls: 5, sent: 3, answered: 3, failed: 0, recorder: 100 };
  const page = () =>
    clustersPage({
      "outbound|80||reviews.shop.svc.cluster.local": { rq_total: counts.calls },
      "outbound|8080||recorder.tapeloop.svc.cluster.local": {
        ...{ rq_total: counts.sent, rq_success: counts.answered, rq_error: counts.failed },
      },
    });
  await cluster.addPod("productpage", { namespace: "shop", sidecar: (path) => (path === "/clusters" ? page() : "") });
  const metrics = (path: string) =>
    path === "/metrics" ? `tapeloop_recorder_seen_total ${counts.recorder}\n` : undefined;
  await cluster.addPod("recorder-1", {
    namespace: "tapeloop",
    labels: { app: "recorder" },
    ...(hasRecorderPage && { more: { 9090: metrics } }),
  });
  const spec = { selector: { app: "recorder" } };
  await cluster.create({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "recorder", namespace: "tapeloop" },
    spec,
  });
  const watch = new CopyWatch(cluster, mirror);
  await watch.begin();
  return { watch, counts, cluster };
}

test("a copy has arrived when a sidecar had an answer and the recorder counts a call more", async (t) => {
  const { watch, counts } = await shop(t);
  Object.assign(counts, { calls: 6, sent: 4, answered: 4 });
  assert.equal((await watch.proof(0)).kind, "not-seen", "the recorder itself has not seen it");
  counts.recorder = 101;
  assert.deepEqual(await watch.proof(0), { kind: "arrived", sent: 1, recorder: 1 });
});

test("where the recorder's own count cannot be read, the sidecars' word is taken", async (t) => {
  const { watch, counts } = await shop(t, { hasRecorderPage: false });
  Object.assign(counts, { calls: 6, sent: 4, answered: 4 });
  assert.deepEqual(await watch.proof(0), { kind: "arrived", sent: 1 });
});

test("what is not proven is said with what was seen of it", async (t) => {
  const { watch, counts } = await shop(t);
  const why = async () => {
    const proof = await watch.proof(0);
    assert.equal(proof.kind, "not-seen");
    return (proof as { why: string }).why;
  };
  counts.recorder = 105; // By others.
  assert.match(await why(), /^no call to reviews was seen at 1 sidecars/);
  counts.calls = 9;
  assert.match(
    await why(),
    /^4 calls to reviews were made and none came to recorder\.tapeloop\.svc\.cluster\.local:8080: has the change reached/,
  );
  Object.assign(counts, { sent: 5, failed: 2 });
  assert.match(await why(), /^2 were sent to \S+ and none was taken \(2 failed, 0 connections/);
});

test("nobody being there to make copies is said", async (t) => {
  const cluster = new PodsCluster(t);
  await cluster.addPod("plain", { namespace: "shop" });
  const watch = new CopyWatch(cluster, mirror);
  await watch.begin();
  assert.deepEqual(await watch.proof(0), {
    kind: "not-seen",
    why: "no pod in namespace shop has a sidecar, and sidecars are what makes copies",
  });
  await cluster.addPod("fenced", { namespace: "shop", sidecar: () => "" });
  assert.match(((await watch.proof(0)) as { why: string }).why, /^no sidecar knows an instance of recorder/);
});

test("an interrupted wait leaves the mirror on, and says so", async (t) => {
  const { watch } = await shop(t);
  await assert.rejects(watch.proof(60_000, AbortSignal.abort()), (thrown) => {
    assert.ok(thrown instanceof Interrupted);
    assert.match(thrown.message, /the mirror stays on/);
    return true;
  });
});
