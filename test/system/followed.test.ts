import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Child, startChild } from "../support/child.js";
import { type Home, mainFile, newHome } from "../support/command-line.js";
import { listenOnLoopback } from "../support/loopback.js";
import { startRecorderProcess } from "../support/recorder-process.js";
import type { ReportJson } from "../support/tape-json.js";
import { until } from "../support/until.js";

interface Version {
  url: string;
  /** How many requests came. */
  readonly asked: number;
}

async function startVersion(t: TestContext, status: number, body: string): Promise<Version> {
  let asked = 0;
  const server = http.createServer((_request, response) => {
    asked++;
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  const url = `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
  return {
    url,
    get asked() {
      return asked;
    },
  };
}

interface Followed {
  /** So many calls in production, one after the other. */
  call(calls: number): Promise<void>;
  /** Waits until so many are on the tape. */
  recorded(calls: number): Promise<void>;
  replay: Child;
  candidate: Version;
  /** Ctrl-C, with what the replay ended with and reports. */
  interrupt(): Promise<{ code: number | null; report: ReportJson }>;
}

/** Production with a recorder in front of it, and a replay that follows its tape. */
async function followedReplay(
  t: TestContext,
  home: Home,
  { tape, ...answers }: { tape: string; status: number; body: string },
): Promise<Followed> {
  const production = await startVersion(t, 200, '{"stars":5}');
  const candidate = await startVersion(t, answers.status, answers.body);
  const inbound = ["--mode", "inbound", "--upstream", production.url, "--service", "reviews"];
  const recorder = await startRecorderProcess(t, home, { tape, more: inbound });
  const call = async (calls: number) => {
    for (let left = calls; left > 0; left--) await fetch(`http://127.0.0.1:${recorder.port}/reviews/${left}`);
  };
  const recorded = async (calls: number) => {
    await until(`${calls} recorded`, async () => (await recorder.metric("tapeloop_recorder_kept_total")) === calls);
  };
  await call(20);
  const words = ["replay", tape, "--follow", "--target", candidate.url, "--report", "out"];
  const replay = startChild(t, process.execPath, [mainFile, ...words], { env: home.env, cwd: home.folder });
  return {
    ...{ call, recorded, replay, candidate },
    async interrupt() {
      const { code } = await replay.end("SIGINT");
      const report = JSON.parse(readFileSync(join(home.folder, "out/report.json"), "utf8")) as ReportJson;
      return { code, report };
    },
  };
}

for (const { tape, status, body, verdict, code } of [
  { tape: "tape.db", status: 200, body: '{"stars":5}', verdict: "passed", code: 0 },
  { tape: "tape/", status: 200, body: '{"stars":"5"}', verdict: "diverged", code: 1 },
  { tape: "tape.db", status: 503, body: "{}", verdict: "inconclusive", code: 3 },
]) {
  test(`Ctrl-C ends a replay that follows ${tape} with the verdict ${verdict} and ${code}: all that came was sent`, async (t) => {
    const followed = await followedReplay(t, newHome(t), { tape, status, body });
    const seen = () => [followed.candidate.asked, followed.replay.stderr];
    // Nothing is recorded meanwhile.
    await until("the first calls", () => followed.candidate.asked === 20, { seen });
    await followed.call(20);
    await until("those that came later", () => followed.candidate.asked === 40, { seen });
    const ended = await followed.interrupt();
    assert.deepEqual([ended.code, ended.report.verdict], [code, verdict], followed.replay.stderr);
    assert.deepEqual([ended.report.sent, ended.report.notSent], [40, {}]);
  });
}

test("what came just before Ctrl-C and was not sent is counted", async (t) => {
  const followed = await followedReplay(t, newHome(t), { tape: "tape/", status: 200, body: '{"stars":5}' });
  await until("the first calls", () => followed.candidate.asked === 20);
  await followed.call(5);
  await followed.recorded(25);
  const { code, report } = await followed.interrupt();
  assert.deepEqual([code, report.verdict], [0, "passed"]);
  assert.equal(report.sent + (report.notSent.interrupted ?? 0), 25);
});
