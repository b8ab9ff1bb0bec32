import assert from "node:assert/strict";
import { test } from "node:test";
import { type FilterTarget, mirrorOff, mirrorOn, mirrorStatus, restore } from "../../mesh/index.js";
import { service } from "../support/cluster.js";
import { MemoryCluster } from "../support/memory-cluster.js";

const to = { host: "recorder.tapeloop.svc.cluster.local", port: { number: 50051 } };

/** Stands for what the recorder's room gives: what matters here is what becomes of it. */
const extProc = ({ host, port, namespace, labels, hop }: FilterTarget): object[] => [
  {
    ...{ apiVersion: "networking.istio.io/v1alpha3", kind: "EnvoyFilter", metadata: { name: "any", namespace } },
    spec: { workloadSelector: { labels }, hop, value: { cluster_name: `outbound|${port}||${host}` } },
  },
  {
    ...{ apiVersion: "networking.istio.io/v1", kind: "DestinationRule", metadata: { name: "any", namespace } },
    spec: { host },
  },
];

async function shop(portName = "grpc-told"): Promise<MemoryCluster> {
  const cluster = new MemoryCluster();
  const labels = { "tapeloop.io/allow-mirror": "true" };
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  for (const name of ["reviews", "ratings"]) await cluster.create(service("shop", name));
  await cluster.create({
    ...{ apiVersion: "v1", kind: "Service", metadata: { name: "recorder", namespace: "tapeloop" } },
    spec: { selector: { app: "recorder" }, ports: [{ name: portName, port: 50051 }] },
  });
  return cluster;
}
const wish = (name: string) => ({ service: name, namespace: "shop", to, evenIfManaged: false, extProc });
const made = async (cluster: MemoryCluster) => {
  const kinds = ["EnvoyFilter", "DestinationRule"];
  const found = await Promise.all(kinds.map((kind) => cluster.list({ apiVersion: "", kind })));
  return found.flat().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
};

test("a service's filter and rule are for its pods alone, and go without those of others", async () => {
  const cluster = await shop();
  await mirrorOn(cluster, wish("reviews"));
  await mirrorOn(cluster, wish("ratings"));
  assert.deepEqual(await made(cluster), [
    ...["EnvoyFilter tapeloop-ext-proc-reviews", "EnvoyFilter tapeloop-ext-proc-ratings"],
    ...["DestinationRule tapeloop-ext-proc-reviews", "DestinationRule tapeloop-ext-proc-ratings"],
  ]);
  const [filter] = await cluster.list({ apiVersion: "", kind: "EnvoyFilter" });
  assert.deepEqual(filter!.spec, {
    ...{ workloadSelector: { labels: { app: "reviews" } }, hop: "reviews" },
    value: { cluster_name: "outbound|50051||recorder.tapeloop.svc.cluster.local" },
  });
  const [rule] = await cluster.list({ apiVersion: "", kind: "DestinationRule" });
  assert.deepEqual(rule!.spec, { host: to.host, workloadSelector: { matchLabels: { app: "reviews" } } });
  const [state] = await mirrorStatus(cluster, "shop");
  assert.deepEqual(
    { ...state, ours: typeof state!.ours },
    {
      ...{ namespace: "shop", kind: "EnvoyFilter", name: "tapeloop-ext-proc-reviews", vantage: "ext-proc" },
      ...{ hosts: ["reviews"], to: `${to.host}:50051`, percent: 100, narrowed: false, routes: 1, ours: "object" },
    },
  );
  assert.equal(await mirrorOn(cluster, wish("reviews")), undefined, "it is on already");
  assert.deepEqual(
    (await mirrorOff(cluster, "shop", "reviews")).map(({ outcome }) => outcome),
    ["deleted", "deleted"],
  );
  assert.equal((await made(cluster)).length, 2);
  await restore(cluster, {});
  assert.deepEqual(await made(cluster), []);
});

test("a recorder's port that proxies would speak HTTP/1.1 to is refused, for nothing would be told", async () => {
  await assert.rejects(
    mirrorOn(await shop("http-told"), wish("reviews")),
    /port 50051 of Service recorder .* is named "http-told".*name it grpc-/,
  );
  const cluster = await shop();
  const cannot = (more: object, words: RegExp) =>
    assert.rejects(mirrorOn(cluster, { ...wish("reviews"), ...more }), words);
  await cannot({ to: { host: to.host, port: { number: 8080 } } }, /has no port 8080 \(it has 50051\)/);
  await cannot({ to: { host: to.host } }, /--to: name the port of recorder/);
  await cannot(
    { to: { host: "nobody.tapeloop.svc.cluster.local", port: { number: 1 } } },
    /there is no Service nobody in namespace tapeloop/,
  );
  await cannot({ service: "nobody" }, /there is no Service nobody in namespace shop/);
  assert.deepEqual(await made(cluster), []);
});

test("a filter of that name that is another is not written over", async () => {
  const cluster = await shop();
  await mirrorOn(cluster, wish("reviews"));
  const elsewhere = { ...wish("reviews"), extProc: (target: FilterTarget) => extProc({ ...target, hop: "other" }) };
  await assert.rejects(
    mirrorOn(cluster, elsewhere),
    /is there already, and not as it would be made: put it back first, with: tapeloop mirror off reviews -n shop/,
  );
});
