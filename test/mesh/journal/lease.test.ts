import assert from "node:assert/strict";
import { test } from "node:test";
import { holdLease, restore, staleEntries } from "../../../mesh/index.js";
import { makeChanges } from "../../../mesh/journal/change.js";
import { virtualService } from "../../support/cluster.js";
import { MemoryCluster } from "../../support/memory-cluster.js";
import { until } from "../../support/until.js";

const leaseMs = 90_000;

/** A change that ends with its command, and a clock that is moved by hand. */
async function leased() {
  const cluster = new MemoryCluster();
  await cluster.create(virtualService("shop", "reviews"));
  const ref = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace: "shop", name: "reviews" };
  const intent = { kind: "test", subject: "reviews", what: "try reviews", namespace: "shop", leaseMs };
  const filed = await makeChanges(cluster, intent, async () => {
    const now = (await cluster.read(ref))!;
    return [{ now, after: { ...now, spec: { ...(now.spec as object), hosts: ["reviews", "ours"] } } }];
  });
  let nowMs = Date.now();
  let wake = () => {};
  const clock = {
    now: () => nowMs,
    sleep: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const woken = () => {
          if (!signal.aborted) nowMs += ms;
          resolve();
        };
        wake = woken;
        signal.addEventListener("abort", woken, { once: true });
      }),
  };
  return { cluster, filed: filed!, clock, wake: () => wake(), nowMs: () => nowMs, ref };
}

test("a lease that is held is renewed, and its entry is put back by nobody else", async () => {
  const { cluster, filed, clock, wake, nowMs, ref } = await leased();
  const lease = holdLease(cluster, filed, { leaseMs, ...clock });
  const first = filed.entry.leaseUntil!;
  for (let times = 0; times < 6; times++) {
    const before = filed.entry.leaseUntil;
    wake();
    await until("the renewal", () => filed.entry.leaseUntil !== before);
  }
  assert.ok(nowMs() > Date.parse(first), "twice its first length has passed");
  assert.equal((await restore(cluster, { now: new Date(nowMs()) }))[0]!.alive, true);
  assert.deepEqual(await staleEntries(cluster, "shop", new Date(nowMs())), []);
  await lease.release();
  const afterwards = new Date(nowMs() + leaseMs + 1);
  assert.equal((await staleEntries(cluster, "shop", afterwards)).length, 1);
  assert.equal((await restore(cluster, { now: afterwards }))[0]!.objects![0]!.outcome, "as-before");
  assert.deepEqual(((await cluster.read(ref))!.spec as { hosts: string[] }).hosts, ["reviews"]);
});

test("the holder of a lease hears of it when somebody has put its entry back", async () => {
  const { cluster, filed, clock, wake } = await leased();
  const lease = holdLease(cluster, filed, { leaseMs, ...clock });
  await restore(cluster, { evenIfAlive: true });
  wake();
  await until("the loss", () => lease.lost.aborted);
  assert.match(String(lease.lost.reason), /somebody has put back/);
  await lease.release();
});

test("a lease that cannot be renewed is lost when it has run out, and not before", async () => {
  const { cluster, filed, clock, wake } = await leased();
  let tries = 0;
  cluster.replace = async () => {
    tries++;
    throw new Error("no answer within 15 s");
  };
  const lease = holdLease(cluster, filed, { leaseMs, ...clock });
  for (let times = 1; times <= 3; times++) {
    assert.equal(lease.lost.aborted, false, `after ${times - 1} tries`);
    wake();
    await until("a try", () => tries === times);
  }
  await until("the loss", () => lease.lost.aborted);
  assert.match(String(lease.lost.reason), /ran out and could not be renewed: no answer within 15 s/);
  await lease.release();
});

test("an entry whose lease was renewed meanwhile can be closed by whoever has read it before", async () => {
  const { cluster, filed, clock, wake } = await leased();
  const asItWas = structuredClone(filed);
  const lease = holdLease(cluster, filed, { leaseMs, ...clock });
  wake();
  await until("the renewal", () => filed.entry.leaseUntil !== asItWas.entry.leaseUntil);
  await lease.release();
  const { closeEntry } = await import("../../../mesh/journal/journal.js");
  await closeEntry(cluster, asItWas);
  assert.deepEqual(await restore(cluster), []);
});
