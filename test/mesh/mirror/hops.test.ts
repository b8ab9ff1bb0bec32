import assert from "node:assert/strict";
import { test } from "node:test";
import { hopsOf } from "../../../mesh/mirror/hops.js";
import { MemoryCluster } from "../../support/memory-cluster.js";

const selector = (app: string) => ({ app });
const http = [{ name: "http", port: 80 }];

async function namespaceWith(services: Readonly<Record<string, object>>): Promise<MemoryCluster> {
  const cluster = new MemoryCluster();
  for (const [name, { labels = {}, ...spec }] of Object.entries(services) as [
    string,
    { labels?: Record<string, string> },
  ][]) {
    await cluster.create({ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "shop", labels }, spec });
  }
  return cluster;
}
const recorder = "recorder.shop.svc.cluster.local";

test("hops are the services with pods that speak HTTP, by name; others are left out with the reason", async () => {
  const cluster = await namespaceWith({
    reviews: { selector: selector("reviews"), ports: http },
    unnamed: { selector: selector("unnamed"), ports: [{ port: 8080 }] },
    both: {
      selector: selector("both"),
      ports: [
        { name: "tcp-admin", port: 1 },
        { name: "grpc-x", port: 2 },
      ],
    },
    app: { selector: selector("app"), ports: [{ name: "mysql", appProtocol: "http", port: 1 }] },
    db: {
      selector: selector("db"),
      ports: [
        { name: "mysql", port: 3306 },
        { name: "dns", port: 53, protocol: "UDP" },
      ],
    },
    tls: { selector: selector("tls"), ports: [{ name: "https-web", port: 443 }] },
    outside: { type: "ExternalName" },
    bare: { ports: http },
    recorder: { selector: selector("recorder"), ports: http },
    other: { labels: { "app.kubernetes.io/part-of": "tapeloop" }, selector: selector("other"), ports: http },
  });
  assert.deepEqual(await hopsOf(cluster, "shop", { recorder, onePerPods: false }), {
    services: ["app", "both", "reviews", "unnamed"],
    leftOut: [
      { service: "bare", why: "it selects no pods" },
      { service: "db", why: "it has no port that speaks HTTP" },
      { service: "outside", why: "it is a name for a host elsewhere" },
      { service: "tls", why: "it has no port that speaks HTTP" },
    ],
  });
});

test("of services before the same pods one is enough where their proxies tell", async () => {
  const cluster = await namespaceWith({
    reviews: { selector: selector("reviews"), ports: http },
    "reviews-old": { selector: selector("reviews"), ports: http },
  });
  const all = await hopsOf(cluster, "shop", { recorder, onePerPods: false });
  assert.deepEqual(all.services, ["reviews", "reviews-old"]);
  const one = await hopsOf(cluster, "shop", { recorder, onePerPods: true });
  assert.deepEqual(one, {
    services: ["reviews"],
    leftOut: [{ service: "reviews-old", why: "its pods are those of reviews" }],
  });
});
