import assert from "node:assert/strict";
import { test } from "node:test";
import { type ChaosLine, type ChaosWish, chaos, restore } from "../../mesh/index.js";
import { service } from "../support/cluster.js";
import { MemoryCluster } from "../support/memory-cluster.js";

/** A clock on which nobody waits: sleeping moves it. */
function movedClock() {
  let nowMs = 0;
  return {
    epochNsAtZero: BigInt(Date.parse("2026-03-01T12:00:00Z")) * 1_000_000n,
    now: () => nowMs,
    async sleepUntil(at: number, signal?: AbortSignal) {
      if (!signal?.aborted) nowMs = Math.max(nowMs, at);
    },
  };
}

const wish: ChaosWish = {
  ...{ kind: "auth-policy", namespace: "shop", everyMs: [300_000, 600_000], forMs: 1_800_000, seed: "1" },
  ...{ holdMs: 15_000, policy: "deny-nothing", rolloutMs: 60_000, evenIfManaged: false },
};

async function shop(labels: Record<string, string> = { "tapeloop.io/allow-faults": "true" }) {
  const cluster = new MemoryCluster();
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  await cluster.create(service("shop", "reviews"));
  await cluster.create(service("shop", "ratings"));
  return cluster;
}

/** A Deployment that has rolled out the moment it is written. */
async function withDeployment(cluster: MemoryCluster, name: string, annotations: Record<string, string> = {}) {
  await cluster.create({
    ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "shop", annotations } },
    spec: { replicas: 2, template: { metadata: { labels: { app: name } } } },
    status: { updatedReplicas: 2, availableReplicas: 2, replicas: 2 },
  });
  return () =>
    cluster.read({ apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name }).then((now) => now?.spec);
}

