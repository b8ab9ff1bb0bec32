/**
 * How late calls are sent that are due at a steady rate: a replay with comparison on beside vegeta, against the same bare
 * server in the same run, in turns, so that what else the machine does falls on both. Lateness is sent minus due, where due is
 * the first call's moment plus its number over the rate; vegeta says when it sent each.
 *
 * `node dist/bench/lateness.js [rate] [seconds] [rounds]`; vegeta comes from `node scripts/get-peers.mjs`.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../base/index.js";
import { lanesOf, replay } from "../replayer/index.js";
import { createRun, openTape, redactionKey } from "../tape/index.js";
import { writeBenchTape } from "./support/bench-tape.js";

const rate = Number(process.argv[2] ?? 2_000);
const seconds = Number(process.argv[3] ?? 5);
const rounds = Number(process.argv[4] ?? 3);
const calls = rate * seconds;
const key = redactionKey(new Uint8Array(32).fill(1));
const folder = mkdtempSync(join(tmpdir(), "tapeloop-late-"));

interface Lateness {
  p50: number;
  p99: number;
  max: number;
}

async function replayOnce(tapePath: string, target: string): Promise<Lateness> {
  const tape = await openTape([tapePath]);
  const run = createRun(join(folder, "run.db"), {
    ...{ run: "late", tapeloop: "bench", startedAt: new Date().toISOString(), tapePaths: [tapePath] },
    ...{ keyId: tape.keyId, lanes: lanesOf({ target }) },
  });
  const { latenessMs, compared, verdict } = await replay(
    {
      ...{ target, selection: { text: "all" }, order: "causal", concurrency: 32, minLive: 0.9 },
      ...{ pace: { kind: "rate", perSecond: rate }, allowWrites: false, sameTarget: false, targetIsATest: false },
      ...{ skipRedacted: false, headers: [], keepBodyBytes: 1 << 24 },
    },
    { clock: systemClock(), tape, tapePaths: [tapePath], runId: "late", run, key, version: "bench" },
  );
  await run.close();
  await tape.close();
  if (compared !== calls || verdict !== "passed")
    throw new Error(`not a clean replay: ${compared} compared, ${verdict}`);
  return latenessMs;
}

/** Each line of `vegeta encode` is one hit: its number and when it was sent. */
function vegetaOnce(vegeta: string, target: string): Lateness {
  const targets = join(folder, "targets.txt");
  writeFileSync(targets, Array.from({ length: 1_000 }, (_, at) => `GET ${target}/small/${at}`).join("\n"));
  const attack = ["attack", `-rate=${rate}/1s`, `-duration=${seconds}s`, `-targets=${targets}`, "-max-body=-1"];
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
  `${name.padEnd(10)} p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, max ${max.toFixed(1)} ms`;
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
  const found: { ours: Lateness; vegeta: Lateness | undefined }[] = [];
  for (let round = 0; round < rounds; round++) {
    const vegeta = peers.vegeta === undefined ? undefined : vegetaOnce(peers.vegeta, target);
    const ours = await replayOnce(tapePath, target);
    found.push({ ours, vegeta });
    console.log(`round ${round + 1}, ${rate}/s for ${seconds} s`);
    console.log(`  ${inWords("replay", ours)}`);
    if (vegeta !== undefined) console.log(`  ${inWords("vegeta", vegeta)}`);
  }
  const theirs = found.flatMap(({ vegeta }) => vegeta?.p99 ?? []);
  const own = median(found.map(({ ours }) => ours.p99));
  console.log(
    `median p99: replay ${own.toFixed(2)} ms${theirs.length === 0 ? "" : `, vegeta ${median(theirs).toFixed(2)} ms`}`,
  );
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
