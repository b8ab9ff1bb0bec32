import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { openTape } from "../../tape/index.js";
import { newHome } from "../support/command-line.js";
import { envoyBinary, startEnvoy } from "../support/envoy.js";
import { pacedLoad } from "../support/paced-load.js";
import { type RecorderProcess, startRecorderProcess } from "../support/recorder-process.js";
import { until } from "../support/until.js";
import { startService } from "../support/upstream.js";

/** How long a recorder stands still at least, in milliseconds. `TAPELOOP_STOPPED_MS=10000` for the long form. */
const stoppedMs = Number(process.env.TAPELOOP_STOPPED_MS ?? 2000);
const stretch = 100;

describe("a mirror recorder under load", { concurrency: 2 }, () => {
  for (const protocol of ["http/1.1", "h2c"] as const) {
    test(`killed, started again, stopped and continued (${protocol}) fails no call, with bodies up to a megabyte`, async (t) => {
      const binary = await envoyBinary(t);
      if (binary === undefined) return;
      const home = newHome(t);
      const tape = join(home.folder, "tape.db");
      const service = await startService(t);
      const first = await startRecorderProcess(t, home, { tape });
      const envoy = await startEnvoy(t, binary, {
        listeners: [{ name: "way", routeTo: "service", mirrorTo: ["recorder"] }],
        clusters: [
          { name: "service", port: service.port, protocol: "as-downstream" },
          { name: "recorder", port: first.port, protocol, bufferBytes: 64 * 2 ** 20 }, // as docs/recording.md advises
        ],
      });
      let enough = false;
      t.after(() => {
        enough = true;
      });
      const way = { count: Number.MAX_SAFE_INTEGER, stop: () => enough };
      const loads = [
        pacedLoad(envoy.port("way"), { ...way, perSecond: 50, path: (call) => `/echo/small/${call}` }),
        pacedLoad(envoy.port("way"), {
          ...way,
          perSecond: 5,
          bodyBytes: 2 ** 20,
          path: (call) => `/echo/large/${call}`,
        }),
      ];

      await untilSeen(first, stretch);
      await first.kill();
      await callsPass(service.seen, stretch);
      const second = await startRecorderProcess(t, home, { tape, listenPort: first.port });
      await untilSeen(second, stretch);
      process.kill(second.pid, "SIGSTOP");
      await Promise.all([callsPass(service.seen, stretch), delay(stoppedMs)]);
      process.kill(second.pid, "SIGCONT");
      await untilSeen(second, (await second.metric(seenMetric)) + stretch);
      enough = true;
      const results = await Promise.all(loads);
      await envoy.untilStat("cluster.recorder.upstream_rq_active", 0);
      const seen = await second.metric(seenMetric);
      assert.deepEqual(await second.stop(), { code: 0, signal: null }, second.stderr);

      for (const { other } of results) assert.deepEqual(other, {});
      const [small, large] = results;
      t.diagnostic(`slowest small ${Math.round(small!.slowestMs)} ms, large ${Math.round(large!.slowestMs)} ms`);
      const reader = await openTape([tape]);
      t.after(() => reader.close());
      const { recorders, gaps, counts } = await reader.stats();
      const ofSecond = (await reader.ledger()).entries.filter(
        ({ recorder }) => recorder.incarnation === recorders.at(-1)!.id.incarnation,
      );
      const sum = (count: keyof typeof counts) => ofSecond.reduce((all, entry) => all + entry.counts[count], 0);
      assert.deepEqual([sum("seen"), sum("kept") + sum("dropped")], [seen, seen]);
      assert.equal(recorders.at(-1)!.exchanges, sum("kept"));
      assert.equal(gaps.length, 1, "the kill left a gap, the stop none");
      assert.ok(gaps[0]!.toNs !== undefined && gaps[0]!.toNs > gaps[0]!.fromNs);
    });
  }
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
