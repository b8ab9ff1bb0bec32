import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Home, newHome, tapeloop, tapeloopJson, tapeloopJsonLines } from "../support/command-line.js";
import { type Envoy, envoyBinary, startEnvoy } from "../support/envoy.js";
import type { EnvoyCluster, EnvoyListener } from "../support/envoy-config.js";
import { startRecorderProcess } from "../support/recorder-process.js";
import type { ListedExchange, ReportJson, ShownExchange, TapeStatsJson } from "../support/tape-json.js";
import { until } from "../support/until.js";
import { type Service, startService } from "../support/upstream.js";
import { type Case, cases, values } from "./cases.js";

/** client → Envoy → service, with a recorder at one of these places. */
interface Way {
  title: string;
  vantage: "mirror" | "inbound";
  /** How Envoy speaks to the recorder. */
  cluster: EnvoyCluster["protocol"];
  protocolOf(http2Client: boolean): string;
}

const ways: readonly Way[] = [
  {
    title: "mirrored over HTTP/1.1",
    vantage: "mirror",
    cluster: "http/1.1",
    protocolOf: () => "http/1.1",
  },
  {
    title: "mirrored over h2c",
    vantage: "mirror",
    cluster: "h2c",
    protocolOf: () => "h2",
  },
  {
    title: "recorded inline",
    vantage: "inbound",
    cluster: "as-downstream",
    protocolOf: (http2Client) => (http2Client ? "h2" : "http/1.1"),
  },
];

for (const way of ways) {
  test(`calls through a real Envoy, ${way.title}, are on the tape and can be replayed`, async (t) => {
    const binary = await envoyBinary(t);
    if (binary === undefined) return;
    const home = newHome(t);
    const service = await startService(t);
    const tape = join(home.folder, "tape.db");
    await recordAllCases(t, { way, binary, home, service, tape });
    await checkTape(t, { way, home, tape });
    await checkReplay(t, { way, home, service, tape });
  });
}

interface Scene {
  way: Way;
  home: Home;
  tape: string;
}

async function recordAllCases(
  t: TestContext,
  { way, binary, home, service, tape }: Scene & { binary: string; service: Service },
): Promise<void> {
  const inbound = ["--mode", "inbound", "--upstream", service.url];
  const recorder = await startRecorderProcess(t, home, { tape, more: way.vantage === "inbound" ? inbound : [] });
  const envoy = await startEnvoy(t, binary, {
    listeners: [listenerOf(way)],
    clusters: [
      { name: "service", port: service.port, protocol: "as-downstream" },
      { name: "recorder", port: recorder.port, protocol: way.cluster },
    ],
  });
  const isOpen = () => until("an open call", async () => (await recorder.metric("tapeloop_recorder_open_calls")) > 0);
  for (const one of cases) {
    await t.test(`${one.title}: answered`, () => one.call(envoy.port("way"), service, { isOpen }));
  }
  await arrived(envoy, cases.length);
  assert.deepEqual(await recorder.stop(), { code: 0, signal: null }, recorder.stderr);
}

function listenerOf({ vantage }: Way): EnvoyListener {
  return vantage === "mirror"
    ? { name: "way", routeTo: "service", mirrorTo: ["recorder"] }
    : { name: "way", routeTo: "recorder" };
}

/** All calls have left Envoy and the recorder has answered them (or they were given up). */
async function arrived(envoy: Envoy, calls: number): Promise<void> {
  await envoy.untilStat("cluster.recorder.upstream_rq_total", calls);
  await envoy.untilStat("cluster.recorder.upstream_rq_active", 0);
}

async function checkTape(t: TestContext, { way, home, tape }: Scene): Promise<void> {
  const listed = await tapeloopJsonLines<ListedExchange>(t, home, ["tape", "ls", tape, "--json"]);
  // Copies come over several connections, so their order is not that of the calls.
  assert.deepEqual(listed.map(({ path }) => path).sort(), cases.map(({ path }) => path).sort());
  for (const one of cases) {
    await t.test(`${one.title}: on the tape`, async () => {
      const { id } = listed.find(({ path }) => path === one.path)!;
      const show = ["tape", "show", tape, String(id), "--json"];
      const exchange = await tapeloopJson<ShownExchange>(t, home, show);
      assert.equal(exchange.vantage, way.vantage);
      assert.equal(exchange.protocol, way.protocolOf(one.http2 === true));
      one.request(exchange);
      if (way.vantage === "inbound") one.answer(exchange);
      else isUndoneCopy(exchange);
    });
  }
  await t.test("the tape's stats say what is there and what is not", async () => {
    checkStats(way, await tapeloopJson<TapeStatsJson>(t, home, ["tape", "stats", tape, "--json"]));
  });
}

