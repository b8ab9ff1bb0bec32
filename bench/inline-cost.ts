// What the inline recorder adds at a rate that services really have: 1,000 calls a second with bodies of 4 KB, straight to
// the service, through Envoy (one worker) and through the recorder, in turns. `node dist/bench/inline-cost.js [SECONDS] [ROUNDS]`
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { startEnvoy } from "./recorder/envoy-process.js";
import { orderBody } from "./recorder/json-body.js";
import { cpuTimeOf } from "./support/cpu-time.js";
import { machineText } from "./support/machine.js";
import { spreadOf, spreadText } from "./support/ratio.js";
import { type ServerProcess, startServer } from "./support/server-process.js";
import { type SteadyFigures, sendSteadily } from "./support/steady-load.js";

const recorderBench = fileURLToPath(new URL("recorder.js", import.meta.url));
const seconds = Number(process.argv[2] ?? 10);
const rounds = Number(process.argv[3] ?? 3);
const perSecond = 1000;

interface Figures extends SteadyFigures {
  cpuUs: number;
}

const template = orderBody();

function request(call: number): Buffer {
  const body = template.replaceAll("@", String(call));
  return Buffer.from(
    `POST /orders HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nauthorization: Bearer bench-token\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

async function measure(server: ServerProcess): Promise<Figures> {
  const before = cpuTimeOf(server.pid);
  const figures = await sendSteadily(server.port, { perSecond, seconds, connections: 32, request });
  const after = cpuTimeOf(server.pid);
  const usedMs = after!.servingMs + after!.othersMs - before!.servingMs - before!.othersMs;
  return { ...figures, cpuUs: (usedMs * 1000) / figures.answered };
}

function say(name: string, figures: readonly Figures[]): void {
  const spread = (of: (one: Figures) => number, digits = 2) => spreadText(spreadOf(figures.map(of)), digits);
  const missing = figures.reduce((sum, { answered }) => sum + perSecond * seconds - answered, 0);
  const tooSlow = missing === 0 ? "" : `; the rate was not held, ${missing} calls were not sent`;
  console.log(
    `${name.padEnd(10)} p50 ${spread((one) => one.p50Ms)} ms, p99 ${spread((one) => one.p99Ms)} ms, CPU ${spread((one) => one.cpuUs, 0)} µs a call${tooSlow}`,
  );
}

const folder = mkdtempSync(join(tmpdir(), "tapeloop-bench-"));
const service = await startServer(process.execPath, [recorderBench, "serve", "service"]);
const upstream = `http://127.0.0.1:${service.port}`;
const recorder = await startServer(process.execPath, [
  recorderBench,
  "serve",
  "recorder",
  join(folder, "tape/"),
  upstream,
]);
const envoy = await startEnvoy(service.port);
try {
  console.log(`${machineText()} · ${perSecond}/s of ${request(0).length} bytes · ${rounds} rounds of ${seconds} s\n`);
  const servers = { direct: service, ...(envoy === undefined ? {} : { Envoy: envoy }), recorder };
  const measured = Object.fromEntries(Object.keys(servers).map((name) => [name, [] as Figures[]]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, server] of Object.entries(servers)) {
      const figures = await measure(server);
      if (round >= 0) measured[name]!.push(figures); // the first round warms up
    }
  }
  for (const [name, figures] of Object.entries(measured)) say(name, figures);
} finally {
  await Promise.all([service.stop(), recorder.stop(), envoy?.stop()]);
  rmSync(folder, { recursive: true, force: true });
}
