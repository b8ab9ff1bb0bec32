import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { askHttp1 } from "../support/clients.js";
import { type Home, newHome, tapeloop, tapeloopJson, tapeloopJsonLines } from "../support/command-line.js";
import { envoyBinary } from "../support/envoy.js";
import { type Chain, type ChainSetup, startChain } from "../support/envoy-chain.js";
import { type RecorderProcess, startRecorderProcess } from "../support/recorder-process.js";
import { printedConfig } from "../support/telling-envoy.js";
import { until } from "../support/until.js";

/** `tape tree --json`, as far as this test reads it. */
interface Tree {
  calls: number;
  exchanges: number;
  roots: TreeHop[];
}
interface TreeHop {
  id: number;
  caller?: string;
  callee: string;
  path: string;
  status?: number;
  join: { kind: string; because: string; reason: string };
  sightings: { vantage: string; hop?: string; recorder: string }[];
  sightingsCertainty: string;
  requestId: string;
  traceId: string;
  children: TreeHop[];
}

interface Scene {
  home: Home;
  /** Folder of the tape. */
  tape: string;
  chain: Chain;
}

const ids = [4711, 4712, 4713];

test("a real chain mirrored at each hop, whose middle passes nothing on, falls in two; a value may tie them", async (t) => {
  const scene = await mirrored(t, { propagates: false });
  if (scene === undefined) return;
  const trees = await treesOf(t, scene);
  const hops = trees.flatMap(({ roots }) => roots.flatMap(flat));
  assert.equal(hops.length, ids.length * 2);
  assert.equal(sum(trees.map(({ exchanges }) => exchanges)), ids.length * 3);
  const outer = hops.filter(({ path }) => path.startsWith("/checkout/"));
  const inner = hops.filter(({ path }) => path.startsWith("/stock/"));
  // The two Envoys around one call agree, and across the app nothing ties them.
  assert.deepEqual(
    inner.map(hopsSeen),
    ids.map(() => "svc1-out svc2-in"),
  );
  for (const hop of inner) {
    assert.equal(hop.caller, "svc1.default");
    assert.ok(!outer.some(({ requestId, traceId }) => requestId === hop.requestId || traceId === hop.traceId));
    assert.equal(hop.sightingsCertainty, "exact");
    assert.deepEqual([hop.join.kind, hop.join.because], ["inferred", "value"]);
  }
  for (const {
    callee,
    join: { kind },
  } of outer)
    assert.deepEqual([callee, kind], ["shop.example", "entry"]);
  for (const { path, children } of outer) {
    assert.deepEqual(
      children.map((child) => child.path),
      [path.replace("checkout", "stock")],
    );
  }

  const { code, stdout } = await tapeloop(t, scene.home, ["doctor", "propagation", scene.tape]);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /^shop\.example: drops traceparent, x-request-id/m);
});

test("a real chain mirrored at each hop, whose middle passes the context on, is one tree", async (t) => {
  const scene = await mirrored(t, { propagates: true });
  if (scene === undefined) return;
  const trees = await treesOf(t, scene);
  assert.equal(trees.length, ids.length);
  for (const { roots, calls, exchanges } of trees) {
    assert.deepEqual([roots.length, calls, exchanges], [1, 2, 3]);
    const [outer, inner] = flat(roots[0]!);
    assert.deepEqual([outer!.join.kind, inner!.join.kind, inner!.join.because], ["entry", "inferred", "only-other"]);
    assert.deepEqual([hopsSeen(outer!), hopsSeen(inner!)], ["gw", "svc1-out svc2-in"]);
    assert.equal(inner!.traceId, outer!.traceId);
  }
  const { code, stdout } = await tapeloop(t, scene.home, ["doctor", "propagation", scene.tape]);
  assert.equal(code, 0, stdout);
});

