// What the tape costs: CPU time of the writing thread a call, bytes on disk, redaction beside JSON.parse, and how fast a
// long tape is opened, listed and searched. `node dist/bench/tape.js [CALLS_OF_EACH_KIND] [CALLS_OF_THE_LONG_TAPE]`; with 0
// calls of each kind the long tape alone.
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { gzipSync } from "node:zlib";
import {
  makingOnce,
  newRecorderId,
  openTape,
  parseWhere,
  redactionKey,
  redactPart,
  type TapeReader,
} from "../tape/index.js";
import { RecordingTape } from "../tape/sqlite/recording-tape.js";
import { machineText } from "./support/machine.js";
import { spreadOf, spreadText } from "./support/ratio.js";
import { batchesOf, type CallKind, callKinds, callPart, callsOf } from "./tape/calls.js";
import { gorText } from "./tape/gor-text.js";

const key = redactionKey(new Uint8Array(32).fill(1));
const startNs = 1_795_341_600_000_000_000n;
const rounds = 5;

async function main(calls: number, longTape: number): Promise<void> {
  console.log(`${machineText()}\n`);
  const folder = mkdtempSync(join(tmpdir(), "tapeloop-bench-"));
  try {
    if (calls > 0) compareKinds(folder, calls);
    await readingTimes(join(folder, "long"), longTape);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function compareKinds(folder: string, calls: number): void {
  console.log(
    "CPU time by the writing thread, µs a call (decode, redact, pack, store; JSON.parse of the body beside):",
  );
  for (const [name, kind] of Object.entries(callKinds)) console.log(`  ${name}: ${writingText(folder, kind, calls)}`);
  console.log("\nBytes on disk an exchange, beside GoReplay's file of the same calls:");
  for (const [name, kind] of Object.entries(callKinds)) console.log(`  ${name}: ${sizeText(folder, kind, calls)}`);
  console.log("\nRedaction ÷ JSON.parse of the same body:");
  for (const [name, kind] of Object.entries(callKinds)) {
    if ("body" in kind && !kind.inline) console.log(`  ${name}: ${redactionText(kind)}`);
  }
}

function openRecording(path: string): RecordingTape {
  const recorder = { id: newRecorderId("bench"), origin: {}, epochNsAtZero: startNs };
  const tape = new RecordingTape({
    place: { kind: "folder", path },
    recorder,
    key,
    segmentBytes: 2 ** 28,
    segmentAgeMs: 3_600_000,
  });
  tape.open(startNs);
  return tape;
}

/** Of this process, which writes on its only thread here: it hardly depends on what else the machine does. */
function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function writingText(folder: string, kind: CallKind, calls: number): string {
  const tape = openRecording(join(folder, "writing/"));
  const costs: number[] = [];
  const parses: number[] = [];
  // The first round is for the compilers.
  for (let round = 0; round <= rounds; round++) {
    let usedUs = 0;
    for (const batch of batchesOf(callsOf(kind, round * calls, (round + 1) * calls))) {
      const before = cpuUs();
      tape.append(batch, startNs);
      usedUs += cpuUs() - before;
    }
    if (round > 0) costs.push(usedUs / calls);
    if (round > 0 && kind.body !== undefined) parses.push(parseUs(kind.body));
  }
  tape.close(startNs);
  rmSync(join(folder, "writing"), { recursive: true });
  const beside = parses.length === 0 ? "" : `; JSON.parse ${spreadText(spreadOf(parses), 1)}`;
  return spreadText(spreadOf(costs), 1) + beside;
}

function parseUs(body: string): number {
  const texts = bodiesOf(body);
  const before = cpuUs();
  for (let time = 0; time < 4; time++) for (const text of texts) JSON.parse(text);
  return (cpuUs() - before) / (4 * texts.length);
}

function bodiesOf(body: string): string[] {
  return Array.from({ length: 500 }, (_, number) => body.replaceAll("@", String(number)));
}

function sizeText(folder: string, kind: CallKind, calls: number): string {
  const path = join(folder, "sizes/");
  const tape = openRecording(path);
  for (const batch of batchesOf(callsOf(kind, 0, calls))) tape.append(batch, startNs);
  tape.close(startNs);
  const stored = readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
  rmSync(path, { recursive: true });
  const gor = Buffer.concat([...callsOf(kind, 0, calls)].map(gorText));
  const gzipped = gzipSync(gor, { level: 6 }).length;
  const each = (bytes: number) => (bytes / calls).toFixed(0);
  return `${each(stored)} ÷ ${each(gor.length)} = ${(stored / gor.length).toFixed(3)}; gzip -6 of that file ${each(gzipped)} = ${(gzipped / gor.length).toFixed(3)}`;
}

/** All that redaction does with a call, headers and the hash of the body included; rounds of both take turns. */
function redactionText(kind: CallKind & { body: string }): string {
  const parts = Array.from({ length: 500 }, (_, number) => callPart(kind, number));
  const ratios: number[] = [];
  const costs: number[] = [];
  for (let round = 0; round <= rounds * 2; round++) {
    const before = cpuUs();
    for (let time = 0; time < 4; time++) {
      // As in a batch, whose calls carry the same token.
      makingOnce(key, () => {
        for (const part of parts) if (part.part !== "status") redactPart(part, key);
      });
    }
    const redactUs = (cpuUs() - before) / (4 * parts.length);
    const parsedUs = parseUs(kind.body);
    if (round < 2) continue;
    costs.push(redactUs);
    ratios.push(redactUs / parsedUs);
  }
  return `${spreadText(spreadOf(ratios))} (${spreadText(spreadOf(costs), 1)} µs)`;
}

async function readingTimes(path: string, calls: number): Promise<void> {
  const tape = openRecording(path);
  for (const batch of batchesOf(longTapeCalls(calls))) tape.append(batch, startNs);
  tape.close(startNs);
  const bytes = readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
  console.log(`\nA tape of ${calls} calls and answers, ${(bytes / 2 ** 20).toFixed(0)} MiB:`);
  const reader = await timed("open", () => openTape([path]));
  await timed("list the first 20", () => count(reader, { limit: 20 }));
  for (const where of [
    "status = 503",
    "method = DELETE",
    'path = "/items/77777"',
    'path ^= "/health"',
    "callee = 127.0.0.1 and status >= 500",
    `started >= ${startNs + (BigInt(calls) * 20_000n) / 2n} and started < ${startNs + (BigInt(calls) * 20_000n) / 2n + 10_000_000n}`,
  ]) {
    await timed(`filter ${where}`, () => count(reader, parseWhere(where)));
  }
  await timed("statistics", async () => (await reader.stats()).exchanges);
  await timed("list all", () => count(reader, {}));
  await timed("read all, bodies and headers", () => countWhole(reader));
  await reader.close();
}

/** Of a thousand calls one fails, one deletes, and one asks for the health; the rest ask for items. */
function* longTapeCalls(calls: number) {
  const kind = callKinds["inline, small GET"];
  for (let number = 0; number < calls; number++) {
    const kindOf = number % 1000;
    const part = callPart(kind, number, kindOf === 3 ? "/health/live" : `/items/${number}`, kindOf === 1 ? 503 : 200);
    if (kindOf === 2 && part.part === "call") part.request.method = "DELETE";
    yield part;
  }
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const [before, cpuBefore] = [performance.now(), cpuUs()];
  const result = await work();
  const text = typeof result === "number" ? ` (${result})` : "";
  const cpuMs = (cpuUs() - cpuBefore) / 1000;
  console.log(`  ${what}${text}: ${(performance.now() - before).toFixed(0)} ms, ${cpuMs.toFixed(0)} ms of CPU`);
  return result;
}

async function count(reader: TapeReader, which: Parameters<TapeReader["skim"]>[0]): Promise<number> {
  let found = 0;
  for await (const _ of reader.skim(which)) found++;
  return found;
}

async function countWhole(reader: TapeReader): Promise<number> {
  let found = 0;
  for await (const _ of reader.read()) found++;
  return found;
}

const [calls, longTape] = process.argv.slice(2).map(Number);
await main(calls ?? 10_000, longTape ?? 100_000);
