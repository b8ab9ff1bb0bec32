import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { stringify } from "yaml";
import { runCommandLine } from "../../cli/run.js";
import type { MeshCommand } from "../../mesh/index.js";
import { canMakeImages, simpleServiceImage, tapeloopImage } from "../support/image.js";
import { fakeIo } from "../support/io.js";
import { listenOnLoopback } from "../support/loopback.js";
import { startMeddlingApi } from "../support/meddling-api.js";
import { injectSidecars, startMeshChain } from "../support/mesh-chain.js";
import { podsReady } from "../support/mesh-pod.js";
import { needs } from "../support/real-parts.js";
import { rightsUsed } from "../support/rights-used.js";
import { groundForRoles, lessThan, type RoleGround, rightsIn, rulesOf, stateOf } from "../support/role-trials.js";
import { tapeOf } from "../support/service-tape.js";
import { tempFolder } from "../support/temp.js";

/** A command that puts back what it changes before it ends, as it is run under its Role. */
interface Trial {
  command: MeshCommand;
  words: readonly string[];
  /** How it may end when it works: what is sent here is answered otherwise than it was recorded. */
  ends: readonly number[];
  /** What it says when it has done enough: it is told to end then. */
  endedBy?: RegExp;
  /** Rights that this run had no use for, and what they are for. */
  unused: Readonly<Record<string, string>>;
}

const ofTheJournal = {
  "get configmaps": "an entry that somebody else writes at that moment is read again",
  "update configmaps": "a lease is renewed each half minute",
};

/**
 * With exactly its Role the command works, asks for each right of it, and leaves all as it was. With one less it says so in
 * a line, exits 2, and has not tried to write anything.
 */
async function tryRole(
  t: TestContext,
  ground: RoleGround,
  { command, words, ends, endedBy, unused }: Trial,
): Promise<void> {
  const { cluster, namespace, user } = ground;
  const rules = await rulesOf(command, namespace);
  const rights = rightsIn(rules);
  const run = async () => {
    const api = await startMeddlingApi(t, user.kubeconfig, {});
    const ending = new AbortController();
    const io = fakeIo({ env: { KUBECONFIG: api.kubeconfig }, signal: ending.signal });
    const { write } = io.stdout;
    io.stdout.write = (text: string) => {
      if (endedBy?.test(text)) ending.abort();
      return write(text);
    };
    const code = await runCommandLine([...words, "-n", namespace], io);
    return { code, said: io.err() + io.out(), line: io.err().trim().split("\n").at(-1)!, calls: api.calls };
  };

  const before = await stateOf(cluster, namespace);
  await user.mayOnly(rules, { ...rights[0]!, allowed: true });
  const works = await run();
  assert.ok(ends.includes(works.code), `${works.code} ${works.said}`);
  assert.deepEqual(await stateOf(cluster, namespace), before);
  const used = rightsUsed(works.calls);
  const idle = rights.filter(({ right }) => !used.has(right)).map(({ right }) => right);
  assert.deepEqual(idle.sort(), Object.keys(unused).sort(), "rights of the Role that were not asked for");

  for (const { rule, verb, right } of rights) {
    await user.mayOnly(lessThan(rules, rule, verb), { rule, verb, allowed: false });
    const { code, said, line, calls } = await run();
    assert.equal(code, 2, `without ${right}: ${said}`);
    assert.ok(line.includes(verb) && line.includes(rule.resources[0]!), `without ${right}: ${said}`);
    assert.deepEqual([...rightsUsed(calls)].filter(isWrite), [], `without ${right}`);
  }
}

/** Connections to pods are made, but nothing in the cluster is. */
function isWrite(right: string): boolean {
  return /^(?:create|update|delete) /.test(right) && right !== "create pods/portforward";
}

const often = ["--every", "50ms", "--for", "1h"];
const deployment = (namespace: string) => ({
  ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "ratings", namespace } },
  spec: {
    // Rolled out as soon as the cluster has looked at it.
    replicas: 0,
    selector: { matchLabels: { app: "ratings" } },
    template: { metadata: { labels: { app: "ratings" } }, spec: { containers: [{ name: "app", image: "none" }] } },
  },
});

describe("with exactly its Role it works; with a right less it says which, and nothing is written:", {
  concurrency: 4,
}, () => {
  test("chaos auth-policy", async (t) => {
    const ground = await groundForRoles(t);
    if (ground === undefined) return;
    const words = ["chaos", "auth-policy", ...often, "--hold", "20ms"];
    await tryRole(t, ground, {
      command: "chaos auth-policy",
      words,
      ends: [130],
      endedBy: / was there /,
      unused: ofTheJournal,
    });
  });

  test("chaos restart", async (t) => {
    const ground = await groundForRoles(t);
    if (ground === undefined) return;
    await ground.cluster.create(deployment(ground.namespace));
    const words = ["chaos", "restart", ...often];
    await tryRole(t, ground, {
      command: "chaos restart",
      words,
      ends: [130],
      endedBy: / and back in /,
      unused: ofTheJournal,
    });
  });

  test("experiment run", async (t) => {
    const ground = await groundForRoles(t);
    if (ground === undefined) return;
    const words = ["experiment", "run", await experimentFor(t, ground.namespace)];
    await tryRole(t, ground, { command: "experiment", words, ends: [0, 1], unused: ofTheJournal });
  });
});

// Beside the others it would make them wait: images are made without a pause.
test("replay -n, sent from here and by a Job, the same", async (t) => {
  const ground = await groundForRoles(t);
  if (ground === undefined) return;
  if (!needs(t, "a way to put images into the cluster", canMakeImages(), "see test/support/image.ts")) return;
  const { cluster, namespace } = ground;
  const [{ ref: image }] = [await tapeloopImage(), await simpleServiceImage()];
  await cluster.create(fence(namespace));
  await injectSidecars(cluster, namespace);
  await startMeshChain(cluster, namespace, ["reviews"]);
  await podsReady(cluster, namespace, ["reviews"]);
  const tape = await tapeOf(t, [{ service: "reviews", path: "/", at: [0, 5] }]);
  const words = ["replay", tape, "--skip-redacted", "--map", "reviews:9080=reviews:80"];
  const here = [...words, "--from", "local"];
  await tryRole(t, ground, { command: "replay --from local", words: here, ends: [0, 1], unused: {} });
  const byJob = [...words, "--image", image];
  await tryRole(t, ground, { command: "replay", words: byJob, ends: [0, 1], unused: ofTheJournal });
});

/** Its own namespace alone may be called. */
const fence = (namespace: string) => ({
  ...{ apiVersion: "networking.istio.io/v1", kind: "Sidecar", metadata: { name: "default", namespace } },
  spec: { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" }, egress: [{ hosts: ["./*"] }] },
});

/** One call under two faults: on a service that has a VirtualService, which is changed, and on one for which one is made. */
async function experimentFor(t: TestContext, namespace: string): Promise<string> {
  const answering = http.createServer((_request, response) => void response.end("{}"));
  const target = `http://127.0.0.1:${await listenOnLoopback(t, answering)}`;
  const tape = await tapeOf(t, [{ service: "shop", path: "/", at: [0, 5] }]);
  const faults = ["ratings", "plain"].map((service) => ({ name: `${service}-down`, service, abort: 503 }));
  const file = join(tempFolder(t), "experiment.yaml");
  const metadata = { name: "trial" };
  const spec = { tape, target, mesh: { namespace }, faults, settle: "0", skipRedacted: true };
  writeFileSync(file, stringify({ apiVersion: "tapeloop.io/v1alpha1", kind: "Experiment", metadata, spec }));
  return file;
}
