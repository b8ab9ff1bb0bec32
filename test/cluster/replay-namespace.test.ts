import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { type Cluster, podLogs, podsOf, restore } from "../../mesh/index.js";
import { faultFor, parseFaultPlan } from "../../replayer/faults/fault-plan.js";
import { openRun, openTape } from "../../tape/index.js";
import { type Child, startChild } from "../support/child.js";
import { newNamespace, realCluster } from "../support/cluster.js";
import { type Home, mainFile, newHome, tapeloop } from "../support/command-line.js";
import { canMakeImages, type Image, simpleServiceImage, tapeloopImage } from "../support/image.js";
import { needs } from "../support/real-parts.js";
import { recordShop, type ShopNamespace, shopKey, startShop } from "../support/replay-namespaces.js";
import { tempFolder } from "../support/temp.js";
import { until } from "../support/until.js";

interface Shops {
  cluster: Cluster;
  home: Home;
  image: Image;
  /** reviews v3, a recorder in front of its ratings. */
  old: ShopNamespace;
  /** reviews v4, the same; may call `old`. */
  next: ShopNamespace;
  /** Of 40 calls to reviews of `old`, at its full name. */
  tape: string;
}

const recordedCalls = 40;

/** What a replay makes in a namespace: nothing is left when it is over. */
async function leftIn(cluster: Cluster, namespace: string): Promise<string[]> {
  const jobs = await cluster.list({ apiVersion: "batch/v1", kind: "Job", namespace });
  const services = await cluster.list({ apiVersion: "v1", kind: "Service", namespace });
  const journal = await cluster.list({
    ...{ apiVersion: "v1", kind: "ConfigMap", namespace, labels: "tapeloop.io/journal=true" },
  });
  const names = [...jobs, ...services, ...journal].map(({ metadata }) => metadata.name);
  return names.filter((name) => name.startsWith("tapeloop-"));
}

async function startShops(t: TestContext): Promise<Shops | undefined> {
  const real = await realCluster(t);
  if (real === undefined) return undefined;
  if (!needs(t, "a way to make images for the cluster", canMakeImages(), "see test/support/image.ts")) return undefined;
  const { cluster, kubeconfig } = real;
  const [image, service] = [await tapeloopImage(), await simpleServiceImage()];
  const old = await startShop(t, cluster, { reviews: "v3", image: service, recorder: image });
  const next = await startShop(t, cluster, { reviews: "v4", image: service, recorder: image, opens: [old.name] });
  for (const shop of [old, next]) await shop.ready();
  const made = newHome(t);
  const home = { ...made, env: { ...made.env, KUBECONFIG: kubeconfig, TAPELOOP_REDACTION_KEY: shopKey } };
  const authority = `reviews.${old.name}.svc.cluster.local:9080`;
  const tape = await recordShop(t, cluster, home, { namespace: old.name, calls: recordedCalls, authority });
  return { cluster, home, image, old, next, tape };
}

/** The worker's pod, once it sends; of the one Job there is. */
async function sendingPod(cluster: Cluster, namespace: string, child: Child): Promise<string> {
  const seen = async () => {
    const jobs = await cluster.list({ apiVersion: "batch/v1", kind: "Job", namespace });
    const pods =
      jobs.length === 1 ? await podsOf(cluster, namespace, { labels: `job-name=${jobs[0]!.metadata.name}` }) : [];
    return { jobs: jobs.map(({ metadata }) => metadata.name), pods, stderr: child.stderr };
  };
  const look = async () => {
    const [pod] = (await seen()).pods;
    if (pod?.phase !== "Running") return undefined;
    const said = await podLogs(cluster, namespace, pod.name, "replay").then(text, () => "");
    return said.includes('"sending"') && pod.name;
  };
  return until("the worker to send", look, { withinMs: 300_000, seen });
}

