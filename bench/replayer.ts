/**
 * Replay with comparison on, beside autocannon plain, against the same bare server in the same run, each in a process of its
 * own: rounds alternate, so that what else the machine does falls on both, and a first one of each is for warming up. Tape
 * and run are files on disk, redaction is on. The rate of a replay is that of the whole, from opening the tape to the durable
 * summary; beside it stands the rate while it was sending. CPU is told by thread, for it hardly depends on what else the
 * machine does.
 *
 * `node dist/bench/replayer.js [calls] [rounds] [small,large] [most]`; most: rounds in which the machine's host took more than
 * this share of the CPU time, such as 0.05, are left out
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { baggageFor, replayMarks } from "../base/index.js";
import { openRun, redactionKey } from "../tape/index.js";
import { connections, type Rate, type Round } from "./replayer/round.js";
import { replayOnce } from "./support/bench-replay.js";
import { writeBenchTape } from "./support/bench-tape.js";
import { quietRounds } from "./support/host-share.js";

const calls = Number(process.argv[2] ?? 50_000);
const rounds = { wanted: Number(process.argv[3] ?? 5), mostTaken: Number(process.argv[5] ?? 1) };
const key = redactionKey(new Uint8Array(32).fill(1));
const folder = mkdtempSync(join(tmpdir(), "tapeloop-bench-"));
const runPath = join(folder, "run.db");

/** The ways of replaying that are measured; carrying: learns from the tape which values live answers produce. */
const ways = [
  { name: "none", order: "none", links: false },
  { name: "causal", order: "causal", links: false },
  { name: "causal, carrying", order: "causal", links: true },
] as const;

/** A process that does rounds. */
function roundsProcess(serverPid: number): ChildProcess {
  return fork(fileURLToPath(new URL("./replayer/rounds-process.js", import.meta.url)), [String(serverPid)]);
}

async function rateOf(rounds: ChildProcess, round: Round): Promise<Rate> {
  rounds.send(round);
  const answer = await new Promise<{ rate: Rate } | { failed: string }>((resolve) => {
    const gone = (code: number | null) => resolve({ failed: `a process of the bench ended with ${code}` });
    rounds.once("exit", gone).once("message", (told: { rate: Rate }) => {
      rounds.off("exit", gone);
      resolve(told);
    });
  });
  if ("failed" in answer) throw new Error(answer.failed);
  return answer.rate;
}

/** That comparison is on and the run file is written is seen by what they find: one answer that was changed on purpose. */
async function findSeeded(tapePath: string, target: string): Promise<string> {
  const { divergences } = await replayOnce({ tapePath, runPath, target, key });
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

/** The processes that do the rounds. */
interface Processes {
  replays: ChildProcess;
  loads: ChildProcess;
}

async function compare(
  kind: string,
  origin: string,
  seededOrigin: string,
  { replays, loads }: Processes,
): Promise<void> {
  const tapePath = join(folder, `${kind}/`);
  await writeBenchTape(tapePath, { kind, calls, connections, key });
  const seeded = await findSeeded(tapePath, seededOrigin);
  const { kept, inWords: hostInWords } = await quietRounds(rounds, async () => {
    const load = { kind: "autocannon", url: `${origin}/${kind}/1` } as const;
    const plain = await rateOf(loads, { ...load, headers: {} });
    const fields = await rateOf(loads, { ...load, headers: replayedFields });
    const ours: Rate[] = [];
    for (const { order, links } of ways) {
      ours.push(await rateOf(replays, { kind: "replay", tapePath, runPath, target: origin, calls, order, links }));
    }
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
const [replays, loads] = [roundsProcess(server.pid!), roundsProcess(server.pid!)];
try {
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  const [origin, seededOrigin] = line
    .toString()
    .trim()
    .split(" ")
    .map((port) => `http://127.0.0.1:${port}`);
  for (const kind of process.argv[4]?.split(",") ?? ["small", "large"]) {
    await compare(kind, origin!, seededOrigin!, { replays, loads });
  }
} finally {
  for (const rounds of [replays, loads]) rounds.kill();
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
