/**
 * Replay with comparison on, beside autocannon plain, against the same bare server in the same run: rounds alternate, so
 * that what else the machine does falls on both. Tape and run are files on disk, redaction is on. The rate of a replay is
 * that of the whole, from opening the tape to the durable summary; beside it stands the rate while it was sending. CPU is
 * told by thread, for it hardly depends on what else the machine does.
 *
 * `node dist/bench/replayer.js [calls] [rounds] [small,large] [most]`; most: rounds in which the machine's host took more than
 * this share of the CPU time, such as 0.05, are left out
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { baggageFor, replayMarks, systemClock } from "../base/index.js";
import { lanesOf, type OrderName, replay } from "../replayer/index.js";
import { createRun, openRun, openTape, type RunSummary, redactionKey } from "../tape/index.js";
import { writeBenchTape } from "./support/bench-tape.js";
import { cpuTimeOf } from "./support/cpu-time.js";
import { quietRounds } from "./support/host-share.js";

const connections = 32;
const autocannonSeconds = 2;
const calls = Number(process.argv[2] ?? 50_000);
const rounds = { wanted: Number(process.argv[3] ?? 5), mostTaken: Number(process.argv[5] ?? 1) };
const key = redactionKey(new Uint8Array(32).fill(1));
const folder = mkdtempSync(join(tmpdir(), "tapeloop-bench-"));
const runPath = join(folder, "run.db");

/** What some work did: calls, and for how long it was sending them. */
interface Done {
  calls: number;
  sendingMs: number;
}

/** What one round took: calls a second by the wall clock, and CPU time a call of our threads and of the server. */
interface Rate {
  perSecond: number;
  sendingPerSecond: number;
  mainUs: number;
  othersUs: number;
  serverUs: number;
}

async function timed(work: () => Promise<Done>): Promise<Rate> {
  const begunMs = performance.now();
  const before = cpuMs();
  const { calls: done, sendingMs } = await work();
  const after = cpuMs();
  const usOf = (part: keyof typeof before) => ((after[part] - before[part]) * 1000) / done;
  return {
    perSecond: (done * 1000) / (performance.now() - begunMs),
    sendingPerSecond: (done * 1000) / sendingMs,
    mainUs: usOf("main"),
    othersUs: usOf("all") - usOf("main"),
    serverUs: usOf("server"),
  };
}

/** Threads end and take their own figures along, so all but the main one are told by difference; 0 without /proc. */
function cpuMs(): { all: number; main: number; server: number } {
  const { user, system } = process.cpuUsage();
  const ofServer = cpuTimeOf(server.pid!);
  return {
    all: (user + system) / 1000,
    main: cpuTimeOf(process.pid)?.servingMs ?? 0,
    server: ofServer === undefined ? 0 : ofServer.servingMs + ofServer.othersMs,
  };
}

/** A way of replaying that is measured. */
interface Way {
  name: string;
  order: OrderName;
  /** Learn from the tape which values live answers produce, and carry them. */
  links: boolean;
}
const ways: readonly Way[] = [
  { name: "none", order: "none", links: false },
  { name: "causal", order: "causal", links: false },
  { name: "causal, carrying", order: "causal", links: true },
];

/** One replay, from opening the tape to the durable summary. */
async function replayOnce(tapePath: string, target: string, { order, links }: Way): Promise<RunSummary> {
  const tape = await openTape([tapePath]);
  const run = createRun(runPath, {
    ...{ run: "bench", tapeloop: "bench", startedAt: new Date().toISOString(), tapePaths: [tapePath] },
    ...{ keyId: tape.keyId, lanes: lanesOf({ target }) },
  });
  const summary = await replay(
    {
      ...{ target, selection: { text: "all" }, order, pace: { kind: "asap" }, concurrency: connections, minLive: 0.9 },
      ...{ allowWrites: false, sameTarget: false, targetIsATest: false, skipRedacted: false, headers: [] },
      ...{ keepBodyBytes: 1 << 24, carry: { links, credentials: [] } },
    },
    { clock: systemClock(), tape, tapePaths: [tapePath], runId: "bench", run, key, version: "bench" },
  );
  await run.close();
  await tape.close();
  if (summary.compared !== calls || summary.order.violated > 0)
    throw new Error(`not a whole replay: ${summary.reasons}`);
  return summary;
}

async function cleanReplay(tapePath: string, target: string, way: Way): Promise<Done> {
  const { verdict, reasons, durationMs } = await replayOnce(tapePath, target, way);
  if (verdict !== "passed") throw new Error(`not a clean replay: ${reasons}`);
  return { calls, sendingMs: durationMs };
}