test("a tape is replayed into namespaces of a real mesh", async (t) => {
  const shops = await startShops(t);
  if (shops === undefined) return;
  const { cluster, home, image, old, next, tape } = shops;
  const words = (...more: string[]) => ["replay", tape, "--image", image.ref, ...more];
  const replay = (...more: string[]) => tapeloop(t, home, words(...more));
  const begin = (...more: string[]): Child =>
    startChild(t, process.execPath, [mainFile, ...words(...more)], { env: home.env, cwd: home.folder });

  await t.test("the same version passes, sent from inside; the table says where calls went", async () => {
    const report = tempFolder(t);
    const { code, stdout, stderr } = await replay("-n", old.name, "--report", report);
    assert.equal(code, 0, stdout + stderr);
    const row = `reviews.${old.name}.svc.cluster.local:9080  →  ${old.name}/reviews:9080\n`;
    assert.ok(stderr.includes(row), stderr);
    assert.ok(existsSync(join(report, "report.html")));
    const run = openRun(join(report, "run.db"));
    assert.deepEqual(
      run.header.lanes.map(({ target }) => target),
      [`namespace ${old.name}`],
    );
    assert.deepEqual(run.header.tapePaths, [tape]);
    assert.deepEqual([run.summary()!.sent, run.summary()!.answered], [recordedCalls, recordedCalls]);
    run.close();
    assert.deepEqual(await leftIn(cluster, old.name), []);
  });

  await t.test("sent from this machine it passes, too, with the warning of what is not so then", async () => {
    const { code, stdout, stderr } = await replay(
      ...["-n", next.name, "--baseline-namespace", old.name, "--from", "local"],
    );
    assert.equal(code, 0, stdout + stderr);
    assert.match(stderr, /faults on the first hop do not apply/);
    assert.deepEqual([...(await leftIn(cluster, next.name)), ...(await leftIn(cluster, old.name))], []);
  });

  await t.test(
    "a plan's faults meet exactly the marked of 520 requests a lane, and show what the new version does then",
    async () => {
      const plan = join(home.folder, "plan.yaml");
      writeFileSync(plan, 'faults: [{ name: no-ratings, mark: "feed0001", share: 50%, on: ratings, abort: 503 }]');
      for (const { name } of [old, next]) {
        const on = await tapeloop(t, home, ["fault", "on", "--plan", plan, "-n", name]);
        assert.equal(on.code, 0, on.stderr);
      }
      const report = tempFolder(t);
      const { code, stdout, stderr } = await replay(
        ...["-n", next.name, "--baseline-namespace", old.name, "--faults", plan, "--repeat", "13"],
        ...["--hops", "namespace", "--report", report],
      );
      assert.equal(code, 1, stdout + stderr);
      assert.match(stdout, /interaction/);
      for (const { name } of [old, next])
        assert.equal((await tapeloop(t, home, ["fault", "off", "--all", "-n", name])).code, 0);
      await assertMetExactly(join(report, "run.db"), tape, plan);
    },
  );

  await t.test("Ctrl-C keeps what was gathered, and leaves nothing in the cluster", async () => {
    const report = tempFolder(t);
    const child = begin("-n", next.name, "--pace", "4/s", "--report", report);
    await sendingPod(cluster, next.name, child);
    const { code } = await child.end("SIGINT");
    assert.equal(code, 130, child.stdout + child.stderr);
    const run = openRun(join(report, "run.db"));
    const { sent } = run.summary()!;
    run.close();
    assert.ok(sent < recordedCalls, `${sent} sent`);
    assert.deepEqual(await leftIn(cluster, next.name), []);
  });

  await t.test("a pod that dies leaves it unknown: exit 3, and says so", async () => {
    const child = begin("-n", next.name, "--pace", "1/s");
    const name = await sendingPod(cluster, next.name, child);
    const pod = { apiVersion: "v1", kind: "Pod", namespace: next.name, name };
    await until("the pod to be deleted", async () => {
      const now = await cluster.read(pod);
      return (
        now !== undefined &&
        cluster.remove(now).then(
          () => true,
          () => false,
        )
      );
    });
    const { code } = await child.ended;
    assert.equal(code, 3, child.stdout + child.stderr);
    assert.match(child.stderr, /inconclusive: the replay broke off/);
    assert.deepEqual(await leftIn(cluster, next.name), []);
  });

  await t.test("killed, it leaves a Job, which restore removes with its pod", async () => {
    const child = begin("-n", next.name, "--pace", "1/s");
    const pod = await sendingPod(cluster, next.name, child);
    await child.end("SIGKILL");
    assert.equal((await leftIn(cluster, next.name)).length, 3, "Job, Service, journal");
    const [done] = await restore(cluster, { namespace: next.name });
    assert.deepEqual(
      done?.objects?.map(({ kind, outcome }) => `${kind} ${outcome}`),
      ["Job deleted", "Service deleted"],
    );
    assert.deepEqual(await leftIn(cluster, next.name), []);
    const ref = { apiVersion: "v1", kind: "Pod", namespace: next.name, name: pod };
    await until("its pod to go", async () => (await cluster.read(ref)) === undefined, { withinMs: 60_000 });
  });

  await t.test("what is not open, not fenced, not there, is refused in one line, and nothing is made", async () => {
    const bare = await newNamespace(t, cluster);
    const refused = async (said: RegExp, ...more: string[]) => {
      const { code, stdout, stderr } = await replay(...more);
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr.trim().split("\n").at(-1)!, said);
    };
    await refused(
      /calls were recorded to reviews\.\S+, and it has no Service of that name; it has none at all/,
      "-n",
      bare,
    );
    const service = { metadata: { name: "review", namespace: bare }, spec: { ports: [{ port: 80 }] } };
    await cluster.create({ apiVersion: "v1", kind: "Service", ...service });
    await refused(/the nearest is review; say where they go with --map/, "-n", bare);
    const map = `reviews.${old.name}.svc.cluster.local=review`;
    await refused(
      /refused to replay into namespace \S+: what is sent there may call out of it/,
      "-n",
      bare,
      "--map",
      map,
    );
    await refused(/namespace default is not open for this: it has no label tapeloop.io\/allow-replay/, "-n", "default");
    await refused(
      /does not start .*ErrImage|does not start .*ImagePull/,
      "-n",
      next.name,
      "--image",
      "tapeloop.test/none:1",
    );
    assert.deepEqual([...(await leftIn(cluster, bare)), ...(await leftIn(cluster, next.name))], []);
  });
});

