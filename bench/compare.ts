import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { create } from "jsondiffpatch";
import { compareJson } from "../replayer/compare/json/compare-json.js";
import { type JsonShape, jsonShapes } from "./support/json-shapes.js";
import { spreadOf } from "./support/ratio.js";

/*
 * JSON bytes in, Differences out, beside what `JSON.parse` of both sides takes, and beside jsondiffpatch with its parsing.
 * CPU time of the process; ours and the parsing in turns, the middle one of the rounds. jsondiffpatch works in a process
 * of its own with a time limit, for there are shapes on which it takes minutes. `node dist/bench/compare.js [ROUNDS]`
 */

const roundMs = 40;
const peerLimitMs = 10_000;

interface Work {
  parse(): unknown;
  ours(): unknown;
  theirs(): unknown;
}

function workOn(shape: JsonShape): Work {
  const [left, right] = [Buffer.from(shape.expected), Buffer.from(shape.actual)];
  const parse = () => [JSON.parse(left.toString("utf8")), JSON.parse(right.toString("utf8"))] as const;
  const peer = create({ objectHash: (item: object) => String((item as { id?: unknown }).id) });
  return { parse, ours: () => compareJson(left, right, "utf8"), theirs: () => peer.diff(...parse()) };
}

function measureAll(rounds: number): void {
  console.log(
    "shape                                   bytes  JSON.parse ×2         ours   ratio (least–most)  jsondiffpatch",
  );
  for (const [place, shape] of jsonShapes().entries()) {
    const work = workOn(shape);
    const times = timesFor(work.parse);
    timesFor(work.ours);
    const parsing: number[] = [];
    const comparing: number[] = [];
    for (let round = 0; round < rounds; round++) {
      parsing.push(cpuMicros(work.parse, times));
      comparing.push(cpuMicros(work.ours, times));
    }
    const ratios = spreadOf(comparing.map((micros, round) => micros / parsing[round]!));
    console.log(
      [
        shape.name.padEnd(36),
        String(shape.expected.length).padStart(8),
        microsText(spreadOf(parsing).median).padStart(14),
        microsText(spreadOf(comparing).median).padStart(12),
        `${ratios.median.toFixed(2)} (${ratios.least.toFixed(2)}–${ratios.most.toFixed(2)})`.padStart(19),
        `  ${peerText(place)}`,
      ].join(" "),
    );
  }
}

/** How often makes a round, once it is warm. */
function timesFor(work: () => unknown): number {
  const began = performance.now();
  let times = 0;
  for (; performance.now() - began < 2 * roundMs; times++) work();
  return Math.ceil(times / 2);
}

function cpuMicros(work: () => unknown, times: number): number {
  const began = process.cpuUsage();
  for (let at = 0; at < times; at++) work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / times;
}

/** What jsondiffpatch takes for a shape, or how it fails. */
function peerText(place: number): string {
  const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "jsondiffpatch", String(place)], {
    encoding: "utf8",
    timeout: peerLimitMs,
    killSignal: "SIGKILL",
  });
  if (child.signal === "SIGKILL") return `> ${peerLimitMs / 1000} s`;
  return child.status === 0 ? child.stdout.trim() : `fails: ${child.stderr.trim().split("\n").at(-1)}`;
}

/** In a process of its own: prints what {@link peerText} gives. */
function measurePeer(shape: JsonShape): void {
  const { theirs } = workOn(shape);
  try {
    const times = timesFor(theirs);
    const micros = Array.from({ length: 5 }, () => cpuMicros(theirs, times));
    console.log(microsText(spreadOf(micros).median));
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    console.log(`RangeError: ${thrown.message}`);
  }
}

function microsText(micros: number): string {
  return micros < 10_000 ? `${micros.toFixed(1)} µs` : `${(micros / 1000).toFixed(1)} ms`;
}

const [first, place] = process.argv.slice(2);
if (first === "jsondiffpatch") measurePeer(jsonShapes()[Number(place)]!);
else measureAll(Number(first ?? 11));
