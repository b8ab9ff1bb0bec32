/**
 * A replay with comparison beside GoReplay's replay of a file with the same calls, as fast as each goes, against the same
 * bare server in the same run, in turns. Ours is timed from opening the tape to the durable summary; GoReplay from the first call the
 * server took of it to the last, for it never ends by itself, so its start and its reading ahead cost it nothing here.
 *
 * GoReplay reads ahead 100 records (`--input-file-read-depth`) and then sleeps a tenth of a second, so as it comes it sends a
 * thousand records a second at most, answers in the file included; that is one figure. The other is what it does when it is told to
 * read the whole file ahead and finds no answers in it.
 *
 * `node dist/bench/goreplay.js [calls] [rounds] [most]`; most: rounds in which the machine's host took more than this share of
 * the CPU time, such as 0.05, are left out. GoReplay comes from `node scripts/get-peers.mjs`.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { exportTape, openTape, redactionKey } from "../tape/index.js";
import { replayOnce } from "./support/bench-replay.js";
import { writeBenchTape } from "./support/bench-tape.js";
import { cpuTimeOf } from "./support/cpu-time.js";
import { quietRounds } from "./support/host-share.js";
import { machineText } from "./support/machine.js";
import { spreadOf, spreadText } from "./support/ratio.js";

const calls = Number(process.argv[2] ?? 10_000);
const rounds = { wanted: Number(process.argv[3] ?? 3), mostTaken: Number(process.argv[4] ?? 1) };
const key = redactionKey(new Uint8Array(32).fill(1));
const folder = mkdtempSync(join(tmpdir(), "tapeloop-gor-"));
const tapePath = join(folder, "tape/");

interface Rate {
  perSecond: number;
  cpuUs: number;
  /** Calls that never came to the server. */
  lost: number;
}

/** GoReplay does not say when it is done: nothing new for so long is the end. */
const quietMs = 15_000;
interface Server {
  target: string;
  telling: string;
}
/** A way in which GoReplay is told to replay. */
interface Way {
  name: string;
  file: string;
  flags: readonly string[];
}

/** `both`: requests and answers, as GoReplay writes them when it tracks responses; else the requests alone. */
async function writeGorFile(path: string, both: boolean): Promise<void> {
  const tape = await openTape([tapePath]);
  const all = createWriteStream(path);
  await exportTape(tape, all, { format: "gor", version: "bench" });
  await tape.close();
  if (!both) rewriteWithoutAnswers(path);
}

function rewriteWithoutAnswers(path: string): void {
  const awk = 'BEGIN { RS = ORS = "\\n🐵🙈🙉\\n" } /^1 / { print }';
  execFileSync("sh", ["-c", `awk '${awk}' "$1" > "$1.requests" && mv "$1.requests" "$1"`, "sh", path]);
}

async function ourRate(target: string): Promise<Rate> {
  const [begunMs, begun] = [performance.now(), process.cpuUsage()];
  const { verdict, compared, reasons } = await replayOnce({ tapePath, runPath: join(folder, "run.db"), target, key });
  const tookMs = performance.now() - begunMs;
  const { user, system } = process.cpuUsage(begun);
  if (verdict !== "passed" || compared !== calls) throw new Error(`not a clean replay of ${compared}: ${reasons}`);
  return { perSecond: (calls * 1000) / tookMs, cpuUs: (user + system) / calls, lost: 0 };
}

async function goReplayRate(binary: string, { target, telling }: Server, { file, flags }: Way): Promise<Rate> {
  await taken(`${telling}/reset`);
  // A speed that makes the pauses between calls nothing: it sleeps what is between two, divided by this.
  const input = ["--input-file", `${file}|1000000000%`, ...flags];
  const child = spawn(binary, [...input, "--output-http", target], { stdio: "ignore" });
  try {
    let last = { calls: 0, atMs: performance.now() };
    for (;;) {
      const { calls: came, firstMs, lastMs } = await taken(telling);
      if (came > last.calls) last = { calls: came, atMs: performance.now() };
      if (came >= calls || performance.now() - last.atMs > quietMs) {
        const used = cpuTimeOf(child.pid!);
        const usedMs = used === undefined ? Number.NaN : used.servingMs + used.othersMs;
        return { perSecond: (came * 1000) / (lastMs - firstMs), cpuUs: (usedMs * 1000) / came, lost: calls - came };
      }
      if (child.exitCode !== null) throw new Error(`GoReplay ended with ${child.exitCode} after ${came} calls`);
      await sleep(100);
    }
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}

async function taken(url: string): Promise<{ calls: number; firstMs: number; lastMs: number }> {
  const answer = await fetch(url);
  return (await answer.json()) as { calls: number; firstMs: number; lastMs: number };
}

async function compare(binary: string, server: Server): Promise<void> {
  await writeBenchTape(tapePath, { kind: "small", calls, connections: 32, key });
  const [withAnswers, requests] = [join(folder, "both.gor"), join(folder, "requests.gor")];
  await writeGorFile(withAnswers, true);
  await writeGorFile(requests, false);
  const ways: readonly Way[] = [
    { name: "GoReplay, its own file (requests and answers)", file: withAnswers, flags: [] },
    { name: "GoReplay, requests alone", file: requests, flags: [] },
    {
      ...{ name: "GoReplay, requests alone, reading all ahead", file: requests },
      flags: ["--input-file-read-depth", String(2 * calls)],
    },
  ];
  const round = async () => {
    const own = await ourRate(server.target);
    const theirs: Rate[] = [];
    for (const way of ways) theirs.push(await goReplayRate(binary, server, way));
    return { own, theirs };
  };
  // GoReplay needs no warming up, and takes minutes.
  const { kept, inWords } = await quietRounds(rounds, round, () => ourRate(server.target));
  console.log(`${kept.length} rounds; ${inWords}`);
  const own = kept.map((round) => round.own);
  const theirs = ways.map((way, at) => ({ way, rates: kept.map((round) => round.theirs[at]!) }));
  tell("replay, order causal, compared", own);
  for (const { way, rates } of theirs) {
    tell(way.name, rates);
    const ratios = rates.map(({ perSecond }, round) => own[round]!.perSecond / perSecond);
    console.log(`    replay ÷ this: ${spreadText(spreadOf(ratios), 1)}`);
  }
}

function tell(name: string, rates: readonly Rate[]): void {
  const perSecond = spreadText(spreadOf(rates.map((rate) => rate.perSecond)), 0);
  const cpuUs = spreadText(spreadOf(rates.map((rate) => rate.cpuUs)), 0);
  const lost = Math.max(...rates.map((rate) => rate.lost));
  const losing = lost === 0 ? "" : `; up to ${lost} calls never came`;
  console.log(`${name.padEnd(46)} ${perSecond}/s, CPU ${cpuUs} µs a call${losing}`);
}

const { goreplay } = JSON.parse(
  execFileSync(process.execPath, [fileURLToPath(new URL("../../scripts/get-peers.mjs", import.meta.url))], {
    stdio: ["ignore", "pipe", "inherit"],
  }).toString(),
) as { goreplay?: string };
const server = spawn(process.execPath, [fileURLToPath(new URL("./support/replay-target.js", import.meta.url))], {
  stdio: ["pipe", "pipe", "inherit"],
});
try {
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  const [target, , telling] = line
    .toString()
    .trim()
    .split(" ")
    .map((port) => `http://127.0.0.1:${port}`);
  console.log(`${machineText()} · ${calls} calls\n`);
  if (goreplay === undefined) console.log("GoReplay is not here");
  else await compare(goreplay, { target: target!, telling: telling! });
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
