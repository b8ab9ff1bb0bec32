import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "../support/clients.js";
import { newHome, tapeloopJson, tapeloopJsonLines } from "../support/command-line.js";
import { envoyBinary, startEnvoy } from "../support/envoy.js";
import { type RecorderProcess, startRecorderProcess } from "../support/recorder-process.js";
import type { ListedExchange, TapeStatsJson } from "../support/tape-json.js";
import { until } from "../support/until.js";
import { startService } from "../support/upstream.js";

for (const cluster of ["http/1.1", "h2c"] as const) {
  test(`a mirror recorder (${cluster}) killed under load and started again hurts nobody, and the tape knows its gap`, async (t) => {
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
        { name: "recorder", port: first.port, protocol: cluster },
      ],
    });

    let enough = false;
    const loaded = load(envoy.port("way"), { count: Number.MAX_SAFE_INTEGER, connections: 8, stop: () => enough });
    await untilKept(first, 300);
    const keptBeforeDeath = await first.metric(keptMetric);
    const beforeDeathNs = nowNs();
    await first.kill();
    const afterDeathNs = nowNs();
    await callsPass(service.seen, 200);
    const second = await startRecorderProcess(t, home, { tape, listenPort: first.port });
    const readyNs = nowNs();
    await untilKept(second, 300);
    const after = await load(envoy.port("way"), { count: 500, connections: 8, path: (call) => `/echo/after/${call}` });
    enough = true;
    const during = await loaded;
    await envoy.untilStat("cluster.recorder.upstream_rq_active", 0);
    const seenBySecond = await second.metric(seenMetric);
    assert.deepEqual(await second.stop(), { code: 0, signal: null }, second.stderr);

    await t.test("the callers saw no error", () => {
      assert.deepEqual(after, { answered: 500, other: {} });
      assert.deepEqual(during.other, {});
      assert.ok(during.answered >= 800, String(during.answered));
    });

    const stats = await tapeloopJson<TapeStatsJson>(t, home, ["tape", "stats", tape, "--json"]);
    const [old, young, ...more] = stats.recorders;
    await t.test("the new incarnation's Exchanges are all there", async () => {
      assert.deepEqual(more, []);
      assert.equal(young!.exchanges, seenBySecond);
      const listed = await tapeloopJsonLines<ListedExchange>(t, home, ["tape", "ls", tape, "--json"]);
      const onTape = new Set(listed.filter((one) => one.incarnation === young!.id.incarnation).map((one) => one.path));
      const missing = Array.from({ length: 500 }, (_, call) => `/echo/after/${call}`).filter(
        (path) => !onTape.has(path),
      );
      assert.deepEqual(missing, []);
    });

    await t.test("the killed incarnation's Exchanges are there but for the last flush", () => {
      assert.ok(old!.exchanges >= keptBeforeDeath, `${old!.exchanges} on the tape, ${keptBeforeDeath} were durable`);
    });

    await t.test("the gap between them has its bounds", () => {
      assert.equal(stats.gaps.length, 1);
      const gap = stats.gaps[0]!;
      assert.equal(gap.afterIncarnation, old!.id.incarnation);
      assert.ok(BigInt(gap.fromNs) >= BigInt(old!.startedNs));
      assert.ok(BigInt(gap.fromNs) <= afterDeathNs);
      assert.ok(BigInt(gap.toNs!) > beforeDeathNs);
      assert.ok(BigInt(gap.toNs!) <= readyNs);
    });
  });
}

const keptMetric = "tapeloop_recorder_kept_total";
const seenMetric = "tapeloop_recorder_seen_total";

async function untilKept(recorder: RecorderProcess, wanted: number): Promise<void> {
  const kept = () => recorder.metric(keptMetric);
  await until(`${wanted} Exchanges to be kept`, async () => (await kept()) >= wanted, { seen: kept });
}

/** So many more calls reach the service. */
async function callsPass(seen: ReadonlyMap<string, number>, more: number): Promise<void> {
  const from = seen.size;
  await until(`${more} more calls`, () => seen.size >= from + more, { seen: () => seen.size - from });
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
