import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { inOneLine } from "../../mesh/cluster/in-one-line.js";
import { pathOf } from "../../mesh/cluster/kinds.js";
import { connectCluster } from "../../mesh/index.js";
import { clusterContract } from "../contracts/cluster.js";
import { listenOnLoopback } from "../support/loopback.js";
import { MemoryCluster } from "../support/memory-cluster.js";
import { tempFolder } from "../support/temp.js";

clusterContract("a cluster in memory", async () => ({ cluster: new MemoryCluster(), namespace: "shop" }));

const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: "a" };

function kubeconfigFor(t: TestContext, server: string): string {
  const path = join(tempFolder(t), "kubeconfig");
  const config = {
    clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "me", user: { token: "t0ken" } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "me", namespace: "shop" } }],
    "current-context": "c",
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

test("objects of kinds are found under their paths", () => {
  assert.equal(pathOf(ref), "/api/v1/namespaces/shop/configmaps/a");
  assert.equal(pathOf({ apiVersion: "v1", kind: "Namespace", name: "shop" }), "/api/v1/namespaces/shop");
  const { apiVersion, kind } = { apiVersion: "networking.istio.io/v1", kind: "VirtualService" };
  assert.equal(pathOf({ apiVersion, kind }), "/apis/networking.istio.io/v1/virtualservices");
});

test("a kubeconfig says who asks, where, and in which namespace", async (t) => {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.end(JSON.stringify({ ...ref, metadata: { name: "a" }, unknownToAnyModel: { kept: true } }));
  });
  const kubeconfig = kubeconfigFor(t, `http://127.0.0.1:${await listenOnLoopback(t, server)}`);
  const cluster = await connectCluster({ kubeconfig });
  assert.deepEqual([cluster.user, cluster.namespace], ["me", "shop"]);
  assert.deepEqual((await cluster.read(ref))!.unknownToAnyModel, { kept: true });
  assert.deepEqual(asked, ["GET /api/v1/namespaces/shop/configmaps/a Bearer t0ken"]);
});

test("no cluster, no such context and no such file are one line each", async (t) => {
  const kubeconfig = kubeconfigFor(t, "http://127.0.0.1:1");
  await assert.rejects(connectCluster({ kubeconfig, context: "d" }), /no context "d" \(it has c\)/);
  await assert.rejects(connectCluster({ kubeconfig: join(tempFolder(t), "none") }), /there is no such file/);
  const broken = join(tempFolder(t), "broken");
  writeFileSync(broken, "{ clusters: [");
  await assert.rejects(connectCluster({ kubeconfig: broken }), /cannot read kubeconfig .*broken/);
});

test("a cluster that cannot be reached is said with its address", async (t) => {
  const cluster = await connectCluster({ kubeconfig: kubeconfigFor(t, "http://127.0.0.1:1") });
  await assert.rejects(
    cluster.read(ref),
    /^OperatorError: cannot reach the cluster at http:\/\/127.0.0.1:1: connect ECONNREFUSED/,
  );
});

for (const [what, status, body, said] of [
  [
    "rights that are missing",
    403,
    { message: 'configmaps is forbidden: User "me" cannot list' },
    /cannot look: missing rights: configmaps is forbidden/,
  ],
  [
    "a webhook",
    403,
    { message: 'admission webhook "no.example" denied the request: never on Fridays' },
    /cannot look: admission webhook .*never on Fridays$/,
  ],
  ["an unknown user", 401, { message: "Unauthorized" }, /does not know who you are/],
  ["an unknown kind", 404, "404 page not found", /are its CRDs/],
  ["something before the server", 502, "bad gateway", /cannot look: bad gateway$/],
] as const) {
  test(`a refusal is one line: ${what}`, async (t) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const server = http.createServer((_request, response) => response.writeHead(status).end(text));
    const kubeconfig = kubeconfigFor(t, `http://127.0.0.1:${await listenOnLoopback(t, server)}`);
    const cluster = await connectCluster({ kubeconfig });
    const list = () => cluster.list({ apiVersion: "v1", kind: "ConfigMap" });
    await assert.rejects(inOneLine("look", list), said);
  });
}