/** What Envoy adds to a copy alone is not in the request, and still in the headers as they came. */
function isUndoneCopy(exchange: ShownExchange): void {
  assert.equal(exchange.answer.kind, "unknown");
  assert.doesNotMatch(exchange.authority, /-shadow/);
  assert.deepEqual(values(exchange.request, "x-envoy-internal"), []);
  assert.deepEqual(values(exchange.request, "x-forwarded-for"), []);
  const raw = { headers: exchange.request.rawHeaders ?? [] };
  assert.deepEqual(values(raw, "x-envoy-internal"), ["true"]);
  assert.equal(values(raw, "x-forwarded-for").length, 1);
}

function checkStats(way: Way, stats: TapeStatsJson): void {
  const calls = cases.length;
  assert.equal(stats.exchanges, calls);
  assert.deepEqual(stats.byVantage, { [way.vantage]: calls });
  assert.equal(stats.dropped, 0);
  assert.equal(stats.counts.seen, calls);
  assert.equal(stats.counts.kept, calls);
  assert.equal(stats.counts.aborted, 1);
  assert.deepEqual(stats.gaps, []);
  assert.equal(stats.answers.unknown, way.vantage === "mirror" ? calls : 0);
}

async function checkReplay(t: TestContext, { way, home, service, tape }: Scene & { service: Service }): Promise<void> {
  const isMirror = way.vantage === "mirror";
  const common = ["replay", tape, "--target", service.url, "--allow-writes", "--same-target", "--order", "recorded"];
  // A mirror's tape has no status to be measured by: there an answer that says no does not count as live.
  const more = isMirror ? ["--baseline", service.url, "--min-live", "80%"] : [];
  await t.test("every sendable call is sent again and answered alike", async () => {
    const folder = join(home.folder, "same");
    const { code, stdout, stderr } = await tapeloop(t, home, [...common, ...more, "--report", folder]);
    const report = readReport(folder);
    assert.deepEqual(report.divergences, []);
    assert.equal(code, 0, `${stdout}${stderr}`);
    checkReport(way, report);
  });
  if (!isMirror) return;
  await t.test("without a baseline there is nothing to compare a mirror's tape with: inconclusive", async () => {
    const folder = join(home.folder, "alone");
    const { code, stderr } = await tapeloop(t, home, [...common, "--min-live", "80%", "--report", folder]);
    const report = readReport(folder);
    assert.equal(code, 3, stderr);
    assert.equal(report.verdict, "inconclusive");
    assert.equal(report.compared, 0);
  });
}

function checkReport(way: Way, report: ReportJson): void {
  const sendable = cases.filter(({ notSent }) => notSent === undefined);
  const alive = way.vantage === "mirror" ? sendable.filter(({ isError }) => !isError) : sendable;
  assert.equal(report.verdict, "passed");
  assert.equal(report.reference, way.vantage === "mirror" ? "baseline" : "recorded");
  assert.equal(report.sent, sendable.length);
  assert.equal(report.answered, sendable.length);
  assert.equal(report.compared, sendable.length);
  assert.equal(report.live, alive.length / sendable.length);
  assert.deepEqual(report.notSent, notSentBy(cases));
  assert.equal(report.order.violated, 0);
  // One after another, each is ordered after all before it; a mirror does not see when an answer has ended.
  if (way.vantage === "inbound") assert.equal(report.order.required, (sendable.length * (sendable.length - 1)) / 2);
}

/** How many of the cases cannot be sent, by reason, as `report.json` gives it. */
function notSentBy(some: readonly Case[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { notSent } of some) if (notSent !== undefined) counts[notSent] = (counts[notSent] ?? 0) + 1;
  return counts;
}

function readReport(folder: string): ReportJson {
  return JSON.parse(readFileSync(join(folder, "report.json"), "utf8")) as ReportJson;
}