/** v4 fails where ratings does, v3 loses its stars: so each marked request is known by its answer, and each unmarked one. */
async function assertMetExactly(runPath: string, tapePath: string, planPath: string): Promise<void> {
  const plan = parseFaultPlan('faults: [{ name: no-ratings, mark: "feed0001", share: 50% }]', planPath);
  const tape = await openTape([tapePath]);
  const marked = new Set<number>();
  for await (const exchange of tape.read()) if (faultFor(exchange, plan) !== undefined) marked.add(exchange.id);
  await tape.close();
  const run = openRun(runPath);
  const met = { marked: 0, faulted: 0, wrong: [] as string[] };
  for (const lane of ["candidate+faults", "candidate"]) {
    for (let step = 0; step < 13 * recordedCalls; step++) {
      const { answer } = run.outcome(step, lane)!;
      const is = "status" in answer ? answer.status : answer.kind;
      const isMarked = lane === "candidate+faults" && marked.has(run.step(step)!.exchangeId);
      if (isMarked) met.marked++;
      if (is === 500) met.faulted++;
      if (is !== (isMarked ? 500 : 200)) met.wrong.push(`${lane} ${step}: ${is}`);
    }
  }
  run.close();
  assert.deepEqual(met.wrong, []);
  assert.ok(met.marked > 100 && met.marked === met.faulted, JSON.stringify(met));
}
