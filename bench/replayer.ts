/**
 * Replay with comparison on, beside autocannon plain, against the same bare server in the same run: rounds alternate, so
 * that what else the machine does falls on both. Tape and run are files on disk, redaction is on.
 *
 * `node dist/bench/replayer.js [calls] [rounds]`
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { systemClock } from "../base/index.js";
import { lanesOf, type OrderName, replay } from "../replayer/index.js";
import { BatchEncoder, createRun, openTape, openTapeWriter, redactionKey } from "../tape/index.js";
import { answerTo } from "./support/replay-answers.js";

const connections = 32;
const autocannonSeconds = 2;
const calls = Number(process.argv[2] ?? 20_000);
const rounds = Number(process.argv[3] ?? 5);
const key = redactionKey(new Uint8Array(32).fill(1));
const folder = mkdtempSync(join(tmpdir(), "tapeloop-bench-"));

/** Inline, as many calls overlapping as there are connections. */
async function writeTape(kind: string): Promise<string> {
  const path = join(folder, `${kind}/`);
  const id = { name: "bench", incarnation: "00000000000000bb" };
  const writer = await openTapeWriter({ path, key, recorder: { id, origin: {}, epochNsAtZero: 0n } });
  let encoder = new BatchEncoder(1 << 20);
  for (let at = 0; at < calls; at++) {
    const part = partOf(kind, at);
    if (encoder.add(part)) continue;
    await writer.append(encoder.take());
    encoder = new BatchEncoder(1 << 20);
    encoder.add(part);
  }
  await writer.append(encoder.take());
  await writer.close();
  return path;
}

function partOf(kind: string, at: number): Parameters<BatchEncoder["add"]>[0] {
  const path = `/${kind}/${at}`;
  const body = Buffer.from(answerTo(path));
  const headers = ["content-type", "application/json", "content-length", String(body.length)];
  const end = { body: { pieces: [body], fullBytes: body.length }, end: "complete" as const };
  const times = { startedMs: at, endedMs: at + connections - 0.5 };
  return {
    part: "call",
    sequence: at + 1,
    vantage: "inbound",
    request: {
      ...{ method: "GET", scheme: "http", authority: "bench:80", path, protocol: "http/1.1" },
      ...{ headers: ["host", "bench:80", "user-agent", "bench", "accept", "*/*"], end: "complete" },
      ...{ body: { pieces: [], fullBytes: 0 }, startedMs: at, endedMs: at },
    },
    answer: { kind: "response", status: 200, headers, ...end, ...times },
  };
}

/** What one round took: calls a second by the wall clock, and this process's own CPU time (all threads) a call. */
interface Rate {
  perSecond: number;
  cpuUs: number;
}

async function timed(work: () => Promise<number>): Promise<Rate> {
  const begunMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const done = await work();
  const seconds = (performance.now() - begunMs) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond: done / seconds, cpuUs: (user + system) / done };
}

/** One replay, from opening the tape to the durable summary. Gives the number of calls. */
async function replayOnce(tapePath: string, target: string, order: OrderName): Promise<number> {
  const tape = await openTape([tapePath]);
  const run = createRun(join(folder, "run.db"), {
    ...{ run: "bench", tapeloop: "bench", startedAt: new Date().toISOString(), tapePaths: [tapePath] },
    ...{ keyId: tape.keyId, lanes: lanesOf({ target }) },
  });
  const summary = await replay(
    {
      ...{ target, selection: { text: "all" }, order, pace: { kind: "asap" }, concurrency: connections, minLive: 0.9 },
      ...{ allowWrites: false, sameTarget: false, targetIsATest: false, skipRedacted: false, headers: [] },
      keepBodyBytes: 1 << 24,
    },
    { clock: systemClock(), tape, tapePaths: [tapePath], runId: "bench", run, key, version: "bench" },
  );
  await run.close();
  await tape.close();
  if (summary.verdict !== "passed" || summary.compared !== calls)
    throw new Error(`not a clean replay: ${summary.reasons}`);
  return calls;
}

/** By time: given an amount, autocannon looks whether it is done once a second only. */
async function autocannonOnce(url: string): Promise<number> {
  const { requests, errors, non2xx } = await autocannon({ url, connections, duration: autocannonSeconds });
  if (errors + non2xx > 0) throw new Error(`autocannon: ${errors} errors, ${non2xx} answers without success`);
  return requests.total;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function inWords(name: string, rates: readonly Rate[]): string {
  const perSecond = rates.map((rate) => rate.perSecond);
  const [low, high] = [Math.min(...perSecond), Math.max(...perSecond)].map(Math.round);
  const cpuUs = Math.round(median(rates.map((rate) => rate.cpuUs)));
  return `${name.padEnd(24)} ${String(Math.round(median(perSecond))).padStart(7)}/s (${low}–${high}), ${cpuUs} µs CPU a call`;
}

function ratioInWords(rates: readonly Rate[], plain: readonly Rate[]): string {
  const ratios = rates.map((rate, at) => rate.perSecond / plain[at]!.perSecond);
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2));
  return `÷ autocannon ${median(ratios).toFixed(2)} (${low}–${high})`;
}

async function compare(kind: string, origin: string): Promise<void> {
  const tapePath = await writeTape(kind);
  const rates = { autocannon: [] as Rate[], none: [] as Rate[], recorded: [] as Rate[] };
  for (let round = -1; round < rounds; round++) {
    const plain = await timed(() => autocannonOnce(`${origin}/${kind}/1`));
    const none = await timed(() => replayOnce(tapePath, origin, "none"));
    const recorded = await timed(() => replayOnce(tapePath, origin, "recorded"));
    // The first round warms up.
    if (round < 0) continue;
    rates.autocannon.push(plain);
    rates.none.push(none);
    rates.recorded.push(recorded);
  }
  console.log(
    `\n${kind} answers, ${calls} calls, ${connections} connections, median of ${rounds} rounds (lowest–highest)`,
  );
  console.log(inWords("autocannon", rates.autocannon));
  for (const order of ["none", "recorded"] as const) {
    console.log(`${inWords(`replay, order ${order}`, rates[order])}, ${ratioInWords(rates[order], rates.autocannon)}`);
  }
}

const server = spawn(process.execPath, [fileURLToPath(new URL("./support/replay-target.js", import.meta.url))], {
  stdio: ["pipe", "pipe", "inherit"],
});
try {
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  const origin = `http://127.0.0.1:${line.toString().trim()}`;
  for (const kind of process.argv[4]?.split(",") ?? ["small", "large"]) await compare(kind, origin);
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
