import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { newHome, tapeloopJson } from "../support/command-line.js";
import { type Envoy, envoyBinary } from "../support/envoy.js";
import { pacedLoad } from "../support/paced-load.js";
import { type RecorderProcess, startRecorderProcess } from "../support/recorder-process.js";
import type { TapeStatsJson } from "../support/tape-json.js";
import { type PrintedConfig, printedConfig, startTellingEnvoy } from "../support/telling-envoy.js";
import { until } from "../support/until.js";
import { startService } from "../support/upstream.js";

interface Setting {
  title: string;
  calls: number;
  perSecond: number;
  spoil: (printed: PrintedConfig) => PrintedConfig;
  mustLose: boolean;
}

const settings: readonly Setting[] = [
  { title: "the printed configuration", calls: 1000, perSecond: 300, spoil: (printed) => printed, mustLose: false },
  {
    title: "default circuit breakers and streams that stay open",
    calls: 2000,
    perSecond: 1000,
    spoil: (printed) => withCloseTimeout(withoutBreakers(printed), "60s"),
    mustLose: true,
  },
];

for (const { title, calls, perSecond, spoil, mustLose } of settings) {
  test(`with ${title} each call is told or its loss is counted`, async (t) => {
    const binary = await envoyBinary(t);
    if (binary === undefined) return;
    const home = newHome(t);
    const tape = join(home.folder, "tape.db");
    const service = await startService(t);
    const recorder = await startRecorderProcess(t, home, { tape, more: ["--mode", "ext-proc"] });
    const printed = spoil(await printedConfig(t, home, "ext-proc", recorder.port));
    const envoy = await startTellingEnvoy(t, binary, { service: service.port, printed });
    const load = { count: calls, perSecond, path: (call: number) => `/echo/load/${call}` };
    const { answered, other } = await pacedLoad(envoy.port("way"), load);
    assert.deepEqual({ answered, other }, { answered: calls, other: {} });
    const sums = async () => sumOf(await recorderSays(recorder), await envoySays(envoy));
    await until("every call to be accounted for", async () => (await sums()) === calls, {
      seen: async () => ({ ...(await recorderSays(recorder)), ...(await envoySays(envoy)) }),
    });
    const [told, lost] = [await recorderSays(recorder), await envoySays(envoy)];
    assert.deepEqual(await recorder.stop(), { code: 0, signal: null }, recorder.stderr);
    t.diagnostic(JSON.stringify({ ...told, ...lost }));
    assert.equal(lost.overflow > 0, mustLose);
    assert.equal(lost.overflow, lost.notTold);
    const stats = await tapeloopJson<TapeStatsJson>(t, home, ["tape", "stats", tape, "--json"]);
    assert.equal(stats.exchanges, told.seen);
  });
}

/** What came to the recorder: calls, and streams of calls that ended before anything was said. */
interface Told {
  seen: number;
  headless: number;
}

async function recorderSays(recorder: RecorderProcess): Promise<Told> {
  return {
    seen: await recorder.metric("tapeloop_recorder_seen_total"),
    headless: await recorder.metric("tapeloop_recorder_headless_total"),
  };
}

/** What Envoy says it could not tell: for any reason, and of these for its circuit breaker. */
interface NotTold {
  notTold: number;
  failed: number;
  overflow: number;
}

async function envoySays(envoy: Envoy): Promise<NotTold> {
  return {
    notTold: await envoy.stat("http.way.ext_proc.failure_mode_allowed"),
    failed: await envoy.stat("http.way.ext_proc.streams_failed"),
    overflow: await envoy.stat("cluster.tapeloop-recorder.upstream_rq_active_overflow"),
  };
}

function sumOf({ seen, headless }: Told, { notTold }: NotTold): number {
  return seen + headless + notTold;
}

function withoutBreakers(printed: PrintedConfig): PrintedConfig {
  const { circuit_breakers: _, ...cluster } = printed.clusters[0] as { circuit_breakers?: object };
  return { ...printed, clusters: [cluster] };
}

function withCloseTimeout(printed: PrintedConfig, timeout: string): PrintedConfig {
  const copy = structuredClone(printed) as PrintedConfig & { http_filters: { typed_config: object }[] };
  for (const filter of copy.http_filters) Object.assign(filter.typed_config, { deferred_close_timeout: timeout });
  return copy;
}
