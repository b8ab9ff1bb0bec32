import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseChaosLog, restore } from "../../mesh/index.js";
import { type Child, startChild } from "../support/child.js";
import { newNamespace, realCluster } from "../support/cluster.js";
import { mainFile, newHome } from "../support/command-line.js";
import { type MeshApps, startMeshApps } from "../support/mesh-apps.js";
import { startMeshDeployment } from "../support/mesh-deployment.js";
import { until } from "../support/until.js";

/** Runs `tapeloop chaos` beside a load of calls one after the other; gives its log, and what the callers saw. */
async function chaosUnderLoad(t: TestContext, apps: MeshApps, kubeconfig: string, words: readonly string[]) {
  const home = newHome(t);
  const log = join(home.folder, "chaos.jsonl");
  await apps.startLoad("caller", "reviews");
  const child: Child = startChild(t, process.execPath, [mainFile, "chaos", ...words, "--log", log], {
    env: { ...home.env, KUBECONFIG: kubeconfig },
    cwd: home.folder,
  });
  const { code } = await child.ended;
  const load = await apps.stopLoad("caller");
  return {
    code,
    stdout: child.stdout,
    stderr: child.stderr,
    tasks: parseChaosLog(readFileSync(log, "utf8"), log),
    load,
  };
}

test("in a real mesh, policies and restarts that must change nothing come and go under load, and all is as it was", async (t) => {
  const real = await realCluster(t);
  if (real === undefined) return;
  const { cluster, kubeconfig } = real;
  const namespace = await newNamespace(t, cluster);
  const apps = await startMeshApps(cluster, kubeconfig, namespace, ["caller"]);
  const reviews = await startMeshDeployment(cluster, namespace, "reviews", 2);
  const passes = async () => (await apps.send("caller", [{ host: "reviews", headers: {} }]))[0] === 200;
  await until("calls to pass", passes, { withinMs: 60_000 });
  const specOf = async () => JSON.stringify((await cluster.read(reviews.ref))!.spec);
  const [before, podsBefore] = [await specOf(), await reviews.pods()];

  const policy = await chaosUnderLoad(t, apps, kubeconfig, [
    ...["auth-policy", "-n", namespace, "--service", "reviews"],
    ...["--every", "2s", "--for", "7s", "--hold", "3s", "--seed", "1"],
  ]);
  assert.equal(policy.code, 0, policy.stderr);
  assert.deepEqual(new Set(policy.tasks.map(({ what }) => what)), new Set(["authorization policy on reviews"]));
  assert.ok(policy.tasks.length >= 1 && policy.tasks.every(({ endedAt }) => endedAt !== undefined));
  t.diagnostic(`auth-policy: ${policy.tasks.length} tasks, ${policy.load.sent} calls, wrong: ${policy.load.wrong}`);
  const policies = { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", namespace };
  assert.deepEqual(await cluster.list(policies), []);

  const restarts = await chaosUnderLoad(t, apps, kubeconfig, [
    ...["restart", "-n", namespace, "--service", "reviews", "--every", "1s", "--for", "2s", "--seed", "1"],
  ]);
  assert.equal(restarts.code, 0, restarts.stderr);
  assert.deepEqual(
    restarts.tasks.map(({ what }) => what),
    ["restart of reviews"],
  );
  t.diagnostic(`restart: ${restarts.stdout.trim().replaceAll("\n", " · ")}`);
  t.diagnostic(`restart: ${restarts.load.sent} calls, wrong: ${restarts.load.wrong}`);
  assert.equal(await specOf(), before, "the Deployment is as it was");
  const podsAfter = await reviews.pods();
  assert.deepEqual(
    [podsAfter.length, podsAfter.filter((pod) => podsBefore.includes(pod))],
    [2, []],
    "all pods are new",
  );
  assert.deepEqual(await restore(cluster, { namespace }), [], "the journal is empty");
  assert.ok(policy.load.sent > 50 && restarts.load.sent > 50);
});
