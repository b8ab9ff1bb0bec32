import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "../support/clients.js";
import { newHome, tapeloopJson, tapeloopJsonLines } from "../support/command-line.js";
import { type Envoy, envoyBinary, startEnvoy } from "../support/envoy.js";
import type { EnvoyCluster } from "../support/envoy-config.js";
import { startRecorderProcess } from "../support/recorder-process.js";
import type { ListedExchange, TapeStatsJson } from "../support/tape-json.js";
import { startService } from "../support/upstream.js";

const calls = 10_000;

interface Mirror {
  title: string;
  cluster: Pick<EnvoyCluster, "protocol" | "breaker">;
  recorder?: readonly string[];
  mustLose?: "at Envoy" | "at the recorder";
}

const narrow = { maxConnections: 1, maxPendingRequests: 1, maxRequests: 1 };
/** Some lose copies on purpose, so that no part of the sum is always 0. */
const mirrors: readonly Mirror[] = [
  { title: "HTTP/1.1", cluster: { protocol: "http/1.1" } },
  { title: "h2c", cluster: { protocol: "h2c" } },
  {
    title: "HTTP/1.1 with a narrow circuit breaker",
    cluster: { protocol: "http/1.1", breaker: narrow },
    mustLose: "at Envoy",
  },
  {
    title: "h2c with a narrow circuit breaker",
    cluster: { protocol: "h2c", breaker: narrow },
    mustLose: "at Envoy",
  },
  {
    title: "h2c to a recorder with next to no memory",
    cluster: { protocol: "h2c" },
    recorder: ["--queue", "72KiB"],
    mustLose: "at the recorder",
  },
];

for (const { title, cluster, recorder: more = [], mustLose } of mirrors) {
  test(`10,000 mirrored calls at full speed over ${title} add up, number for number`, async (t) => {
    const binary = await envoyBinary(t);
    if (binary === undefined) return;
    const home = newHome(t);
    const tape = join(home.folder, "tape.db");
    const service = await startService(t);
    const recorder = await startRecorderProcess(t, home, { tape, more });
    const envoy = await startEnvoy(t, binary, {
      listeners: [{ name: "way", routeTo: "service", mirrorTo: ["recorder"] }],
      clusters: [
        { name: "service", port: service.port, protocol: "as-downstream" },
        { name: "recorder", port: recorder.port, ...cluster },
      ],
    });

    const startedMs = performance.now();
    const { answered, other } = await load(envoy.port("way"), { count: calls, connections: 32 });
    const tookMs = performance.now() - startedMs;
    await envoy.untilStat("cluster.recorder.upstream_rq_active", 0);
    const envoySays = await copies(envoy);
    assert.deepEqual(await recorder.stop(), { code: 0, signal: null }, recorder.stderr);
    const stats = await tapeloopJson<TapeStatsJson>(t, home, ["tape", "stats", tape, "--json"]);
    t.diagnostic(`${Math.round(calls / (tookMs / 1000))} calls/s at the client; ${summary(envoySays, stats)}`);

    assert.deepEqual({ answered, other }, { answered: calls, other: {} });
    assert.equal(envoySays.sent + envoySays.leftOut, calls);
    assert.equal(stats.counts.seen, envoySays.sent);
    assert.equal(stats.exchanges + stats.dropped + stats.counts.sampledOut, stats.counts.seen);
    assert.equal(stats.counts.kept, stats.exchanges);
    assert.equal(envoySays.leftOut > 0, mustLose === "at Envoy");
    assert.equal(stats.dropped > 0, mustLose === "at the recorder");
    assert.ok(stats.exchanges > 0);
    await t.test("each Exchange on the tape is a call of its own", async () => {
      const listed = await tapeloopJsonLines<ListedExchange>(t, home, ["tape", "ls", tape, "--json"]);
      assert.equal(listed.length, stats.exchanges);
      assert.equal(new Set(listed.map(({ path }) => path)).size, stats.exchanges);
    });
  });
}

interface Copies {
  /** Handed to a connection to the recorder. */
  sent: number;
  /** Not sent: the circuit breaker was open (`max_connections` and `max_pending_requests`, or `max_requests`). */
  leftOut: number;
}

async function copies(envoy: Envoy): Promise<Copies> {
  return {
    sent: await envoy.stat("cluster.recorder.upstream_rq_total"),
    leftOut:
      (await envoy.stat("cluster.recorder.upstream_rq_pending_overflow")) +
      (await envoy.stat("cluster.recorder.upstream_rq_active_overflow")),
  };
}

function summary({ sent, leftOut }: Copies, stats: TapeStatsJson): string {
  return (
    `Envoy sent ${sent} copies and left ${leftOut} out (breaker); ` +
    `the recorder saw ${stats.counts.seen}: ${stats.exchanges} on the tape, ${stats.dropped} dropped`
  );
}
