// The inline recorder beside mitmdump that writes its flow file, by rate; and the mirror recorder beside GoReplay that
// listens on the interface and writes its file, by CPU time an Exchange. In turns, in one run; a peer that is not here is left
// out (`node scripts/get-peers.mjs` gets both). `node dist/bench/peers.js [SECONDS] [ROUNDS]`
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cpuTimeOf } from "./support/cpu-time.js";
import { sendLoad } from "./support/load.js";
import { machineText } from "./support/machine.js";
import { freePort, untilListening } from "./support/ports.js";
import { spreadOf, spreadText } from "./support/ratio.js";
import { type ServerProcess, startServer } from "./support/server-process.js";

const seconds = Number(process.argv[2] ?? 3);
const rounds = Number(process.argv[3] ?? 3);
const recorderBench = fileURLToPath(new URL("recorder.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tapeloop-bench-"));
const load = { path: "/reviews/7?lang=en", headers: { authorization: "Bearer bench-token" }, connections: 32, seconds };

interface Peers {
  mitmproxy?: string;
  goreplay?: string;
}

function findPeers(): Peers {
  const script = fileURLToPath(new URL("../../scripts/get-peers.mjs", import.meta.url));
  return JSON.parse(
    execFileSync(process.execPath, [script], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }),
  );
}

function startProcess(
  command: string,
  args: readonly string[],
  port: number,
  env: NodeJS.ProcessEnv = {},
): ServerProcess {
  const child = spawn(command, args, { stdio: "ignore", env: { ...process.env, ...env } });
  process.once("exit", () => child.kill("SIGKILL"));
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  };
  return { port, pid: child.pid!, stop };
}

async function startMitmdump(packages: string, upstream: number): Promise<ServerProcess> {
  const port = await freePort();
  const flags = ["--mode", `reverse:http://127.0.0.1:${upstream}`, "--listen-host", "127.0.0.1", "-p", String(port)];
  const code = "from mitmproxy.tools.main import mitmdump; mitmdump()";
  const args = ["-c", code, "-q", ...flags, "-w", join(folder, "flows")];
  const server = startProcess("python3", args, port, { PYTHONPATH: packages });
  await untilListening(port);
  return server;
}

async function besideMitmdump(packages: string): Promise<void> {
  const service = await startServer(process.execPath, [recorderBench, "serve", "service"]);
  const ours = await startRecorder("inline", `http://127.0.0.1:${service.port}`);
  const theirs = await startMitmdump(packages, service.port);
  const ratios: number[] = [];
  const rates: [number, number][] = [];
  for (let round = -1; round < rounds; round++) {
    const peer = (await sendLoad(theirs.port, load)).perSecond;
    const own = (await sendLoad(ours.port, load)).perSecond;
    if (round < 0) continue; // warming up
    ratios.push(own / peer);
    rates.push([own, peer]);
  }
  const [own, peer] = [0, 1].map((at) => spreadText(spreadOf(rates.map((rate) => rate[at]!)), 0));
  console.log(`inbound ÷ mitmdump -w, small GET: ${spreadText(spreadOf(ratios), 1)} (${own}/s ÷ ${peer}/s)`);
  await Promise.all([service.stop(), ours.stop(), theirs.stop()]);
}

/** GoReplay sees both halves of the service's calls on the interface; the inline recorder keeps both, too. */
async function besideGoReplay(binary: string): Promise<void> {
  const service = await startServer(process.execPath, [recorderBench, "serve", "service"]);
  const file = join(folder, "requests.gor");
  const flags = ["--input-raw", `127.0.0.1:${service.port}`, "--input-raw-track-response", "--output-file", file];
  const goreplay = startProcess(binary, [...flags, "--output-file-append"], service.port);
  await sleep(2000); // it says nothing when it is ready
  const theirs = await cpuPerCall(goreplay, service.port);
  await goreplay.stop();
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const ours = await startRecorder("beside-goreplay", `http://127.0.0.1:${service.port}`);
  const own = await cpuPerCall(ours, ours.port);
  console.log(
    `CPU a call at the same 500/s, both halves: GoReplay's capture ${theirs.toFixed(0)} µs (its file: ${size} bytes), inbound recorder, which forwards too, ${own.toFixed(0)} µs`,
  );
  await Promise.all([service.stop(), ours.stop()]);
}

async function cpuPerCall(process: ServerProcess, port: number): Promise<number> {
  await sendLoad(port, { ...load, restMs: 60, seconds: 2 });
  const before = cpuTimeOf(process.pid)!;
  const { perSecond } = await sendLoad(port, { ...load, restMs: 60, seconds: 10 });
  const after = cpuTimeOf(process.pid)!;
  const usedMs = after.servingMs + after.othersMs - before.servingMs - before.othersMs;
  return (usedMs * 1000) / (perSecond * 10);
}

function startRecorder(name: string, ...upstream: string[]): Promise<ServerProcess> {
  return startServer(process.execPath, [recorderBench, "serve", "recorder", join(folder, `${name}/`), ...upstream]);
}

try {
  console.log(`${machineText()} · 32 connections · ${rounds} rounds of ${seconds} s\n`);
  const peers = findPeers();
  if (peers.mitmproxy === undefined) console.log("mitmdump is not here");
  else await besideMitmdump(peers.mitmproxy);
  if (peers.goreplay === undefined) console.log("GoReplay is not here");
  else await besideGoReplay(peers.goreplay);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
