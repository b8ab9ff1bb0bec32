import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ClusterObject,
  faultOff,
  faultOn,
  mirrorOff,
  mirrorOn,
  putBackEntry,
  restore,
} from "../../../mesh/index.js";
import { readJournal } from "../../../mesh/journal/journal.js";
import { typedFault } from "../../../virtual-service/index.js";
import { asBefore, recorderService, service, virtualService } from "../../support/cluster.js";
import { MemoryCluster } from "../../support/memory-cluster.js";

const to = { host: "recorder.tapeloop.svc.cluster.local", port: { number: 8080 } };
const wish = { service: "reviews", namespace: "shop", evenIfManaged: false };
const faults = [typedFault("delay", "1s")!];

async function shop(...objects: ClusterObject[]): Promise<MemoryCluster> {
  const cluster = new MemoryCluster();
  const labels = { "tapeloop.io/allow-mirror": "true", "tapeloop.io/allow-faults": "true" };
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  await cluster.create(recorderService());
  for (const object of [service("shop", "reviews"), ...objects]) await cluster.create(object);
  return cluster;
}
const routes = (cluster: MemoryCluster) => cluster.list({ apiVersion: "", kind: "VirtualService", namespace: "shop" });

const changes: Readonly<Record<string, (cluster: MemoryCluster) => Promise<unknown>>> = {
  mirror: (cluster) => mirrorOn(cluster, { ...wish, to }),
  "mirror of a share": (cluster) =>
    mirrorOn(cluster, { ...wish, to: { ...to, port: { number: 8081 } }, requestIds: ".*[0-3]" }),
  "fault for a share": (cluster) => faultOn(cluster, { ...wish, name: "slow", faults, percent: 50 }),
};

function ordersOf<T>(all: readonly T[]): T[][] {
  return all.length <= 1
    ? [[...all]]
    : all.flatMap((one, at) => ordersOf(all.toSpliced(at, 1)).map((rest) => [one, ...rest]));
}

for (const [where, objects] of [
  ["a VirtualService", [virtualService("shop", "reviews")]],
  ["a service without one", []],
] as const) {
  test(`several changes of ${where}, put back in whatever order, leave nothing of ours`, async () => {
    for (const made of ordersOf(Object.keys(changes))) {
      for (const order of ordersOf([0, 1, 2])) {
        const cluster = await shop(...objects);
        const before = (await routes(cluster)).map(asBefore);
        for (const name of made) await changes[name]!(cluster);
        const entries = (await readJournal(cluster, "shop")).toReversed();
        const outcomes: string[] = [];
        for (const at of order) outcomes.push(...(await putBackEntry(cluster, entries[at]!)).map((one) => one.outcome));
        const said = `${made.join(", ")}; put back ${order.join()}: ${outcomes.join()}`;
        assert.deepEqual((await routes(cluster)).map(asBefore), before, said);
        assert.equal(outcomes.at(-1), objects.length === 0 ? "deleted" : "as-before", said);
        assert.ok(!outcomes.includes("edits-kept"), said);
      }
    }
  });
}

test("what one change took from another goes with that one: nothing is delayed or copied that was turned off", async () => {
  const isOf = (what: "fault" | "mirrors") => async (cluster: MemoryCluster) =>
    (await routes(cluster)).flatMap(({ spec }) => (spec as { http: object[] }).http).some((route) => what in route);
  for (const made of ordersOf(Object.keys(changes))) {
    for (const [off, left] of [
      [faultOff, "fault"],
      [mirrorOff, "mirrors"],
    ] as const) {
      const cluster = await shop(virtualService("shop", "reviews"));
      for (const name of made) await changes[name]!(cluster);
      await off(cluster, "shop");
      assert.equal(await isOf(left)(cluster), false, `${left} is left after ${made.join(", ")}`);
    }
  }
});

test("a VirtualService that we made goes with the last of our changes, unless others have edited it", async () => {
  const cluster = await shop();
  await changes.mirror!(cluster);
  await changes["fault for a share"]!(cluster);
  const [now] = await routes(cluster);
  const spec = now!.spec as { http: object[] };
  await cluster.replace({ ...now!, spec: { ...spec, http: [...spec.http, { redirect: { uri: "/new" } }] } });
  const outcomes = [...(await mirrorOff(cluster, "shop")), ...(await faultOff(cluster, "shop"))];
  assert.deepEqual(
    outcomes.map(({ outcome }) => outcome),
    ["ours-kept", "edits-kept"],
  );
  const [left] = await routes(cluster);
  assert.deepEqual((left!.spec as { http: object[] }).http.at(-1), { redirect: { uri: "/new" } });
  assert.deepEqual(await restore(cluster, { namespace: "shop" }), []);
});

test("what others edited between two changes is told at the end, whichever goes first", async () => {
  for (const order of [
    [mirrorOff, faultOff],
    [faultOff, mirrorOff],
  ] as const) {
    const cluster = await shop(virtualService("shop", "reviews"));
    await changes.mirror!(cluster);
    const [now] = await routes(cluster);
    await cluster.replace({ ...now!, spec: { ...(now!.spec as object), gateways: ["mesh", "shop"] } });
    await changes["fault for a share"]!(cluster);
    const outcomes = [...(await order[0](cluster, "shop")), ...(await order[1](cluster, "shop"))];
    assert.equal(outcomes.at(-1)!.outcome, "edits-kept");
  }
});
