/**
 * One replay of a very long tape against a bare server, by causal order, with comparison and the run file on disk: what the
 * process holds in memory when a tenth of it was sent and at the end, and CPU time a call. Memory is flat where the two
 * differ by less than the plan's columns and what a collector leaves lying about.
 *
 * `node --expose-gc dist/bench/long-replay.js [calls] [links]`: with `links`, what answers produce is learnt and carried, too.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../base/index.js";
import { lanesOf, replay } from "../replayer/index.js";
import { createRun, openTape, redactionKey } from "../tape/index.js";
import { writeBenchTape } from "./support/bench-tape.js";

const calls = Number(process.argv[2] ?? 2_000_000);
const key = redactionKey(new Uint8Array(32).fill(1));
const folder = mkdtempSync(join(tmpdir(), "tapeloop-long-"));
const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;

/** What the process holds, and of it what lives: with `--expose-gc` after a collection, so that nothing is left lying about. */
function heldText(): string {
  globalThis.gc?.();
  const { rss, heapTotal, heapUsed, arrayBuffers } = process.memoryUsage();
  return `${mib(rss)} held (${mib(residentFileBytes())} of files), ${mib(heapUsed)} of ${mib(heapTotal)} in the heap, ${mib(arrayBuffers)} in arrays`;
}

/** Of what the process holds, what are pages of files: the system takes them back when it needs room. 0 without /proc. */
function residentFileBytes(): number {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
  return Number(/^RssFile:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const server = spawn(process.execPath, [fileURLToPath(new URL("./support/replay-target.js", import.meta.url))], {
  stdio: ["pipe", "pipe", "inherit"],
});
try {
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  const target = `http://127.0.0.1:${line.toString().trim().split(" ")[0]}`;
  const tapePath = join(folder, "tape/");
  await writeBenchTape(tapePath, { kind: "small", calls, connections: 32, key });
  console.log(`tape of ${calls} calls written, this process: ${heldText()}`);
  await replayLong(tapePath, target);
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}

async function replayLong(tapePath: string, target: string): Promise<void> {
  const runPath = join(folder, "run.db");
  const tape = await openTape([tapePath]);
  const run = createRun(runPath, {
    ...{ run: "long", tapeloop: "bench", startedAt: new Date().toISOString(), tapePaths: [tapePath] },
    ...{ keyId: tape.keyId, lanes: lanesOf({ target }) },
  });
  const beganMs = cpuMs();
  let nextShare = 0;
  const summary = await replay(
    {
      ...{ target, selection: { text: "all" }, order: "causal", pace: { kind: "asap" }, concurrency: 32, minLive: 0.9 },
      ...{ allowWrites: false, sameTarget: false, targetIsATest: false, skipRedacted: false, headers: [] },
      ...{ keepBodyBytes: 1 << 24, carry: { links: process.argv[3] === "links", credentials: [] } },
    },
    {
      ...{ clock: systemClock(), tape, tapePaths: [tapePath], runId: "long", run, key, version: "bench" },
      onProgress: ({ sent, total }) => {
        if (sent < nextShare * total) return;
        const share = Math.round((sent / total) * 100);
        const usedSeconds = Math.round((cpuMs() - beganMs) / 1000);
        console.log(`${share} % sent: ${heldText()}, ${usedSeconds} s of CPU`);
        nextShare = Math.floor((sent / total) * 10 + 1.000001) / 10;
      },
    },
  );
  await run.close();
  await tape.close();
  const { verdict, compared, order, reasons } = summary;
  if (verdict !== "passed") console.log(`not passed: ${reasons.join("; ")}`);
  const perCall = ((cpuMs() - beganMs) * 1000) / calls;
  console.log(
    `${verdict}: ${compared} compared, ${order.violated} of ${order.required} edges violated, ${perCall.toFixed(0)} µs of CPU a call, at the end ${heldText()}`,
  );
}
