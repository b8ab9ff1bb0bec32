// Whether the recorder's memory stays flat: a mirror takes many Exchanges at full speed; resident memory at a tenth of the
// way and at the end. `node dist/bench/memory.js [EXCHANGES]`
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

const folder = mkdtempSync(join(tmpdir(), "tapeloop-bench-"));
const recorder = await startServer(process.execPath, [recorderBench, "serve", "recorder", join(folder, "tape/")]);
try {
  console.log(`${machineText()} · mirror, small GET, ${exchanges} Exchanges\n`);
  let atTenthMiB: number | undefined;
  let seen = 0;
  for (let second = 0; seen < exchanges && second < mostSeconds; second += sliceSeconds) {
    await sendLoad(recorder.port, { path: "/reviews/7?lang=en", headers, connections: 32, seconds: sliceSeconds });
    seen = await countOf(recorder.admin!, "seen");
    if (atTenthMiB === undefined && seen >= exchanges / 10) atTenthMiB = residentMiB(recorder.pid);
  }
  const atEndMiB = residentMiB(recorder.pid);
  const dropped = await countOf(recorder.admin!, "dropped");
  console.log(`seen ${seen}, dropped ${dropped}${seen < exchanges ? `: not all in ${mostSeconds} s` : ""}`);
  if (atTenthMiB === undefined) console.log(`not even a tenth, at the end ${atEndMiB.toFixed(0)} MiB`);
  else
    console.log(
      `resident at a tenth ${atTenthMiB.toFixed(0)} MiB, at the end ${atEndMiB.toFixed(0)} MiB, ÷ ${(atEndMiB / atTenthMiB).toFixed(2)}`,
    );
} finally {
  await recorder.stop();
  rmSync(folder, { recursive: true, force: true });
}
