import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { type ClusterObject, restore } from "../../../mesh/index.js";
import { makeChanges } from "../../../mesh/journal/change.js";
import { virtualService } from "../../support/cluster.js";
import { MemoryCluster } from "../../support/memory-cluster.js";

const ref = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace: "shop", name: "reviews" };
const intent = { kind: "test", subject: "reviews", what: "try reviews", namespace: "shop" };

/** A cluster whose API server stands still from the first write of a VirtualService until it is thawed. */
async function freezing() {
  const cluster = new MemoryCluster();
  await cluster.create(virtualService("shop", "reviews"));
  const { read, replace, create } = cluster;
  let late: (() => Promise<ClusterObject>) | undefined;
  const gone = () => Promise.reject(new OperatorError("cannot reach the cluster at memory: no answer within 15 s"));
  const held = (write: typeof replace) => (object: ClusterObject) => {
    if (late === undefined && object.kind !== "VirtualService") return write.call(cluster, object);
    late ??= () => write.call(cluster, object);
    return gone();
  };
  cluster.replace = held(replace);
  cluster.create = held(create);
  cluster.read = (at) => (late === undefined ? read.call(cluster, at) : gone());
  const thaw = () => Object.assign(cluster, { read, replace, create });
  return { cluster, thaw, lateWrite: () => late!() };
}

test("a change that was given up, and is carried out after restore, is refused", async () => {
  const { cluster, thaw, lateWrite } = await freezing();
  const before = (await cluster.read(ref))!;
  const change = async () => [
    { now: before, after: { ...before, spec: { ...(before.spec as object), hosts: ["ours"] } } },
  ];
  await assert.rejects(makeChanges(cluster, intent, change), {
    message:
      "cannot try reviews: cannot reach the cluster at memory: no answer within 15 s; what of it was done is in the journal: put it back with: tapeloop restore -n shop",
  });
  thaw();
  const [one] = await restore(cluster, { namespace: "shop", evenIfAlive: true });
  assert.equal(one!.objects![0]!.outcome, "untouched");
  await assert.rejects(lateWrite(), { status: 409 });
  const now = (await cluster.read(ref))!;
  assert.deepEqual([now.spec, now.metadata.annotations], [before.spec, undefined]);
});

test("what is made after it was given up belongs to the journal's entry, with which the cluster takes it away", async () => {
  const { cluster, thaw, lateWrite } = await freezing();
  const after = virtualService("shop", "ours");
  await assert.rejects(makeChanges(cluster, intent, async () => [{ after }]));
  thaw();
  const [entry] = await cluster.list({ apiVersion: "v1", kind: "ConfigMap", namespace: "shop" });
  const { name, uid } = entry!.metadata;
  const made = await lateWrite();
  assert.deepEqual(made.metadata.ownerReferences, [{ apiVersion: "v1", kind: "ConfigMap", name, uid }]);
});

test("of several objects the one that was changed last is put back first", async () => {
  const cluster = new MemoryCluster();
  const names = ["details", "reviews", "ratings"];
  const befores: ClusterObject[] = [];
  for (const name of names) befores.push(await cluster.create(virtualService("shop", name)));
  const changed = (now: ClusterObject) => ({ now, after: { ...now, spec: { ...(now.spec as object), hosts: ["x"] } } });
  await makeChanges(cluster, intent, async () => befores.map(changed));
  const written: string[] = [];
  const { replace } = cluster;
  cluster.replace = (object) => {
    if (object.kind === "VirtualService") written.push(object.metadata.name!);
    return replace.call(cluster, object);
  };
  await restore(cluster, { namespace: "shop" });
  assert.deepEqual(written, names.toReversed());
});
