import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCommandLine } from "../../cli/run.js";
import { ClusterRefusal } from "../../mesh/index.js";
import { recorderService, service, virtualService } from "../support/cluster.js";
import { fakeIo } from "../support/io.js";
import { listenOnLoopback } from "../support/loopback.js";
import { serveMemoryCluster } from "../support/memory-api.js";
import { tempFolder } from "../support/temp.js";

const open = { "tapeloop.io/allow-mirror": "true", "tapeloop.io/allow-faults": "true" };
const mirror = ["mirror", "on", "reviews", "--to", "recorder.tapeloop:8080"];
const fault = ["fault", "on", "reviews", "--abort", "503", "--share", "5%"];
const commands = [mirror, fault, ["mirror", "status"], ["fault", "list"], ["restore"], ["doctor"]];
const reviews = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace: "shop", name: "reviews" };

async function shop(t: TestContext, labels: Record<string, string> = open) {
  const { cluster, kubeconfig } = await serveMemoryCluster(t);
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  await cluster.create(service("shop", "reviews"));
  await cluster.create(recorderService());
  await cluster.create(virtualService("shop", "reviews"));
  const before = await cluster.read(reviews);
  const unchanged = async () => {
    assert.deepEqual(await cluster.read(reviews), before);
    assert.deepEqual(await cluster.list({ apiVersion: "v1", kind: "ConfigMap" }), []);
  };
  return { cluster, kubeconfig, unchanged };
}

async function refused(words: readonly string[], kubeconfig: string, said: RegExp): Promise<void> {
  const io = fakeIo();
  const code = await runCommandLine([...words, "-n", "shop", "--kubeconfig", kubeconfig], io);
  assert.deepEqual([code, io.out()], [2, ""], `${words.join(" ")}: ${io.err()}`);
  assert.match(io.err(), said, words.join(" "));
  assert.equal(io.err().trim().split("\n").length, 1, io.err());
}

test("no kubeconfig, no such context: one line", async (t) => {
  const { kubeconfig } = await shop(t);
  for (const words of commands) {
    await refused(
      words,
      "/nowhere/kubeconfig",
      /^tapeloop: cannot read kubeconfig \/nowhere\/kubeconfig: there is no such file\n$/,
    );
    await refused(
      [...words, "--context", "prod"],
      kubeconfig,
      /^tapeloop: kubeconfig has no context "prod" \(it has m\)\n$/,
    );
  }
});

test("no cluster behind the kubeconfig: one line", async (t) => {
  const server = createServer();
  const port = await listenOnLoopback(t, server);
  await new Promise((resolve) => server.close(resolve));
  const kubeconfig = join(tempFolder(t), "kubeconfig");
  const config = {
    clusters: [{ name: "m", cluster: { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true } }],
    users: [{ name: "tester", user: {} }],
    contexts: [{ name: "m", context: { cluster: "m", user: "tester", namespace: "shop" } }],
    "current-context": "m",
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
  for (const words of commands)
    await refused(words, kubeconfig, /^tapeloop: .*cannot reach the cluster at http:\/\/127\.0\.0\.1:\d+: /);
});

test("a cluster without Istio: one line that asks about its CRDs, and nothing is changed", async (t) => {
  const { cluster, kubeconfig, unchanged } = await shop(t);
  const list = cluster.list.bind(cluster);
  cluster.list = async (which) => {
    if (which.kind === "VirtualService") throw new ClusterRefusal(404, "404 page not found");
    return list(which);
  };
  for (const words of [mirror, fault, ["mirror", "status"], ["doctor"]]) {
    await refused(words, kubeconfig, /are its CRDs \(Istio, Gateway API\) installed\?\n$/);
  }
  await unchanged();
});

test("no rights: the cluster's words and all that is lacking, in one line, and nothing is changed", async (t) => {
  const { cluster, kubeconfig, unchanged } = await shop(t);
  const create = cluster.create.bind(cluster);
  cluster.create = async (object) => {
    if (object.kind === "ConfigMap")
      throw new ClusterRefusal(403, "configmaps is forbidden: User tester cannot create");
    return create(object);
  };
  for (const words of [mirror, fault]) {
    await refused(
      words,
      kubeconfig,
      /^tapeloop: cannot write the journal: missing rights: .*configmaps is forbidden: User tester cannot create/,
    );
  }
  await unchanged();
});

test("a namespace that is not there, or not open; a service that nobody serves: one line, and nothing is changed", async (t) => {
  const { kubeconfig, unchanged } = await shop(t, {});
  await refused(
    mirror,
    kubeconfig,
    /it has no label tapeloop\.io\/allow-mirror; whoever owns it opens it with: kubectl label /,
  );
  await refused(fault, kubeconfig, /it has no label tapeloop\.io\/allow-faults; /);
  await unchanged();
  const opened = await shop(t);
  for (const words of [mirror, fault]) {
    const other = words.map((word) => (word === "reviews" ? "reviewz" : word));
    await refused(other, opened.kubeconfig, /^tapeloop: there is no Service reviewz in namespace shop\n$/);
  }
  await opened.unchanged();
});

test("a webhook's refusal keeps its own words, and what was begun is put back", async (t) => {
  const { cluster, kubeconfig, unchanged } = await shop(t);
  const words = 'admission webhook "policy.example" denied the request: no mirrors on fridays';
  cluster.replace = async () => {
    throw new ClusterRefusal(403, words);
  };
  await refused(
    mirror,
    kubeconfig,
    /^tapeloop: cannot change VirtualService reviews in namespace shop: .*no mirrors on fridays\n$/,
  );
  await unchanged();
});
