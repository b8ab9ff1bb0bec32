import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { askHttp1 } from "../support/clients.js";
import { type Home, newHome, tapeloop, tapeloopJson } from "../support/command-line.js";
import { type RecorderProcess, startRecorderProcess } from "../support/recorder-process.js";
import type { ReportJson, TapeStatsJson } from "../support/tape-json.js";
import { until } from "../support/until.js";
import { startService } from "../support/upstream.js";

interface CoverageJson {
  coverage: {
    share: number;
    seen: number;
    undecided: number;
    recorders: { recorder: string; share: number; gapMs: number }[];
    restarts: { saidGoodbye: boolean; fromNs: string; toNs: string }[];
  };
  ledger?: { recorder: { name: string }; minuteNs: string; counts: Record<string, number>; restarts?: number }[];
}

async function statsOf(t: TestContext, home: Home, tape: string): Promise<TapeStatsJson & CoverageJson> {
  return await tapeloopJson(t, home, ["tape", "stats", tape, "--ledger", "--json"]);
}

async function replayed(t: TestContext, home: Home, tape: string, words: readonly string[]) {
  const { code, stdout, stderr } = await tapeloop(t, home, ["replay", tape, "--same-target", "--json", ...words]);
  assert.equal(stderr, "");
  return { code, report: JSON.parse(stdout) as ReportJson };
}

async function calls(recorder: RecorderProcess, count: number, path = "/echo"): Promise<void> {
  for (let call = 0; call < count; call++) {
    assert.equal((await askHttp1(recorder.port, { method: "GET", path: `${path}/${call}` })).status, 200);
  }
}

test("a tape that holds less than the floor of what was seen gives no verdict; one that holds enough does", async (t) => {
  const home = newHome(t);
  const service = await startService(t);
  const tape = join(home.folder, "tape.db");
  const more = ["--mode", "inbound", "--upstream", service.url, "--max-rate", "0.001/s", "--drop", "path ^= /echo/out"];
  const recorder = await startRecorderProcess(t, home, { tape, more });
  await calls(recorder, 4);
  await calls(recorder, 3, "/echo/out");
  assert.deepEqual(await recorder.stop(), { code: 0, signal: null });

  const stats = await statsOf(t, home, tape);
  assert.equal(stats.coverage.share, 0.25);
  assert.deepEqual([stats.counts.seen, stats.counts.kept, stats.dropped, stats.counts.sampledOut], [7, 1, 3, 3]);
  assert.equal(
    stats.ledger!.reduce((sum, { counts }) => sum + counts.seen!, 0),
    7,
  );
  const { stdout } = await tapeloop(t, home, ["tape", "stats", tape]);
  assert.match(stdout, /coverage +25% \(1 of 4\), 3 dropped, 3 left out by choice/);

  const below = await replayed(t, home, tape, ["--target", service.url, "--floor", "99%"]);
  assert.deepEqual([below.code, below.report.verdict], [3, "inconclusive"]);
  assert.match(
    below.report.reasons[0]!,
    /holds 25% of the calls seen .*\(1 of 4, 3 dropped\), and --floor asks for 99%/,
  );
  const above = await replayed(t, home, tape, ["--target", service.url, "--floor", "25%"]);
  assert.deepEqual([above.code, above.report.verdict], [0, "passed"]);
  const unasked = await replayed(t, home, tape, ["--target", service.url]);
  assert.deepEqual([unasked.code, unasked.report.verdict], [0, "passed"]);
});

test("a restart leaves its bounds; after a kill it is a gap, and no floor is met across it", async (t) => {
  const home = newHome(t);
  const service = await startService(t);
  const tape = join(home.folder, "tape");
  const more = ["--mode", "inbound", "--upstream", service.url, "--service", "echo"];
  const start = () => startRecorderProcess(t, home, { tape, more });
  const first = await start();
  await calls(first, 3, "/echo/first");
  assert.deepEqual(await first.stop(), { code: 0, signal: null });
  const second = await start();
  await calls(second, 3, "/echo/second");
  await until("the calls to be kept", async () => (await second.metric("tapeloop_recorder_kept_total")) === 3);
  await second.kill();
  const third = await start();
  await calls(third, 3, "/echo/third");
  assert.deepEqual(await third.stop(), { code: 0, signal: null });

  const { coverage, gaps, ledger, recorders } = await statsOf(t, home, tape);
  assert.deepEqual(
    coverage.restarts.map(({ saidGoodbye }) => saidGoodbye),
    [true, false],
  );
  const [clean, broken] = coverage.restarts;
  assert.deepEqual([clean!.fromNs, clean!.toNs], [recorders[0]!.stoppedNs, recorders[1]!.startedNs]);
  assert.deepEqual([broken!.fromNs, broken!.toNs], [recorders[1]!.aliveNs, recorders[2]!.startedNs]);
  assert.deepEqual(
    gaps.map(({ fromNs, toNs }) => [fromNs, toNs]),
    [[broken!.fromNs, broken!.toNs]],
  );
  assert.equal(coverage.recorders[0]!.gapMs, Number(BigInt(broken!.toNs) - BigInt(broken!.fromNs)) / 1e6);
  assert.equal(
    ledger!.reduce((sum, { restarts }) => sum + (restarts ?? 0), 0),
    2,
  );
  const { stdout } = await tapeloop(t, home, ["tape", "stats", tape, "--ledger"]);
  assert.match(stdout, /within a gap nobody knows what came/);
  assert.match(stdout, /^restart: echo stopped at .* and began again at /m);
  assert.match(stdout, /^\d{4}-\d\d-\d\dT\d\d:\d\dZ {2}echo {2}seen /m);

  const across = await replayed(t, home, tape, ["--target", service.url, "--floor", "1%"]);
  assert.equal(across.code, 3);
  assert.match(across.report.reasons[0]!, /^recorder echo broke off at .* nobody can count, and --floor asks for 1%$/);
  // Before the gap there is only the restart that was announced.
  const before = ["--where", 'path ^= /echo/first or path = "/echo/second/0"', "--floor", "1%"];
  const within = await replayed(t, home, tape, ["--target", service.url, ...before]);
  assert.deepEqual([within.code, within.report.verdict], [0, "passed"]);
});

test("what is seen and left out, kept or dropped adds up on the metrics page at every look", async (t) => {
  const home = newHome(t);
  const service = await startService(t);
  const more = ["--mode", "inbound", "--upstream", service.url, "--keep", "path ~ '[05]$'", "--sample", "60%"];
  const recorder = await startRecorderProcess(t, home, { tape: join(home.folder, "tape.db"), more });
  let isOver = false;
  const load = Promise.all(Array.from({ length: 6 }, () => calls(recorder, 50))).finally(() => {
    isOver = true;
  });
  let looks = 0;
  while (!isOver) {
    const text = await recorder.metrics();
    const of = (name: string) => Number(new RegExp(`^tapeloop_recorder_${name} (\\d+)$`, "m").exec(text)![1]);
    const settled = of("kept_total") + of("dropped_total") + of("sampled_out_total");
    assert.equal(of("seen_total"), settled + of("undecided_calls"), text);
    looks++;
  }
  await load;
  assert.ok(looks > 1);
  assert.deepEqual(await recorder.stop(), { code: 0, signal: null });
});
