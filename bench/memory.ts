// Whether the recorder's memory stays flat: a mirror takes many Exchanges at full speed; resident memory at a tenth of the
// way, at the end, and the most in each fifth of the way. `node dist/bench/memory.js [EXCHANGES]`
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sendLoad } from "./support/load.js";
import { machineText } from "./support/machine.js";
import { startServer } from "./support/server-process.js";

const exchanges = Number(process.argv[2] ?? 2_000_000);
const recorderBench = fileURLToPath(new URL("recorder.js", import.meta.url));
const headers = { authorization: "Bearer bench-token" };
const sliceSeconds = 2;
/** On a machine that is too slow, or too busy, it ends before all are sent. */
const mostSeconds = 900;

function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
}

async function countOf(admin: string, name: string): Promise<number> {
  const text = await (await fetch(`http://${admin}/metrics`)).text();
  return Number(new RegExp(`^tapeloop_recorder_${name}_total (\\d+)$`, "m").exec(text)![1]);
}

interface Sample {
  seen: number;
  residentMiB: number;
}

/** Node's own garbage makes what is resident go up and down, so the most of a stretch says more than a moment. */
function mostBetween(samples: readonly Sample[], from: number, to: number): number {
  const within = samples.filter(({ seen }) => seen > from * exchanges && seen <= to * exchanges);
  return Math.max(...within.map(({ residentMiB: mib }) => mib));
}

function report(samples: readonly Sample[]): void {
  const atTenth = samples.find(({ seen }) => seen >= exchanges / 10)!.residentMiB;
  const atEnd = samples.at(-1)!.residentMiB;
  console.log(
    `at a tenth ${atTenth.toFixed(0)} MiB, at the end ${atEnd.toFixed(0)} MiB, ÷ ${(atEnd / atTenth).toFixed(2)}`,
  );
  const fifths = [0, 0.2, 0.4, 0.6, 0.8].map((from) =>
    mostBetween(samples, from, from === 0.8 ? Infinity : from + 0.2),
  );
  const ratio = (fifths.at(-1)! / fifths[0]!).toFixed(2);
  console.log(`the most in each fifth: ${fifths.map((mib) => mib.toFixed(0)).join(", ")} MiB; last ÷ first ${ratio}`);
}

const folder = mkdtempSync(join(tmpdir(), "tapeloop-bench-"));
const recorder = await startServer(process.execPath, [recorderBench, "serve", "recorder", join(folder, "tape/")]);
try {
  console.log(`${machineText()} · mirror, small GET, ${exchanges} Exchanges\n`);
  const samples: Sample[] = [];
  let seen = 0;
  for (let second = 0; seen < exchanges && second < mostSeconds; second += sliceSeconds) {
    await sendLoad(recorder.port, { path: "/reviews/7?lang=en", headers, connections: 32, seconds: sliceSeconds });
    seen = await countOf(recorder.admin!, "seen");
    samples.push({ seen, residentMiB: residentMiB(recorder.pid) });
  }
  const dropped = await countOf(recorder.admin!, "dropped");
  console.log(`seen ${seen}, dropped ${dropped}${seen < exchanges ? `: not all in ${mostSeconds} s` : ""}`);
  if (seen >= exchanges) report(samples);
} finally {
  await recorder.stop();
  rmSync(folder, { recursive: true, force: true });
}