/** That comparison is on and the run file is written is seen by what they find: one answer that was changed on purpose. */
async function findSeeded(tapePath: string, target: string): Promise<string> {
  const { divergences } = await replayOnce(tapePath, target, ways.at(-1)!);
  const run = openRun(runPath);
  try {
    const [found] = divergences;
    const step = found?.examples[0]?.step ?? -1;
    const kept = [...run.steps()].length;
    const sides = ["recorded", "candidate"].map((lane) => run.outcome(step, lane)?.answer.kind);
    if (divergences.length === 0 || kept !== calls || sides.some((kind) => kind !== "response"))
      throw new Error(`the seeded difference was not found, or is not in the run file: ${JSON.stringify(divergences)}`);
    return `${found!.kind} at ${found!.place}, Exchange ${found!.sinceExchange}`;
  } finally {
    run.close();
  }
}

/** What a replayed call of the tape carries, beside what autocannon sends by itself. */
const mark = { run: "000000000000", step: "12345", lane: "candidate" };
const replayedFields = {
  ...{ "user-agent": "bench", accept: "*/*" },
  "x-request-id": "01234567-89ab-4cde-8f01-23456789abcd",
  traceparent: "00-0123456789abcdef0123456789abcdef-0123456789abcdef-00",
  baggage: baggageFor(mark),
  ...{ [replayMarks.run]: mark.run, [replayMarks.step]: mark.step, [replayMarks.lane]: mark.lane },
};

/** By time: given an amount, autocannon looks whether it is done once a second only. */
async function autocannonOnce(url: string, headers: Record<string, string> = {}): Promise<Done> {
  const { requests, errors, non2xx } = await autocannon({ url, connections, duration: autocannonSeconds, headers });
  if (errors + non2xx > 0) throw new Error(`autocannon: ${errors} errors, ${non2xx} answers without success`);
  return { calls: requests.total, sendingMs: autocannonSeconds * 1000 };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function inWords(name: string, rates: readonly Rate[]): string {
  const perSecond = rates.map((rate) => rate.perSecond);
  const [low, high] = [Math.min(...perSecond), Math.max(...perSecond)].map(Math.round);
  const us = (part: "mainUs" | "othersUs" | "serverUs") => Math.round(median(rates.map((rate) => rate[part])));
  return `${name.padEnd(22)} ${String(Math.round(median(perSecond))).padStart(7)}/s (${low}–${high}); CPU µs a call: ${us("mainUs")} main thread + ${us("othersUs")} others, ${us("serverUs")} server`;
}

function ratioInWords(peerName: string, rates: readonly Rate[], plain: readonly Rate[]): string {
  const inWordsOf = (part: "perSecond" | "sendingPerSecond") => {
    const ratios = rates.map((rate, at) => rate[part] / plain[at]!.sendingPerSecond);
    const [low, high] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2));
    return `${median(ratios).toFixed(2)} (${low}–${high})`;
  };
  return `÷ ${peerName}: whole ${inWordsOf("perSecond")}, while sending ${inWordsOf("sendingPerSecond")}`;
}

async function compare(kind: string, origin: string, seededOrigin: string): Promise<void> {
  const tapePath = join(folder, `${kind}/`);
  await writeBenchTape(tapePath, { kind, calls, connections, key });
  const seeded = await findSeeded(tapePath, seededOrigin);
  const { kept, inWords: hostInWords } = await quietRounds(rounds, async () => {
    const plain = await timed(() => autocannonOnce(`${origin}/${kind}/1`));
    const fields = await timed(() => autocannonOnce(`${origin}/${kind}/1`, replayedFields));
    const ours: Rate[] = [];
    for (const way of ways) ours.push(await timed(() => cleanReplay(tapePath, origin, way)));
    return { plain, fields, ours };
  });
  const peer = kept.map(({ plain }) => plain);
  const withFields = kept.map(({ fields }) => fields);
  const ours = ways.map((way, at) => ({ way, rates: kept.map((round) => round.ours[at]!) }));
  console.log(
    `\n${kind} answers, ${calls} calls, ${connections} connections, median of ${kept.length} rounds (lowest–highest); ${hostInWords}`,
  );
  console.log(inWords("autocannon", peer));
  console.log(inWords("  with our fields", withFields));
  for (const { way, rates } of ours) {
    console.log(inWords(`replay, ${way.name}`, rates));
    console.log(`${" ".repeat(22)} ${ratioInWords("autocannon", rates, peer)}`);
    console.log(`${" ".repeat(22)} ${ratioInWords("autocannon with our fields", rates, withFields)}`);
  }
  console.log(`seeded difference found: ${seeded}`);
}

const server = spawn(process.execPath, [fileURLToPath(new URL("./support/replay-target.js", import.meta.url))], {
  stdio: ["pipe", "pipe", "inherit"],
});
try {
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  const [origin, seededOrigin] = line
    .toString()
    .trim()
    .split(" ")
    .map((port) => `http://127.0.0.1:${port}`);
  for (const kind of process.argv[4]?.split(",") ?? ["small", "large"]) await compare(kind, origin!, seededOrigin!);
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
