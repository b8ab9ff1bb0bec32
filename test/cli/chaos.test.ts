import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCommandLine } from "../../cli/run.js";
import { parseChaosLog } from "../../mesh/index.js";
import { service } from "../support/cluster.js";
import { fakeIo } from "../support/io.js";
import { serveMemoryCluster } from "../support/memory-api.js";
import { tempFolder } from "../support/temp.js";

async function shop(t: TestContext) {
  const { cluster, kubeconfig } = await serveMemoryCluster(t);
  const labels = { "tapeloop.io/allow-faults": "true" };
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  await cluster.create(service("shop", "reviews"));
  const run = async (words: string[], signal = new AbortController().signal) => {
    const io = fakeIo({ signal });
    const code = await runCommandLine(["chaos", ...words, "-n", "shop", "--kubeconfig", kubeconfig], io);
    return { code, stdout: io.out(), stderr: io.err() };
  };
  return { cluster, run };
}
const often = ["--every", "40ms..60ms", "--for", "200ms", "--hold", "10ms", "--seed", "7"];

test("policies come and go, each told with its times on stdout and in the log, and none is left", async (t) => {
  const { cluster, run } = await shop(t);
  const log = join(tempFolder(t), "chaos.jsonl");
  const { code, stdout, stderr } = await run(["auth-policy", ...often, "--log", log]);
  assert.deepEqual([code, stderr], [0, ""]);
  const tasks = parseChaosLog(readFileSync(log, "utf8"), log);
  assert.ok(tasks.length >= 1 && tasks.every(({ what, endedAt }) => what.endsWith("reviews") && endedAt !== undefined));
  assert.match(stdout, /^chaos auth-policy in namespace shop for 200 ms, seed 7\n/);
  assert.match(stdout, /^\d\d:\d\d:\d\d {2}1 {2}authorization policy on reviews begins$/m);
  assert.match(stdout, new RegExp(`^${tasks.length} tasks?, each put back`, "m"));
  const policies = { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", namespace: "shop" };
  assert.deepEqual(await cluster.list(policies), []);
});

test("an end that was asked for is told by exit code 130", async (t) => {
  const { run } = await shop(t);
  const { code, stdout } = await run(["auth-policy", "--every", "1h", "--for", "2h"], AbortSignal.abort());
  assert.equal(code, 130);
  assert.match(stdout, /0 tasks, each put back; interrupted/);
});

test("what cannot be done is one line", async (t) => {
  const { run } = await shop(t);
  for (const [words, said] of [
    [["auth-policy", "--every", "10m..5m", "--for", "1h"], /--every: must be a duration, or two such as 5m..10m/],
    [["auth-policy", "--every", "soon", "--for", "1h"], /--every: must be a duration/],
    [["restart", "--every", "5m", "--for", "1h"], /namespace shop has nothing to do that to/],
    [["restart", "--every", "5m", "--for", "1h", "--service", "reviewz"], /there is no Service reviewz/],
    [["auth-policy", ...often, "--log", "/no/such/folder/log"], /cannot write the log \/no\/such\/folder\/log/],
  ] as const) {
    const { code, stderr } = await run([...words]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
    assert.equal(stderr.trim().split("\n").length, 1);
  }
});