const policies = { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", namespace: "shop" };

test("policies come and go at the moments of the schedule, the same for the same seed, and none is left", async () => {
  const runs = await Promise.all(
    ["1", "1", "2"].map(async (seed) => {
      const cluster = await shop();
      const clock = movedClock();
      const lines: ChaosLine[] = [];
      const seen: object[] = [];
      const sleepUntil = clock.sleepUntil;
      clock.sleepUntil = async (at, signal) => {
        seen.push(...(await cluster.list(policies)).map(({ spec }) => spec as object));
        return sleepUntil(at, signal);
      };
      const env = { cluster, clock, signal: new AbortController().signal };
      const tally = await chaos({ ...wish, seed }, env, (line) => void lines.push(line));
      assert.deepEqual([await cluster.list(policies), await restore(cluster)], [[], []]);
      assert.equal(seen.length, tally.tasks, "each policy was there while it was held");
      assert.deepEqual(tally, { tasks: lines.length / 2, leftOut: 0, interrupted: false });
      return lines;
    }),
  );
  assert.deepEqual(runs[0], runs[1]);
  assert.notDeepEqual(runs[0], runs[2]);
  assert.ok(runs[0]!.length >= 4 && runs[0]!.length <= 12, `${runs[0]!.length} lines in half an hour`);
});

test("a policy is for the service's pods alone, and refuses nobody", async () => {
  const cluster = await shop();
  const clock = movedClock();
  const held: unknown[] = [];
  const create = cluster.create.bind(cluster);
  cluster.create = (object) => {
    if (object.kind === "AuthorizationPolicy") held.push(object.spec);
    return create(object);
  };
  const env = { cluster, clock, signal: new AbortController().signal };
  await chaos({ ...wish, service: "reviews", everyMs: [900_000, 900_000] }, env, () => {});
  assert.deepEqual(held, [
    {
      selector: { matchLabels: { app: "reviews" } },
      action: "DENY",
      rules: [{ from: [{ source: { ipBlocks: ["192.0.2.1/32"] } }] }],
    },
  ]);
});

test("a policy that allows everything is refused where another keeps somebody out", async () => {
  const cluster = await shop();
  const env = { cluster, clock: movedClock(), signal: new AbortController().signal };
  await chaos({ ...wish, policy: "allow-everything" }, env, () => {});
  const metadata = { name: "only-some", namespace: "istio-system" };
  await cluster.create({ ...policies, metadata, spec: { rules: [] } });
  await assert.rejects(
    chaos({ ...wish, policy: "allow-everything" }, { ...env, clock: movedClock() }, () => {}),
    /would let in whom AuthorizationPolicy only-some in namespace istio-system keeps out/,
  );
  assert.deepEqual([await cluster.list(policies), await restore(cluster)], [[], []]);
});

test("a restart changes the pod template of a service's Deployment, and puts it back", async () => {
  const cluster = await shop();
  const specOf = await withDeployment(cluster, "reviews");
  await withDeployment(cluster, "other");
  const before = await specOf();
  const written: unknown[] = [];
  const replace = cluster.replace.bind(cluster);
  cluster.replace = (object) => {
    if (object.kind === "Deployment") written.push([object.metadata.name, object.spec]);
    return replace(object);
  };
  const env = { cluster, clock: movedClock(), signal: new AbortController().signal };
  const lines: ChaosLine[] = [];
  await chaos({ ...wish, kind: "restart", service: "reviews", everyMs: [900_000, 900_000] }, env, (line) => {
    lines.push(line);
  });
  assert.deepEqual(await specOf(), before);
  assert.deepEqual(
    written.map((one) => (one as [string])[0]),
    ["reviews", "reviews"],
  );
  assert.match(JSON.stringify(written[0]), /kubectl.kubernetes.io\/restartedAt/);
  assert.deepEqual([lines[0]!.event === "began" && lines[0]!.what, await restore(cluster)], ["restart of reviews", []]);
});

test("a Deployment that does not roll out ends the chaos, and is put back all the same", async () => {
  const cluster = await shop();
  const specOf = await withDeployment(cluster, "reviews");
  const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "reviews" };
  await cluster.replace({ ...(await cluster.read(ref))!, status: { updatedReplicas: 1 } });
  const before = await specOf();
  const env = { cluster, clock: movedClock(), signal: new AbortController().signal };
  const lines: ChaosLine[] = [];
  await assert.rejects(
    chaos({ ...wish, kind: "restart" }, env, (line) => void lines.push(line)),
    /Deployment reviews did not roll out within 1 min 0 s: 1 of 2 replicas are new/,
  );
  assert.match(JSON.stringify(lines.at(-1)), /"ended".*not done: Deployment reviews did not roll out/);
  assert.deepEqual([await specOf(), await restore(cluster)], [before, []]);
});

test("what Helm manages is restarted only when that is said, and a namespace has to be open for faults", async () => {
  const cluster = await shop();
  await withDeployment(cluster, "reviews", { "meta.helm.sh/release-name": "shop" });
  const env = () => ({ cluster, clock: movedClock(), signal: new AbortController().signal });
  const restarting = { ...wish, kind: "restart" as const };
  await assert.rejects(
    chaos(restarting, env(), () => {}),
    /Deployment reviews in namespace shop is managed by Helm/,
  );
  assert.ok((await chaos({ ...restarting, evenIfManaged: true }, env(), () => {})).tasks > 0);
  const closed = await shop({});
  await assert.rejects(
    chaos(wish, { ...env(), cluster: closed }, () => {}),
    /is not open for this.*allow-faults/,
  );
  await assert.rejects(
    chaos({ ...wish, service: "reviewz" }, env(), () => {}),
    /there is no Service reviewz/,
  );
});

test("an end that is asked for while a policy is held comes at once, with the policy gone", async () => {
  const cluster = await shop();
  const clock = movedClock();
  const asked = new AbortController();
  const lines: ChaosLine[] = [];
  const tally = await chaos(wish, { cluster, clock, signal: asked.signal }, (line) => {
    lines.push(line);
    if (line.event === "began") queueMicrotask(() => asked.abort());
  });
  assert.deepEqual([tally.interrupted, tally.tasks, await cluster.list(policies)], [true, 1, []]);
  assert.match(JSON.stringify(lines.at(-1)), /cut short, and put back/);
});
