import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "yaml";
import { clusterSwitch, isPutBack } from "../../experiment/faults/switch.js";
import { faultPlanOf, plannedFaults, wishOf } from "../../experiment/faults/wishes.js";
import { parseExperiment } from "../../experiment/index.js";
import { type Cluster, type ClusterObject, restore } from "../../mesh/index.js";
import { service, virtualService } from "../support/cluster.js";
import { MemoryCluster } from "../support/memory-cluster.js";

const mesh = { namespace: "shop", evenIfManaged: false };
const names = ["reviews", "ratings"];
const down = (name: string) => ({ name: `${name}-down`, service: name, abort: 503, delay: "2s" });

function experiment(faults: object[]) {
  const text = stringify({
    ...{ apiVersion: "tapeloop.io/v1alpha1", kind: "Experiment", metadata: { name: "trial" } },
    spec: { target: "http://127.0.0.1:9081", mesh: { namespace: "shop" }, faults },
  });
  return parseExperiment(text, "trial.yaml");
}
const wishesFor = (faults: object[]) => plannedFaults(experiment(faults), "trial.yaml").map((one) => wishOf(one, mesh));

async function shop(): Promise<{ cluster: MemoryCluster; routes: () => Promise<ClusterObject[]> }> {
  const cluster = new MemoryCluster();
  const labels = { "tapeloop.io/allow-faults": "true" };
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  for (const name of names) {
    await cluster.create(service("shop", name));
    await cluster.create(virtualService("shop", name));
  }
  const which = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace: "shop" };
  return { cluster, routes: () => cluster.list(which) };
}
const events = { turnedOn: () => {}, lost: () => {} };
const specsOf = (objects: readonly ClusterObject[]) => objects.map(({ spec }) => spec);

test("what is marked is what the mesh matches: the same mark at each run, another for each fault", () => {
  const file = experiment(names.map(down));
  const planned = plannedFaults(file, "trial.yaml");
  assert.deepEqual(plannedFaults(file, "trial.yaml"), planned);
  const marks = planned.map(({ mark }) => mark!);
  assert.ok(marks[0] !== marks[1] && marks.every((mark) => /^[0-9a-f]{8}$/.test(mark)));
  assert.deepEqual(
    faultPlanOf(planned, file, "trial.yaml")!.faults.map(({ mark }) => mark),
    marks,
  );
  const [wish] = wishesFor([down("reviews")]);
  assert.deepEqual(
    wish!.faults.map(({ kind }) => kind),
    ["delay", "abort"],
  );
  assert.equal(wish!.mark, marks[0]);
  const [drawn] = wishesFor([{ name: "some", service: "reviews", abort: "grpc:UNAVAILABLE", ofAllCalls: "5%" }]);
  assert.deepEqual([drawn!.mark, drawn!.percent], [undefined, 5]);
});

test("off while it is being turned on waits for what is under way, and nothing more comes on", async () => {
  const { cluster, routes } = await shop();
  const before = specsOf(await routes());
  const faults = clusterSwitch(cluster, wishesFor(names.map(down)), "a test");
  const turning = faults.on(events);
  const proofs = await faults.off();
  await turning;
  assert.deepEqual(specsOf(await routes()), before);
  assert.deepEqual(await restore(cluster, { namespace: "shop" }), []);
  assert.ok(proofs.length <= 1 && proofs.every(isPutBack));
  assert.equal(await faults.off(), proofs, "a second call gives the same");
});

test("one that cannot be turned on leaves those before it to be put back", async () => {
  const { cluster, routes } = await shop();
  const before = specsOf(await routes());
  const faults = clusterSwitch(cluster, wishesFor([down("reviews"), down("details")]), "a test");
  await assert.rejects(faults.on(events), /there is no Service details/);
  assert.deepEqual(
    (await faults.off()).map(({ outcome }) => outcome),
    ["as-before"],
  );
  assert.deepEqual(specsOf(await routes()), before);
});

test("a fault that somebody has taken out or changed meanwhile is told from one beside which they edited", async () => {
  type Spec = { http: { fault?: { abort: { httpStatus: number } }; timeout?: string }[] };
  const edits: [string, (spec: Spec, before: Spec) => unknown, boolean][] = [
    ["as it was written, mark and all", (_, before) => before, false],
    [
      "another status",
      ({ http }) => void Object.assign(http.find(({ fault }) => fault)!.fault!.abort, { httpStatus: 500 }),
      false,
    ],
    ["one of its two routes gone", ({ http }) => void http.splice(0, 1), false],
    ["another timeout", ({ http }) => void Object.assign(http.at(-1)!, { timeout: "9s" }), true],
    ["nothing", () => {}, true],
  ];
  for (const [what, edit, isInPlace] of edits) {
    const { cluster, routes } = await shop();
    const [before] = structuredClone(await routes());
    const faults = clusterSwitch(cluster, wishesFor([{ ...down("reviews"), delay: undefined }]), "a test");
    await faults.on(events);
    const now = (await cluster.read({ ...before!, name: "reviews", namespace: "shop" }))!;
    const spec = edit(now.spec as Spec, before!.spec as unknown as Spec) ?? now.spec;
    await cluster.replace({ ...now, spec });
    assert.deepEqual(
      (await faults.off()).map(({ wasInPlace }) => wasInPlace),
      [isInPlace],
      what,
    );
  }
});

test("what cannot be put back is said, and stays in the journal for restore", async () => {
  const { cluster } = await shop();
  let isGone = false;
  const failing: Cluster = new Proxy<Cluster>(cluster, {
    get(target, key: keyof Cluster) {
      const member = target[key];
      if (typeof member !== "function") return member;
      return isGone ? () => Promise.reject(new Error("the API server is gone")) : member.bind(target);
    },
  });
  const faults = clusterSwitch(failing, wishesFor([down("reviews")]), "a test");
  await faults.on(events);
  isGone = true;
  const [proof] = await faults.off();
  assert.deepEqual([proof!.outcome, proof!.why], ["failed", "the API server is gone"]);
  assert.equal((await restore(cluster, { namespace: "shop", evenIfAlive: true })).length, 1);
});
