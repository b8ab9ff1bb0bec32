import { create } from "jsondiffpatch";
import { compareJson } from "../replayer/compare/json/compare-json.js";
import { jsonShapes } from "./support/json-shapes.js";

/*
 * JSON bytes in, Differences out, beside what `JSON.parse` of both sides takes, and beside jsondiffpatch with its parsing.
 * CPU time of this process, each in turns; the least of the rounds, for what other processes do only adds to it.
 */

const rounds = Number(process.argv[2] ?? 15);
const roundMs = 60;
const peer = create({ objectHash: (item: object) => String((item as { id?: unknown }).id) });

function main(): void {
  console.log("shape                                bytes  JSON.parse ×2      ours      ratio   jsondiffpatch");
  for (const shape of jsonShapes()) {
    const [left, right] = [Buffer.from(shape.expected), Buffer.from(shape.actual)];
    const parse = () => [JSON.parse(left.toString("utf8")), JSON.parse(right.toString("utf8"))];
    const ours = () => compareJson(left, right, "utf8");
    const theirs = () => {
      const [one, other] = parse();
      return peer.diff(one, other);
    };
    const parsing = leastMicros(parse);
    const comparing = leastMicros(ours);
    console.log(
      [
        shape.name.padEnd(34),
        String(left.length).padStart(8),
        `${parsing.toFixed(1)} µs`.padStart(14),
        `${comparing.toFixed(1)} µs`.padStart(12),
        (comparing / parsing).toFixed(2).padStart(8),
        (shape.tooMuchForPeer ?? said(() => `${(leastMicros(theirs, 2) / parsing).toFixed(1)} ×`)).padStart(16),
      ].join(" "),
    );
  }
}

/** What a peer does, or how it fails. */
function said(measure: () => string): string {
  try {
    return measure();
  } catch (thrown) {
    return (thrown as Error).message.includes("call stack") ? "stack overflow" : "fails";
  }
}

function leastMicros(work: () => unknown, most = rounds): number {
  let least = Number.POSITIVE_INFINITY;
  let times = 1;
  for (let round = 0; round < most; round++) {
    const began = process.cpuUsage();
    const beganMs = performance.now();
    for (let at = 0; at < times; at++) work();
    const { user, system } = process.cpuUsage(began);
    const micros = (user + system) / times;
    const tookMs = (performance.now() - beganMs) / times;
    if (round > 0 || times > 1) least = Math.min(least, micros);
    else least = micros;
    times = Math.max(1, Math.min(20_000, Math.round(roundMs / Math.max(tookMs, 1e-3))));
  }
  return least;
}

main();
