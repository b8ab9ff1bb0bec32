/**
 * How late calls are sent that are due at a steady rate: a replay with comparison on beside vegeta, against the same bare
 * server in the same run, in turns, so that what else the machine does falls on both. Lateness is sent minus due, where due is
 * the first call's moment plus its number over the rate; vegeta says when it sent each. Vegeta's calls wait for nothing, so
 * order none is what is held against it; causal order has each connection's next call wait for the answer to the one before,
 * however late the server gives it.
 *
 * `node dist/bench/lateness.js [rate] [seconds] [rounds] [most]`; most: rounds in which the machine's host took more than this
 * share of the CPU time, such as 0.05, are left out. vegeta comes from `node scripts/get-peers.mjs`.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { OrderName } from "../replayer/index.js";
import { redactionKey } from "../tape/index.js";
import { replayOnce } from "./support/bench-replay.js";
import { writeBenchTape } from "./support/bench-tape.js";
import { quietRounds } from "./support/host-share.js";

const rate = Number(process.argv[2] ?? 2_000);
const seconds = Number(process.argv[3] ?? 5);
const rounds = { wanted: Number(process.argv[4] ?? 3), mostTaken: Number(process.argv[5] ?? 1) };
const calls = rate * seconds;
const key = redactionKey(new Uint8Array(32).fill(1));
const folder = mkdtempSync(join(tmpdir(), "tapeloop-late-"));

interface Lateness {
  p50: number;
  p99: number;
  max: number;
}
interface Spent extends Lateness {
  /** CPU time of all threads, planning included, over the time of sending. */
  cpuShare: number;
}

async function ourLateness(tapePath: string, target: string, order: OrderName): Promise<Spent> {
  const begun = process.cpuUsage();
  const { latenessMs, compared, verdict } = await replayOnce({
    ...{ tapePath, runPath: join(folder, "run.db"), target, key, order },
    pace: { kind: "rate", perSecond: rate },
  });
  const { user, system } = process.cpuUsage(begun);
  if (compared !== calls || verdict !== "passed")
    throw new Error(`not a clean replay: ${compared} compared, ${verdict}`);
  return { ...latenessMs, cpuShare: (user + system) / (seconds * 1e6) };
}

/** Each line of `vegeta encode` is one hit: its number and when it was sent. */
function vegetaOnce(vegeta: string, target: string): Lateness {
  const targets = join(folder, "targets.txt");
  writeFileSync(targets, Array.from({ length: 1_000 }, (_, at) => `GET ${target}/small/${at}`).join("\n"));
  const attack = ["attack", `-rate=${rate}/1s`, `-duration=${seconds}s`, `-targets=${targets}`, "-max-body=0"];
  const results = execFileSync(vegeta, attack, { maxBuffer: 1 << 30, stdio: ["ignore", "pipe", "inherit"] });
  const lines = execFileSync(vegeta, ["encode", "--to=json"], { input: results, maxBuffer: 1 << 30 }).toString();
  const hits = lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { seq: number; timestamp: string; code: number });
  if (hits.some(({ code }) => code !== 200)) throw new Error("vegeta: not all answers were 200");
  const sentMs = new Map(hits.map(({ seq, timestamp }) => [seq, epochMs(timestamp)]));
  const zeroMs = sentMs.get(0)!;
  const late = [...sentMs].map(([seq, ms]) => Math.max(0, ms - zeroMs - (seq * 1000) / rate)).sort((a, b) => a - b);
  const at = (share: number) => late[Math.min(late.length - 1, Math.floor(late.length * share))]!;
  return { p50: at(0.5), p99: at(0.99), max: late.at(-1)! };
}

/** Of an RFC 3339 time with nanoseconds. */
function epochMs(text: string): number {
  const [, seconds, fraction] = /^(.*?)(\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.exec(text)!;
  return Date.parse(`${seconds}Z`) + Number(fraction ?? 0) * 1000;
}

const inWords = (name: string, { p50, p99, max }: Lateness) =>
  `${name.padEnd(15)} p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, max ${max.toFixed(1)} ms`;
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const peers = JSON.parse(
  execFileSync(process.execPath, [fileURLToPath(new URL("../../scripts/get-peers.mjs", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
  }).toString(),
) as { vegeta?: string };
const server = spawn(process.execPath, [fileURLToPath(new URL("./support/replay-target.js", import.meta.url))], {
  stdio: ["pipe", "pipe", "inherit"],
});
try {
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  const target = `http://127.0.0.1:${line.toString().trim().split(" ")[0]}`;
  const tapePath = join(folder, "tape/");
  await writeBenchTape(tapePath, { kind: "small", calls, connections: 32, key });
  const orders: readonly OrderName[] = ["none", "causal"];
  const { kept, inWords: hostInWords } = await quietRounds(rounds, async () => {
    console.log(`${rate}/s for ${seconds} s`);
    const own: Spent[] = [];
    for (const order of orders) {
      const spent = await ourLateness(tapePath, target, order);
      own.push(spent);
      console.log(`  ${inWords(`replay, ${order}`, spent)}, ${Math.round(spent.cpuShare * 100)} % of a core`);
    }
    const theirs = peers.vegeta === undefined ? undefined : vegetaOnce(peers.vegeta, target);
    if (theirs !== undefined) console.log(`  ${inWords("vegeta", theirs)}`);
    return { own, theirs };
  });
  const theirs = kept.flatMap((round) => round.theirs?.p99 ?? []);
  const medians = [
    ...orders.map((order, at) => `replay, ${order} ${median(kept.map(({ own }) => own[at]!.p99)).toFixed(2)} ms`),
    ...(theirs.length === 0 ? [] : [`vegeta ${median(theirs).toFixed(2)} ms`]),
  ];
  console.log(`median p99 of ${kept.length} rounds after the first: ${medians.join(", ")}; ${hostInWords}`);
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
