// How fast the recorder is beside a bare Node server (mirror) and beside Envoy passing through (inbound): alternating
// rounds in one run, each server in a process of its own. `node dist/bench/recorder.js [SECONDS] [ROUNDS]`
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startEnvoy } from "./recorder/envoy-process.js";
import { orderBody, orderBodyWithSecrets } from "./recorder/json-body.js";
import { serveBare, serveRecorder, serveService } from "./recorder/peers.js";
import { cpuTimeOf } from "./support/cpu-time.js";
import { type Load, type LoadFigures, sendLoad } from "./support/load.js";
import { machineText } from "./support/machine.js";
import { spreadOf, spreadText } from "./support/ratio.js";
import { type ServerProcess, startServer } from "./support/server-process.js";

const self = fileURLToPath(import.meta.url);
const connections = 32;
const headers = { authorization: "Bearer bench-token", "x-request-id": "6db69b60-1f03-4c1e-885b-5cab4cc22fc5" };
const jsonHeaders = { ...headers, "content-type": "application/json" };

const loads: Record<string, Pick<Load, "path" | "headers" | "body">> = {
  "small GET": { path: "/reviews/7?lang=en", headers },
  "4 KB JSON, all differ": { path: "/orders", headers: jsonHeaders, body: orderBody() },
  "4 KB JSON with secrets": { path: "/orders", headers: jsonHeaders, body: orderBodyWithSecrets() },
};

async function main(seconds: number, rounds: number): Promise<void> {
  console.log(`${machineText()} · ${connections} connections · ${rounds} rounds of ${seconds} s\n`);
  const folder = mkdtempSync(join(tmpdir(), "tapeloop-bench-"));
  const bare = await startServer(process.execPath, [self, "serve", "bare"]);
  const service = await startServer(process.execPath, [self, "serve", "service"]);
  const upstream = `http://127.0.0.1:${service.port}`;
  const envoy = await startEnvoy(service.port);
  try {
    for (const [name, load] of Object.entries(loads)) {
      const mirror = () => record(join(folder, "mirror/"));
      await compare(`mirror ÷ bare Node server, ${name}`, bare, mirror, { ...load, seconds, connections }, rounds);
      const inline = () => record(join(folder, "inline/"), upstream);
      if (envoy === undefined) console.log(`inbound ÷ Envoy, ${name}: no Envoy here`);
      else
        await compare(
          `inbound ÷ Envoy pass-through, ${name}`,
          envoy,
          inline,
          { ...load, seconds, connections },
          rounds,
        );
    }
  } finally {
    await Promise.all([bare.stop(), service.stop(), envoy?.stop()]);
    rmSync(folder, { recursive: true });
  }
}

interface Round extends LoadFigures {
  seen: number;
  dropped: number;
}

interface CpuFigures {
  /** Microseconds a call, on the thread that serves and on the others. */
  servingUs: number;
  othersUs: number;
}

/** Sends, and measures what the server's threads spent on it, its own rest work included. */
async function withCpu<F extends LoadFigures>(
  server: ServerProcess,
  load: Load,
  send: () => Promise<F>,
): Promise<F & CpuFigures> {
  const serving = server.serving;
  const before = cpuTimeOf(server.pid, serving);
  const figures = await send();
  const after = cpuTimeOf(server.pid, serving);
  const calls = figures.perSecond * load.seconds;
  if (before === undefined || after === undefined) return { ...figures, servingUs: Number.NaN, othersUs: Number.NaN };
  return {
    ...figures,
    servingUs: ((after.servingMs - before.servingMs) * 1000) / calls,
    othersUs: ((after.othersMs - before.othersMs) * 1000) / calls,
  };
}

