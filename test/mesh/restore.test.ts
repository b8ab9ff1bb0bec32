import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Cluster, restore } from "../../mesh/index.js";
import { type Intent, makeChanges } from "../../mesh/journal/change.js";
import { virtualService } from "../support/cluster.js";
import { MemoryCluster } from "../support/memory-cluster.js";

const ref = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace: "shop", name: "reviews" };
const intent: Intent = { kind: "test", subject: "reviews", what: "try reviews", namespace: "shop" };

/** One more host for the VirtualService. */
async function addHost(cluster: Cluster, more: Partial<Intent> = {}, host = "ours") {
  return makeChanges(cluster, { ...intent, ...more }, async () => {
    const now = (await cluster.read(ref))!;
    const spec = now.spec as { hosts: string[] };
    return [{ now, after: { ...now, spec: { ...spec, hosts: [...spec.hosts, host] } } }];
  });
}

async function withReviews(): Promise<MemoryCluster> {
  const cluster = new MemoryCluster();
  await cluster.create(virtualService("shop", "reviews"));
  return cluster;
}
const hosts = async (cluster: Cluster) => ((await cluster.read(ref))!.spec as { hosts: string[] }).hosts;

describe("restore", () => {
  test("puts back several changes of one object, newest first, and empties the journal", async () => {
    const cluster = await withReviews();
    await addHost(cluster, { what: "first" }, "one");
    await addHost(cluster, { what: "second" }, "two");
    assert.deepEqual(await hosts(cluster), ["reviews", "one", "two"]);
    const done = await restore(cluster, { namespace: "shop" });
    assert.deepEqual(
      done.map(({ what }) => what),
      ["second", "first"],
    );
    assert.deepEqual(
      done.flatMap(({ objects }) => objects!.map(({ outcome }) => outcome)),
      ["as-before", "as-before"],
    );
    assert.deepEqual(await hosts(cluster), ["reviews"]);
    assert.equal((await cluster.read(ref))!.metadata.annotations, undefined);
    assert.deepEqual(await restore(cluster), []);
  });

  test("only says what it would do, when asked to", async () => {
    const cluster = await withReviews();
    await addHost(cluster);
    const [one] = await restore(cluster, { namespace: "shop", dryRun: true });
    assert.deepEqual([one!.what, one!.objects, await hosts(cluster)], ["try reviews", undefined, ["reviews", "ours"]]);
  });

  test("leaves alone what a command that may be alive holds, until its lease has run out", async () => {
    const cluster = await withReviews();
    await addHost(cluster, { leaseMs: 60_000 });
    const [held] = await restore(cluster);
    assert.deepEqual([held!.alive, held!.objects], [true, undefined]);
    const [after] = await restore(cluster, { now: new Date(Date.now() + 61_000) });
    assert.deepEqual([after!.alive, after!.objects!.length], [false, 1]);
    assert.deepEqual(await hosts(cluster), ["reviews"]);
  });

  test("puts back what a living command holds, when it has to", async () => {
    const cluster = await withReviews();
    await addHost(cluster, { leaseMs: 60_000 });
    await restore(cluster, { evenIfAlive: true });
    assert.deepEqual(await hosts(cluster), ["reviews"]);
  });

  test("leaves gone what somebody has deleted since", async () => {
    const cluster = await withReviews();
    await addHost(cluster);
    await cluster.remove((await cluster.read(ref))!);
    const [one] = await restore(cluster);
    assert.deepEqual([one!.objects![0]!.outcome, await cluster.read(ref)], ["gone", undefined]);
  });

  test("knows namespaces apart", async () => {
    const cluster = await withReviews();
    await addHost(cluster);
    assert.deepEqual(await restore(cluster, { namespace: "other" }), []);
  });
});
