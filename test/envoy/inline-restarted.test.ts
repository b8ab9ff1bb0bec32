import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { balancingConfig } from "../support/balancing-envoy.js";
import { type Home, newHome, tapeloopJson } from "../support/command-line.js";
import { type Envoy, envoyBinary, startEnvoy } from "../support/envoy.js";
import { pacedLoad } from "../support/paced-load.js";
import { type RecorderProcess, startRecorderProcess } from "../support/recorder-process.js";
import type { TapeStatsJson } from "../support/tape-json.js";
import { until } from "../support/until.js";
import { startService } from "../support/upstream.js";

/** Longer than Envoy takes to find out: twice its half second, with what a loaded machine adds. */
const drainDelay = "3s";

describe("inline recorders behind an Envoy without retries", { concurrency: 2 }, () => {
  for (const protocol of ["http/1.1", "h2c"] as const) {
    test(`two of them (${protocol}) restarted in turn by SIGTERM fail no call, and have them all`, async (t) => {
      const binary = await envoyBinary(t);
      if (binary === undefined) return;
      const home = newHome(t);
      const tape = join(home.folder, "tape/");
      const service = await startService(t);
      const first = await startInstance(t, home, { tape, upstream: service.url, name: "first" });
      const second = await startInstance(t, home, { tape, upstream: service.url, name: "second" });
      const instances = [first, second].map(instanceOf);
      const envoy = await startEnvoy(t, binary, { whole: balancingConfig(instances, protocol) });
      await envoy.untilStat("cluster.instances.membership_healthy", 2);

      let enough = false;
      const calls = { count: Number.MAX_SAFE_INTEGER, perSecond: 100, stop: () => enough };
      const path = (call: number) => (call % 10 === 0 ? `/slow?ms=300&call=${call}` : `/echo/turn/${call}`);
      const loaded = pacedLoad(envoy.port("way"), { ...calls, path });
      t.after(() => {
        enough = true;
      });
      await untilSeen(first, 20);
      await untilSeen(second, 20);
      const firstAgain = await restart(t, home, envoy, first, { tape, upstream: service.url, name: "first" });
      await untilSeen(firstAgain, 20);
      const secondAgain = await restart(t, home, envoy, second, { tape, upstream: service.url, name: "second" });
      await untilSeen(secondAgain, 20);
      enough = true;
      const { answered, other } = await loaded;
      await Promise.all([firstAgain, secondAgain].map((recorder) => recorder.stop()));

      assert.deepEqual(other, {});
      const { counts, exchanges, gaps } = await tapeloopJson<TapeStatsJson>(t, home, ["tape", "stats", tape, "--json"]);
      const { seen, kept, dropped } = counts;
      const all = { seen: answered, kept: answered, dropped: 0, exchanges: answered, gaps: [] };
      assert.deepEqual({ seen, kept, dropped, exchanges, gaps }, all);
    });
  }
});

interface InstanceFlags {
  tape: string;
  upstream: string;
  name: string;
}

async function startInstance(
  t: TestContext,
  home: Home,
  { tape, upstream, name }: InstanceFlags,
  before?: RecorderProcess,
): Promise<RecorderProcess> {
  const more = ["--mode", "inbound", "--upstream", upstream, "--name", name, "--drain-delay", drainDelay];
  if (before === undefined) return await startRecorderProcess(t, home, { tape, more });
  return await startRecorderProcess(t, home, {
    tape,
    listenPort: before.port,
    more: [...more, "--admin", before.admin],
  });
}

/** As a rolling update does: the next one is stopped when this one is back. */
async function restart(
  t: TestContext,
  home: Home,
  envoy: Envoy,
  recorder: RecorderProcess,
  flags: InstanceFlags,
): Promise<RecorderProcess> {
  assert.deepEqual(await recorder.stop(), { code: 0, signal: null }, recorder.stderr);
  const again = await startInstance(t, home, flags, recorder);
  await envoy.untilStat("cluster.instances.membership_healthy", 2);
  return again;
}

function instanceOf({ port, admin }: RecorderProcess): { port: number; adminPort: number } {
  return { port, adminPort: Number(admin.slice(admin.lastIndexOf(":") + 1)) };
}

async function untilSeen(recorder: RecorderProcess, wanted: number): Promise<void> {
  const seen = () => recorder.metric("tapeloop_recorder_seen_total");
  await until(`${wanted} calls`, async () => (await seen()) >= wanted, { seen });
}