for (const propagates of [true, false]) {
  test(`a real chain that reports at each hop, ${propagates ? "with" : "without"} propagation, is calls with two sightings`, async (t) => {
    const binary = await envoyBinary(t);
    if (binary === undefined) return;
    const home = newHome(t);
    const tape = join(home.folder, "tape.db");
    const recorder = await startRecorderProcess(t, home, { tape, more: ["--mode", "ext-proc"] });
    const extProc = await printedConfig(t, home, "ext-proc", recorder.port);
    const chain = await startChain(t, binary, { extProc, propagates, mayGoOn: seenBy(recorder) });
    await ask(chain);
    for (const envoy of [chain.gateway, chain.svc1, chain.svc2]) {
      await envoy.untilStat("cluster.tapeloop-recorder.upstream_rq_active", 0);
    }
    assert.deepEqual(await recorder.stop(), { code: 0, signal: null }, recorder.stderr);
    const trees = await treesOf(t, { home, tape });
    const hops = trees.flatMap(({ roots }) => roots.flatMap(flat));
    assert.deepEqual(
      hops.map(({ status }) => status),
      hops.map(() => 200),
    );
    assert.equal(hops.length, ids.length * 2);
    const inner = hops.filter(({ path }) => path.startsWith("/stock/"));
    for (const {
      sightings,
      join: { kind, because },
    } of inner) {
      assert.deepEqual(
        sightings.map(({ vantage }) => vantage),
        ["ext-proc", "ext-proc"],
      );
      assert.deepEqual([kind, because], ["inferred", propagates ? "only-other" : "value"]);
    }
    const { code } = await tapeloop(t, home, ["doctor", "propagation", tape]);
    assert.equal(code, propagates ? 0 : 1);
  });

  test(`a real chain with recorders in line and copies, ${propagates ? "with" : "without"} propagation, counts each call once`, async (t) => {
    const binary = await envoyBinary(t);
    if (binary === undefined) return;
    const scene = await inLine(t, binary, propagates);
    const trees = await treesOf(t, scene);
    assert.equal(trees.length, ids.length);
    for (const { roots, calls, exchanges } of trees) {
      assert.deepEqual([roots.length, calls, exchanges], [1, 2, 6]);
      const [outer, inner] = flat(roots[0]!);
      assert.deepEqual([vantages(outer!), vantages(inner!)], ["inbound mirror", "inbound mirror mirror outbound"]);
      assert.deepEqual([outer!.callee, inner!.caller, inner!.callee], ["svc1", "svc1", "svc2"]);
      assert.equal(inner!.path, outer!.path.replace("checkout", "stock"));
      // Calls closer together than the processes' clocks are apart are told apart by their ids.
      const expected = propagates ? ["exact only-call"] : ["inferred only-open", "inferred value"];
      const join = `${inner!.join.kind} ${inner!.join.because}`;
      assert.ok(expected.includes(join), join);
    }
    const hops = await tapeloopJson<{ caller?: string; callee: string; calls: number; exchanges: number }[]>(
      t,
      scene.home,
      ["tape", "stats", scene.tape, "--hops", "--json"],
    );
    assert.deepEqual(
      hops.map(({ caller, callee, calls, exchanges }) => [caller, callee, calls, exchanges]),
      [
        ["gateway.default", "svc1", ids.length, ids.length * 2],
        ["svc1", "svc2", ids.length, ids.length * 4],
      ],
    );
    const stats = await tapeloopJson<{ clocks: { offsetMs: [number, number]; pairs: number }[] }>(t, scene.home, [
      "tape",
      "stats",
      scene.tape,
      "--json",
    ]);
    // One machine: the offset is between the bounds, and they are as near as the calls were short.
    const tied = stats.clocks.filter(({ pairs }) => pairs > 0);
    assert.equal(tied.length, propagates ? 2 : 0);
    for (const {
      offsetMs: [lo, hi],
    } of tied)
      assert.ok(lo! <= 2 && hi! >= -2, `${lo} to ${hi}`);
    const { code, stdout } = await tapeloop(t, scene.home, ["doctor", "propagation", scene.tape]);
    assert.equal(code, propagates ? 0 : 1, stdout);
    if (!propagates) assert.match(stdout, /^svc1: drops traceparent, x-request-id/m);
  });
}

