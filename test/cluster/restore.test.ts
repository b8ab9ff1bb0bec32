import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Cluster, faultOn, mirrorOn, parseRecorder, restore } from "../../mesh/index.js";
import { typedFault } from "../../virtual-service/index.js";
import { startChild } from "../support/child.js";
import { asBefore, newNamespace, realCluster, recorderService, service, virtualService } from "../support/cluster.js";
import { mainFile, newHome } from "../support/command-line.js";
import { killedAfterEachCall } from "../support/killed-after-each-call.js";
import { type Meddling, startMeddlingApi } from "../support/meddling-api.js";

const virtualServices = (namespace: string) => ({
  ...{ apiVersion: "networking.istio.io/v1", kind: "VirtualService" },
  namespace,
});

/** A namespace with two services, one of them with a VirtualService, and a way to say what there is now. */
async function shop(t: TestContext, cluster: Cluster) {
  const namespace = await newNamespace(t, cluster);
  for (const one of ["reviews", "ratings"]) await cluster.create(service(namespace, one));
  await cluster.create(recorderService(namespace));
  await cluster.create(virtualService(namespace, "reviews"));
  const now = async () => (await cluster.list(virtualServices(namespace))).map(asBefore);
  return { namespace, now, before: await now() };
}

/** A mirror on one service and a fault on the other: an object that is changed, and one that is made. */
async function changeBoth(cluster: Cluster, namespace: string) {
  const to = parseRecorder("recorder:8080", namespace);
  await mirrorOn(cluster, { service: "reviews", namespace, to, evenIfManaged: false });
  const faults = [typedFault("abort", "503")!];
  await faultOn(cluster, {
    ...{ service: "ratings", namespace, evenIfManaged: false },
    ...{ name: "down", faults, mark: "deadbeef", percent: 100 },
  });
}

/** Runs a command through an API server that is meddled with; `end` sends its process a signal. */
async function run(
  t: TestContext,
  kubeconfig: string,
  words: readonly string[],
  meddling: (end: (signal: NodeJS.Signals) => void) => Meddling,
) {
  let end = (_signal: NodeJS.Signals) => {};
  const api = await startMeddlingApi(
    t,
    kubeconfig,
    meddling((signal) => end(signal)),
  );
  const home = newHome(t);
  const child = startChild(t, process.execPath, [mainFile, ...words], {
    env: { ...home.env, KUBECONFIG: api.kubeconfig },
    cwd: home.folder,
  });
  end = (signal) => process.kill(child.pid, signal);
  const ending = await child.ended;
  return { ...ending, stderr: child.stderr, calls: api.calls };
}

test("restore, killed after any of its API calls, puts everything back when it is run again", async (t) => {
  const real = await realCluster(t);
  if (real === undefined) return;
  const { cluster, kubeconfig } = real;
  const { namespace, now, before } = await shop(t, cluster);
  const first = () => changeBoth(cluster, namespace);
  const command = { kubeconfig, home: newHome(t), words: ["restore", "-n", namespace], first };
  const killedAt = await killedAfterEachCall(t, command, async ({ isKilled, code, child, where }) => {
    if (!isKilled) assert.equal(code, 0, child.stderr);
    await restore(cluster, { namespace });
    assert.deepEqual(await now(), before, where);
    assert.deepEqual(await restore(cluster, { namespace }), [], "the journal is empty");
  });
  // The journal; of the one made: read, delete, close; of the one changed: read, write, its owners, read back, close.
  assert.ok(killedAt >= 9, `killed at ${killedAt} calls`);
});

const commands: Record<string, string[]> = {
  "mirror on": ["mirror", "on", "reviews", "--to", "recorder:8080"],
  "fault on": ["fault", "on", "ratings", "--abort", "503", "--mark", "deadbeef"],
};

for (const [what, words] of Object.entries(commands)) {
  test(`${what}, told to end at any of its API calls, is either done or put back`, async (t) => {
    const real = await realCluster(t);
    if (real === undefined) return;
    const { cluster, kubeconfig } = real;
    const { namespace, now, before } = await shop(t, cluster);
    const ends = { done: 0, "put back": 0 };
    for (let at = 1, isOver = false; !isOver; at++) {
      let isTold = false;
      const signal = at % 2 === 0 ? "SIGINT" : "SIGTERM";
      const { code, stderr } = await run(t, kubeconfig, [...words, "-n", namespace], (end) => ({
        before: (_call, number) => {
          if (number !== at) return;
          isTold = true;
          end(signal);
        },
      }));
      isOver = !isTold;
      const [one] = await restore(cluster, { namespace, dryRun: true });
      if (code === 0) {
        assert.equal(one?.leaseUntil, undefined, "done, and settled");
        assert.equal(one?.objects, undefined);
        assert.notDeepEqual(await now(), before, `done at call ${at}`);
        ends.done++;
      } else {
        assert.deepEqual([code, one], [130, undefined], stderr);
        assert.match(stderr, /^tapeloop: interrupted: .* was not done, and all is as it was\n$/);
        assert.deepEqual(await now(), before, `told to end at call ${at}`);
        ends["put back"]++;
      }
      await restore(cluster, { namespace });
      assert.deepEqual(await now(), before);
    }
    assert.ok(ends.done > 0 && ends["put back"] > 0, JSON.stringify(ends));
  });
}

test("restore, told to end at any of its API calls, leaves nothing half put back", async (t) => {
  const real = await realCluster(t);
  if (real === undefined) return;
  const { cluster, kubeconfig } = real;
  const { namespace, now, before } = await shop(t, cluster);
  const codes = new Set<number | null>();
  for (let at = 1, isOver = false; !isOver; at++) {
    await changeBoth(cluster, namespace);
    let isTold = false;
    const { code, stderr } = await run(t, kubeconfig, ["restore", "-n", namespace], (end) => ({
      before: (_call, number) => {
        if (number !== at) return;
        isTold = true;
        end("SIGINT");
      },
    }));
    isOver = !isTold;
    codes.add(code);
    const left = await restore(cluster, { namespace, dryRun: true });
    if (code === 0) assert.deepEqual([left, await now()], [[], before]);
    else {
      assert.match(stderr, /^tapeloop: interrupted: not all is put back; run the same again\n$/);
      assert.ok(left.length > 0, "what is left is in the journal");
    }
    await restore(cluster, { namespace });
    assert.deepEqual(await now(), before);
  }
  assert.deepEqual(codes, new Set([130, 0]));
});
