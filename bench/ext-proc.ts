// What it costs to be Envoy's external processor, beside a gRPC server that only reads, and at which rate nothing is lost:
// 1 KB POSTs at fixed rates through one Envoy with the printed configuration. `node dist/bench/ext-proc.js [CALLS] [RATE…]`
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startTellingEnvoy, type TellingEnvoy } from "./ext-proc/envoy.js";
import { serveSink } from "./ext-proc/sink.js";
import { envoyBinary } from "./recorder/envoy-pass-through.js";
import { serveRecorder, serveService } from "./recorder/peers.js";
import { type CpuTime, cpuTimeOf } from "./support/cpu-time.js";
import { machineText } from "./support/machine.js";
import { type ServerProcess, startServer } from "./support/server-process.js";
import { sendSteadily } from "./support/steady-load.js";

const self = fileURLToPath(import.meta.url);
const body = "x".repeat(1000);

async function main(calls: number, rates: readonly number[]): Promise<void> {
  const binary = envoyBinary();
  if (binary === undefined) return console.log("ext-proc: no Envoy here");
  console.log(`${machineText()} · ${calls} POSTs of 1 KB a rate\n`);
  const service = await startServer(process.execPath, [self, "serve", "service"]);
  try {
    for (const rate of rates) {
      for (const peer of ["sink", "recorder"] as const)
        console.log(await measured(binary, service.port, peer, { calls, rate }));
    }
  } finally {
    await service.stop();
  }
}

async function measured(
  binary: string,
  service: number,
  peer: "sink" | "recorder",
  { calls, rate }: { calls: number; rate: number },
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "tapeloop-bench-"));
  const server = await startServer(process.execPath, [self, "serve", peer, join(folder, "tape/")]);
  const envoy = await startTellingEnvoy(binary, { service, recorder: server.port });
  try {
    await send(envoy, { calls: 300, rate: 300 }); // so that the code is warm
    const cpu = cpuOver(server);
    const { p99Ms } = await send(envoy, { calls, rate });
    await untilTold(envoy);
    const used = cpu();
    const usedText = used && `${used.servingUs} + ${used.othersUs} µs CPU a call (reading + tape)`;
    const lost = peer === "recorder" ? `, ${await lossText(envoy, server, calls + 300)}` : "";
    return `${rate}/s, ${peer.padEnd(8)}: ${usedText ?? "no /proc"}, users' p99 ${p99Ms.toFixed(1)} ms${lost}`;
  } finally {
    await envoy.stop();
    await server.stop();
    rmSync(folder, { recursive: true });
  }

  function cpuOver({ pid }: ServerProcess) {
    const before = cpuTimeOf(pid);
    return () => perCall(before, cpuTimeOf(pid), calls);
  }
}

function perCall(before: CpuTime | undefined, after: CpuTime | undefined, calls: number) {
  if (before === undefined || after === undefined) return undefined;
  const us = (ms: number) => Math.round((ms * 1000) / calls);
  return { servingUs: us(after.servingMs - before.servingMs), othersUs: us(after.othersMs - before.othersMs) };
}

function send({ port }: TellingEnvoy, { calls, rate }: { calls: number; rate: number }) {
  const request = (call: number) =>
    Buffer.from(
      `POST /orders/${call} HTTP/1.1\r\nhost: shop\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  return sendSteadily(port, { perSecond: rate, seconds: calls / rate, connections: 32, request });
}

/** Envoy closes the streams two seconds after their calls. */
async function untilTold(envoy: TellingEnvoy): Promise<void> {
  do await sleep(200);
  while ((await envoy.stat("cluster.tapeloop-recorder.upstream_rq_active")) > 0);
}

async function lossText(envoy: TellingEnvoy, recorder: ServerProcess, sent: number): Promise<string> {
  const metrics = await (await fetch(`http://${recorder.admin}/metrics`)).text();
  const count = (name: string) => Number(new RegExp(`^tapeloop_recorder_${name}_total (\\d+)`, "m").exec(metrics)?.[1]);
  const notTold = await envoy.stat("http.bench.ext_proc.failure_mode_allowed");
  const [seen, headless, dropped] = [count("seen"), count("headless"), count("dropped")];
  const unsaid = sent - seen - headless - notTold;
  return `${sent} sent: ${seen} seen, ${dropped} dropped, ${headless} headless, ${notTold} not told, ${unsaid} lost unsaid`;
}

const [word, what, tape] = process.argv.slice(2);
if (word !== "serve")
  await main(
    Number(word ?? 5000),
    (process.argv.slice(3).length > 0 ? process.argv.slice(3) : ["500", "1000", "2000"]).map(Number),
  );
else if (what === "sink") serveSink();
else if (what === "service") serveService();
else await serveRecorder(tape!, undefined, "ext-proc");
