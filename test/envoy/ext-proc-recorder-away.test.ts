import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { newHome, tapeloopJson } from "../support/command-line.js";
import { envoyBinary, startEnvoy } from "../support/envoy.js";
import { pacedLoad } from "../support/paced-load.js";
import { type RecorderProcess, startRecorderProcess } from "../support/recorder-process.js";
import type { TapeStatsJson } from "../support/tape-json.js";
import { configOf, printedConfig } from "../support/telling-envoy.js";
import { until } from "../support/until.js";
import { startService } from "../support/upstream.js";

/** Calls of each stretch: before, while the recorder is away, after. */
const stretch = 300;

test("a recorder of Envoy's external processor that is killed, stopped and started again fails no call", async (t) => {
  const binary = await envoyBinary(t);
  if (binary === undefined) return;
  const home = newHome(t);
  const tape = join(home.folder, "tape.db");
  const service = await startService(t);
  const flags = { tape, more: ["--mode", "ext-proc"] };
  const first = await startRecorderProcess(t, home, flags);
  const printed = await printedConfig(t, home, "ext-proc", first.port);
  const envoy = await startEnvoy(t, binary, { whole: configOf({ service: service.port, printed }) });
  let enough = false;
  const load = { count: Number.MAX_SAFE_INTEGER, perSecond: 200, bodyBytes: 20_000, stop: () => enough };
  const loaded = pacedLoad(envoy.port("way"), { ...load, path: (call) => `/echo/away/${call}` });

  await untilSeen(first, stretch);
  await first.kill();
  await callsPass(service.seen, stretch);
  const second = await startRecorderProcess(t, home, { ...flags, listenPort: first.port });
  await untilSeen(second, stretch);
  process.kill(second.pid, "SIGSTOP");
  await callsPass(service.seen, stretch);
  process.kill(second.pid, "SIGCONT");
  const before = await second.metric(seenMetric);
  await untilSeen(second, before + stretch);
  enough = true;
  const result = await loaded;
  await envoy.untilStat("cluster.tapeloop-recorder.upstream_rq_active", 0);
  const seen = await second.metric(seenMetric);
  assert.deepEqual(await second.stop(), { code: 0, signal: null }, second.stderr);

  assert.deepEqual(result.other, {});
  assert.equal(result.answered, service.seen.size, "each call reached the service and was answered");
  t.diagnostic(`slowest call ${Math.round(result.slowestMs)} ms`);
  const stats = await tapeloopJson<TapeStatsJson>(t, home, ["tape", "stats", tape, "--json"]);
  assert.equal(stats.recorders.at(-1)!.exchanges, seen);
  assert.equal(stats.gaps.length, 1);
  const failed = await envoy.stat("http.way.ext_proc.streams_failed");
  assert.ok(failed > 0, "Envoy counts the calls that it could not tell");
});

test("while a recorder is stopped bodies up to a megabyte pass", async (t) => {
  const binary = await envoyBinary(t);
  if (binary === undefined) return;
  const home = newHome(t);
  const service = await startService(t);
  const recorder = await startRecorderProcess(t, home, {
    tape: join(home.folder, "tape.db"),
    more: ["--mode", "ext-proc"],
  });
  const printed = await printedConfig(t, home, "ext-proc", recorder.port);
  const envoy = await startEnvoy(t, binary, { whole: configOf({ service: service.port, printed }) });
  const upload = (count: number) =>
    pacedLoad(envoy.port("way"), { count, perSecond: 20, bodyBytes: 2 ** 20, path: (call) => `/echo/large/${call}` });
  await upload(1); // the connection is there
  process.kill(recorder.pid, "SIGSTOP");
  const { answered, other } = await upload(20);
  process.kill(recorder.pid, "SIGCONT");
  assert.deepEqual({ answered, other }, { answered: 20, other: {} });
  await until("all to be told", async () => (await recorder.metric(seenMetric)) === 21, {
    seen: () => recorder.metric(seenMetric),
  });
});

const seenMetric = "tapeloop_recorder_seen_total";

async function untilSeen(recorder: RecorderProcess, wanted: number): Promise<void> {
  const seen = () => recorder.metric(seenMetric);
  await until(`${wanted} calls to be seen`, async () => (await seen()) >= wanted, { seen });
}

/** So many more calls reach the service. */
async function callsPass(seen: ReadonlyMap<string, number>, more: number): Promise<void> {
  const from = seen.size;
  await until(`${more} more calls`, () => seen.size >= from + more, { seen: () => seen.size - from });
}