async function mirrored(t: TestContext, setup: ChainSetup): Promise<Omit<Scene, "chain"> | undefined> {
  const binary = await envoyBinary(t);
  if (binary === undefined) return undefined;
  const home = newHome(t);
  const tape = join(home.folder, "tape.db");
  const recorder = await startRecorderProcess(t, home, { tape });
  const chain = await startChain(t, binary, { ...setup, mirror: recorder.port, mayGoOn: seenBy(recorder) });
  await ask(chain);
  await allCopied(chain);
  assert.deepEqual(await recorder.stop(), { code: 0, signal: null }, recorder.stderr);
  return { home, tape };
}

/** A mirror recorder for the Envoys, one on both sides of app1, one before app2; all write one tape. */
async function inLine(t: TestContext, binary: string, propagates: boolean): Promise<Omit<Scene, "chain">> {
  const home = newHome(t);
  const tape = join(home.folder, "tape/");
  const copies = await startRecorderProcess(t, home, { tape });
  const start = (service: string, more: readonly string[]) =>
    startRecorderProcess(t, home, { tape, more: ["--service", service, ...more] });
  const recorders = [copies];
  const before = (service: string) => async (port: number) => {
    const recorder = await start(service, ["--mode", "inbound", "--upstream", `http://127.0.0.1:${port}`]);
    recorders.push(recorder);
    return recorder.port;
  };
  const after = async (port: number) => {
    const routes = join(home.folder, "routes.yaml");
    writeFileSync(routes, `default: { upstream: "http://127.0.0.1:${port}" }\n`);
    const recorder = await start("svc1", ["--name", "svc1-out", "--mode", "outbound", "--outbound-routes", routes]);
    recorders.push(recorder);
    return recorder.port;
  };
  const inFront = { app1: before("svc1"), fromApp1: after, app2: before("svc2") };
  const chain = await startChain(t, binary, { mirror: copies.port, propagates, inFront, mayGoOn: seenBy(copies) });
  await ask(chain);
  await allCopied(chain);
  for (const recorder of recorders) assert.deepEqual(await recorder.stop(), { code: 0, signal: null }, recorder.stderr);
  return { home, tape };
}

/** Waits, each time it is called, until what all hops before told of has come: one at the first hop, three for each call before. */
function seenBy(recorder: RecorderProcess): () => Promise<unknown> {
  let calls = 0;
  return async () => {
    const wanted = calls++ * 3 + 1;
    await until(
      "the first hop to be told of",
      async () => (await recorder.metric("tapeloop_recorder_seen_total")) >= wanted,
    );
  };
}

async function ask({ port }: Chain): Promise<void> {
  for (const id of ids) {
    const { status } = await askHttp1(port, {
      method: "GET",
      path: `/checkout/${id}`,
      headers: [["host", "shop.example"]],
    });
    assert.equal(status, 200);
  }
}

async function allCopied({ gateway, svc1, svc2 }: Chain): Promise<void> {
  for (const envoy of [gateway, svc1, svc2]) {
    await envoy.untilStat("cluster.recorder.upstream_rq_total", ids.length);
    await envoy.untilStat("cluster.recorder.upstream_rq_active", 0);
  }
}

async function treesOf(t: TestContext, { home, tape }: Pick<Scene, "home" | "tape">): Promise<Tree[]> {
  return await tapeloopJsonLines<Tree>(t, home, ["tape", "tree", tape, "--json"]);
}

function flat(hop: TreeHop): TreeHop[] {
  return [hop, ...hop.children.flatMap(flat)];
}

function hopsSeen({ sightings }: TreeHop): string {
  return sightings
    .map(({ hop }) => hop)
    .sort()
    .join(" ");
}

function vantages({ sightings }: TreeHop): string {
  return sightings
    .map(({ vantage }) => vantage)
    .sort()
    .join(" ");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
