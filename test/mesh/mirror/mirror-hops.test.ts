import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ClusterObject,
  ClusterRefusal,
  mirrorHopsOn,
  mirrorOff,
  restore,
  wouldMirrorHops,
} from "../../../mesh/index.js";
import { asBefore, recorderService, service, virtualService } from "../../support/cluster.js";
import { MemoryCluster } from "../../support/memory-cluster.js";

const to = { host: "recorder.tapeloop.svc.cluster.local", port: { number: 8080 } };
const wish = { namespace: "shop", to, evenIfManaged: false };

async function shop(cluster = new MemoryCluster()): Promise<MemoryCluster> {
  const labels = { "tapeloop.io/allow-mirror": "true" };
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  await cluster.create(recorderService());
  for (const name of ["productpage", "reviews", "ratings"]) await cluster.create(service("shop", name));
  await cluster.create(virtualService("shop", "reviews"));
  return cluster;
}
const routes = async (cluster: MemoryCluster) =>
  (await cluster.list({ apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace: "shop" }))
    .map(asBefore)
    .sort((a, b) => ((a as ClusterObject).metadata.name < (b as ClusterObject).metadata.name ? -1 : 1));

test("every service gets an entry of its own, so that one comes back without the others", async () => {
  const cluster = await shop();
  const before = await routes(cluster);
  assert.equal((await wouldMirrorHops(cluster, wish)).length, 3);
  assert.deepEqual(await routes(cluster), before, "asking changes nothing");
  const hops = await mirrorHopsOn(cluster, wish);
  assert.deepEqual(hops.turnedOn, ["productpage", "ratings", "reviews"]);
  assert.deepEqual((await mirrorHopsOn(cluster, wish)).turnedOn, [], "all are on already");
  assert.equal((await mirrorOff(cluster, "shop", "ratings")).length, 1);
  assert.deepEqual((await mirrorHopsOn(cluster, wish)).turnedOn, ["ratings"]);
  assert.equal((await mirrorOff(cluster, "shop")).length, 3);
  assert.deepEqual(await routes(cluster), before);
});

test("one that cannot be mirrored stops all before anything is changed", async () => {
  const cluster = await shop();
  await cluster.create(virtualService("shop", "reviews-too"));
  const twice = (await cluster.read({
    apiVersion: "",
    kind: "VirtualService",
    namespace: "shop",
    name: "reviews-too",
  }))!;
  await cluster.replace({ ...twice, spec: { ...(twice.spec as object), hosts: ["reviews"] } });
  const before = await routes(cluster);
  await assert.rejects(mirrorHopsOn(cluster, wish), /are both for host reviews/);
  assert.deepEqual(await routes(cluster), before);
  assert.deepEqual(await restore(cluster, {}), []);
});

test("a refusal half way puts back those that were on", async () => {
  class Refusing extends MemoryCluster {
    override async replace(object: ClusterObject): Promise<ClusterObject> {
      if (object.kind === "VirtualService" && object.metadata.name === "reviews" && !this.isOver)
        throw new ClusterRefusal(403, "admission webhook said no");
      return super.replace(object);
    }
    isOver = false;
  }
  const cluster = new Refusing();
  await shop(cluster);
  const before = await routes(cluster);
  const isMade: boolean[] = [];
  const create = cluster.create.bind(cluster);
  cluster.create = async (object) => {
    if (object.kind === "VirtualService") isMade.push(true);
    return create(object);
  };
  await assert.rejects(mirrorHopsOn(cluster, wish), /admission webhook said no/);
  assert.equal(isMade.length, 2, "two were on");
  assert.deepEqual(await routes(cluster), before);
  assert.deepEqual(await restore(cluster, {}), [], "the journal is empty");
});