/** Peer and recorder take turns, so that a noisy minute hits both. With drops, looks for the rate without. */
async function compare(
  title: string,
  peer: ServerProcess,
  startRecorder: () => Promise<ServerProcess>,
  load: Load,
  rounds: number,
): Promise<void> {
  const recorder = await startRecorder();
  await warmUp(peer.port, load);
  await warmUp(recorder.port, load);
  const peers: (LoadFigures & CpuFigures)[] = [];
  const ours: (Round & CpuFigures)[] = [];
  for (let round = 0; round < rounds; round++) {
    peers.push(await withCpu(peer, load, () => sendLoad(peer.port, load)));
    ours.push(await withCpu(recorder, load, () => sendCounted(recorder, load)));
  }
  const ratios = ours.map((figures, round) => figures.perSecond / peers[round]!.perSecond);
  const cpuRatios = ours.map(({ servingUs }, round) => peers[round]!.servingUs / servingUs);
  console.log(
    `${title}: ${spreadText(spreadOf(ratios))}; by CPU time of the serving thread ${spreadText(spreadOf(cpuRatios))}`,
  );
  console.log(`  peer      ${figuresText(peers)}`);
  console.log(
    `  recorder  ${figuresText(ours)}, dropped ${ours.map(({ dropped }) => dropped).join(" ")} of ${ours.map(({ seen }) => seen).join(" ")}`,
  );
  if (ours.some(({ dropped }) => dropped > 0)) await findCleanRate(recorder, load);
  await recorder.stop();
}

/** Until the compilers have done their work: a number of calls, not a time, for the machine may be busy. */
async function warmUp(port: number, load: Load): Promise<void> {
  let sent = 0;
  for (let second = 0; second < 15 && sent < 100_000; second++) {
    sent += (await sendLoad(port, { ...load, seconds: 1 })).perSecond;
  }
}

function figuresText(rounds: readonly (LoadFigures & CpuFigures)[]): string {
  const rate = spreadText(spreadOf(rounds.map(({ perSecond }) => perSecond)), 0);
  const p50 = spreadOf(rounds.map(({ p50Ms }) => p50Ms)).median;
  const p99 = spreadOf(rounds.map(({ p99Ms }) => p99Ms)).median;
  const errors = rounds.reduce((sum, round) => sum + round.errors, 0);
  const serving = spreadOf(rounds.map(({ servingUs }) => servingUs)).median;
  const others = spreadOf(rounds.map(({ othersUs }) => othersUs)).median;
  const cpu = `CPU a call ${serving.toFixed(0)} + ${others.toFixed(0)} µs`;
  return `${rate}/s, p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${cpu}, errors ${errors} (${rounds[0]!.tool})`;
}

/** The connections rest ever longer until nothing is dropped. */
async function findCleanRate(recorder: ServerProcess, load: Load): Promise<void> {
  for (const restMs of [1, 2, 3, 4, 6, 8, 12, 16]) {
    const figures = await sendCounted(recorder, { ...load, restMs });
    if (figures.dropped > 0) continue;
    console.log(
      `  recorder without drops: ${figures.perSecond.toFixed(0)}/s (connections rest ${restMs} ms between calls)`,
    );
    return;
  }
  console.log("  recorder without drops: below 2,000/s");
}

/** A round, and what the recorder counted in it once all of it is stored. */
async function sendCounted(recorder: ServerProcess, load: Load): Promise<Round> {
  const before = await metricsOf(recorder);
  const figures = await sendLoad(recorder.port, load);
  for (;;) {
    const after = await metricsOf(recorder);
    if (after.kept! + after.dropped! < after.seen!) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    return { ...figures, seen: after.seen! - before.seen!, dropped: after.dropped! - before.dropped! };
  }
}

async function metricsOf({ admin }: ServerProcess): Promise<Record<string, number>> {
  const text = await (await fetch(`http://${admin}/metrics`)).text();
  const found = text.matchAll(/^tapeloop_recorder_(\w+)_total (\d+)$/gm);
  return Object.fromEntries([...found].map(([, name, value]) => [name!, Number(value)]));
}

function record(tape: string, ...upstream: string[]): Promise<ServerProcess> {
  return startServer(process.execPath, [self, "serve", "recorder", tape, ...upstream]);
}

const [first, second, tape, upstream] = process.argv.slice(2);
if (first !== "serve") await main(Number(first ?? 3), Number(second ?? 5));
else if (second === "bare") serveBare();
else if (second === "service") serveService();
else await serveRecorder(tape!, upstream);
