import assert from "node:assert/strict";
import http from "node:http";
import { type TestContext, test } from "node:test";
import { restore } from "../../mesh/index.js";
import { asBefore, service, virtualService } from "../support/cluster.js";
import { type Home, newHome } from "../support/command-line.js";
import { experimentIn, summaryIn } from "../support/experiment-file.js";
import { freezeAt } from "../support/freeze-at.js";
import { listenOnLoopback } from "../support/loopback.js";
import { tapeOf } from "../support/service-tape.js";
import { type SpareCluster, startSpareCluster } from "../support/spare-cluster.js";
import { until } from "../support/until.js";

const namespace = "shop";
const steps = 40;

/** Two services, one with a VirtualService, and a target that answers marked requests as a proxy would that injects their fault. */
async function shop(t: TestContext, { cluster }: SpareCluster) {
  const labels = { "tapeloop.io/allow-faults": "true" };
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } });
  for (const one of ["reviews", "ratings"]) await cluster.create(service(namespace, one));
  await cluster.create(virtualService(namespace, "reviews"));
  const which = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace };
  const now = async () => (await cluster.list(which)).map(asBefore);
  let answered = 0;
  const target = http.createServer(({ headers }, response) => {
    answered++;
    const isMarked = /tapeloop\.fault=/.test(String(headers.baggage));
    response.writeHead(isMarked ? 429 : 200, { "content-type": "application/json" }).end("{}");
  });
  const calls = Array.from({ length: steps }, (_, at) => ({
    ...{ service: "shop", path: `/${at}`, at: [at, at + 1] as [number, number] },
  }));
  const faults = [
    { name: "half", service: "reviews", abort: 429, share: "50%" },
    { name: "rest", service: "ratings", abort: 429 },
  ];
  const spec = {
    ...{ tape: await tapeOf(t, calls), target: `http://127.0.0.1:${await listenOnLoopback(t, target)}` },
    ...{ mesh: { namespace }, faults, settle: "0", pace: "20/s" },
    thresholds: [{ name: "version", divergences: { attribution: ["version", "interaction"] }, trips: "> 0" }],
  };
  return { now, before: await now(), spec, answered: () => answered };
}

/** True of a call the `nth` time that it is this one. */
function nth(times: number, which: RegExp): (call: string) => boolean {
  let seen = 0;
  return (call) => which.test(call) && ++seen === times;
}

const outcomesIn = (home: Home) => summaryIn(home).putBack.map(({ fault, outcome }) => [fault, outcome]);
const allBack = [
  ["rest", "deleted"],
  ["half", "as-before"],
];
const never = () => false;
const putBackBegins = /^GET \S+\/virtualservices\/tapeloop-fault-ratings$/;

test("an experiment outlives an API server that freezes, and never passes where it cannot put back", async (t) => {
  const spare = await startSpareCluster(t, { name: "frozen2", port: 16_445 });
  if (spare === undefined) return;
  const { cluster } = spare;
  const { now, before, spec, answered } = await shop(t, spare);
  const limited = ["--request-timeout", "3s"];
  const start = async (at: (call: string) => boolean, limit: number, more: readonly string[] = []) => {
    const home = newHome(t);
    const words = ["experiment", "run", ...experimentIn(home, { ...spec, limit }), ...more];
    return { home, ...(await freezeAt(t, spare, { words, home, at })) };
  };
  const isBefore = async () => JSON.stringify(await now()) === JSON.stringify(before);

  await t.test("frozen in the middle of the run and thawed: it passes, and all is as before", async () => {
    const sentBefore = answered();
    const { child, home } = await start(never, steps);
    await until("requests", () => answered() > sentBefore + 10, { withinMs: 60_000, seen: () => child.stderr });
    assert.equal(await isBefore(), false, "the faults are on");
    await spare.freeze();
    try {
      await until("more requests", () => answered() > sentBefore + 20, { withinMs: 60_000 });
    } finally {
      await spare.thaw();
    }
    assert.equal((await child.ended).code, 0, child.stdout + child.stderr);
    assert.deepEqual([summaryIn(home).replay!.sent, outcomesIn(home)], [steps, allBack]);
    assert.deepEqual(await now(), before);
    assert.deepEqual(await restore(cluster, { namespace }), [], "the journal is empty");
  });

  await t.test("frozen when it puts back, thawed when it tries again: it passes, and all is as before", async () => {
    const { child, home, api, froze, areCallsOut } = await start(nth(1, putBackBegins), 10, limited);
    assert.equal(await froze, true, child.stderr);
    const tries = () => api.calls.filter((call) => putBackBegins.test(call)).length;
    try {
      await until("a second try", () => tries() > 1, { withinMs: 60_000 });
    } finally {
      await spare.thaw();
    }
    assert.equal((await child.ended).code, 0, child.stdout + child.stderr);
    assert.deepEqual(outcomesIn(home), allBack);
    await until("late calls", () => !areCallsOut(), { withinMs: 60_000 });
    assert.deepEqual(await now(), before);
    assert.deepEqual(await restore(cluster, { namespace }), [], "the journal is empty");
  });

  // Each for good: before anything, between the faults, in the middle of each kind of write, and when all is put back.
  for (const [what, at, code] of [
    ["before anything is changed", nth(1, /^GET \S+\/services\/reviews$/), 2],
    ["when an object is changed", nth(1, /^PUT \S+\/virtualservices\/reviews\?/), 2],
    ["when one fault is on", nth(2, /^GET \S+\/services\/ratings$/), 2],
    ["when an object is made", nth(1, /^POST \S+\/virtualservices\?/), 2],
    ["when it puts back", nth(1, putBackBegins), 3],
    ["when the second object is put back", nth(2, /^GET \S+\/virtualservices\/reviews$/), 3],
  ] as const) {
    await t.test(`frozen ${what}: exit code ${code}, and restore puts all back`, async () => {
      const { child, home, froze, areCallsOut } = await start(at, 10, limited);
      try {
        assert.equal(await froze, true, child.stdout + child.stderr);
        const ended = await child.ended;
        assert.equal(ended.code, code, child.stdout + child.stderr);
      } finally {
        await spare.thaw();
      }
      const said = code === 2 ? child.stderr : summaryIn(home).reasons.join("\n");
      if (code === 2) assert.match(said, /^tapeloop: [^\n]+\n$/);
      assert.match(said, /no answer within 3 s/);
      if (!/before anything/.test(what)) assert.match(said, /tapeloop restore -n shop/);
      await restore(cluster, { namespace });
      // Calls that were given up are carried out all the same, now: what is put back has to stay so.
      await until("late calls", () => !areCallsOut(), { withinMs: 60_000 });
      await until("all to be as before", isBefore, { withinMs: 30_000, seen: now });
      await restore(cluster, { namespace });
      assert.deepEqual(await now(), before);
    });
  }
});
