import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { abortUpload, askHttp1 } from "../support/clients.js";
import { newHome, tapeloop, tapeloopJson, tapeloopJsonLines } from "../support/command-line.js";
import { envoyBinary } from "../support/envoy.js";
import { pacedLoad } from "../support/paced-load.js";
import { startRecorderProcess } from "../support/recorder-process.js";
import type { ListedExchange, ReportJson, TapeStatsJson } from "../support/tape-json.js";
import { printedConfig, startTellingEnvoy } from "../support/telling-envoy.js";
import { until } from "../support/until.js";
import { startService } from "../support/upstream.js";

type Listed = ListedExchange & { durationMs?: number; answeredBy?: string; vantage: string };
type Stats = TapeStatsJson & { answers: Record<string, number>; counts: { statuses: number; statusesLost: number } };

const loadCalls = 300;

test("each mirrored request learns from Envoy's access log how it was answered, refused and aborted ones too", async (t) => {
  const binary = await envoyBinary(t);
  if (binary === undefined) return;
  const home = newHome(t);
  const tape = join(home.folder, "tape/");
  const service = await startService(t);
  // Segments that roll all the time: statuses come into later ones than their requests.
  const more = ["--access-log", "127.0.0.1:0", "--segment-age", "300ms", "--flush", "10ms"];
  const recorder = await startRecorderProcess(t, home, { tape, more });
  const printed = await printedConfig(t, home, "access-log", recorder.accessLogPort!);
  const envoy = await startTellingEnvoy(t, binary, { service: service.port, printed, mirror: recorder.port });
  const port = envoy.port("way");
  const ask = async (path: string, wanted: number, headers: [string, string][] = []) =>
    assert.equal((await askHttp1(port, { method: "GET", path, headers })).status, wanted, path);

  await ask("/echo/fine", 200);
  await ask("/status/500", 500);
  await ask("/refused", 503);
  await ask("/slow?late=1&ms=1000", 504);
  // Two calls with one id, as an application makes that passes it on: told apart by where they went.
  const id: [string, string][] = [["x-request-id", randomUUID()]];
  await ask("/status/404", 404, id);
  await ask("/status/201", 201, id);
  const mayLeave = () => until("the upload to reach the service", () => service.bodyBytes.get("/echo/leaves") === 7);
  await abortUpload(port, "/echo/leaves", { announcedBytes: 1000, piece: Buffer.from("partial"), mayLeave });
  await ask("/direct", 503); // is not mirrored, so nothing on the tape can learn of it
  const path = (call: number) => `/echo/load/${call}`;
  const loaded = await pacedLoad(port, { count: loadCalls, perSecond: 200, path });
  assert.equal(loaded.answered, loadCalls);

  const joined = () => recorder.metric("tapeloop_recorder_statuses_total");
  await until("all statuses", async () => (await joined()) === loadCalls + 7, { seen: joined });
  const lost = () => recorder.metric("tapeloop_recorder_statuses_lost_total");
  await until("the one that tells of no Exchange", async () => (await lost()) === 1, { seen: lost });
  assert.deepEqual(await recorder.stop(), { code: 0, signal: null }, recorder.stderr);

  const stats = await tapeloopJson<Stats>(t, home, ["tape", "stats", tape, "--json"]);
  assert.deepEqual(stats.byVantage, { mirror: loadCalls + 7 });
  assert.deepEqual(stats.answers, { response: 0, failure: 1, "status-only": loadCalls + 6, unknown: 0 });
  const listed = await tapeloopJsonLines<Listed>(t, home, ["tape", "ls", tape, "--json"]);
  const found = (wanted: string) => listed.find((one) => one.path === wanted)!;
  const told = (wanted: string) => [found(wanted).answer, found(wanted).status, found(wanted).answeredBy];
  assert.deepEqual(told("/echo/fine"), ["status-only", 200, "service"]);
  assert.deepEqual(told("/status/500"), ["status-only", 500, "service"]);
  assert.deepEqual(told("/refused"), ["status-only", 503, "proxy"]);
  assert.deepEqual(told("/slow?late=1&ms=1000"), ["status-only", 504, "proxy"]);
  assert.deepEqual(told("/status/404"), ["status-only", 404, "service"]);
  assert.deepEqual(told("/status/201"), ["status-only", 201, "service"]);
  assert.equal(found("/echo/leaves").answer, "failure");
  await t.test("a replay compares the statuses, and does not take their agreeing for a proof", async () => {
    const flags = [
      "--target",
      service.url,
      "--same-target",
      "--target-is-a-test",
      "--where",
      "path ^= /status",
      "--json",
    ];
    const { code, stdout, stderr } = await tapeloop(t, home, [
      "replay",
      tape,
      ...flags,
      "--report",
      join(home.folder, "r"),
    ]);
    assert.equal(code, 3, stderr);
    const report = JSON.parse(stdout) as ReportJson & { comparedByStatus: number };
    assert.deepEqual([report.compared, report.comparedByStatus, report.verdict], [3, 3, "inconclusive"]);
    assert.match(report.reasons[0]!, /only statuses could be compared/);
  });
  const late = found("/slow?late=1&ms=1000").durationMs!;
  // From when the copy came, which is a little after the call began: the route gives up after 300 ms.
  assert.ok(late > 200 && late < 1000, `${late} ms`);
});
