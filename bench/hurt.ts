// What callers feel when a recorder beside their way is killed or stands still: one Envoy, the same load at the same time on
// a way without us and on ways with a mirror (http/1.1, h2c) and an external processor. Then, with the recorders stopped,
// uploads that grow. `node dist/bench/hurt.js [SECONDS]`
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build, type Histogram } from "hdr-histogram-js";
import { Agent, request } from "undici";
import { startFourWays, type WayName, wayNames } from "./hurt/envoy.js";
import { envoyBinary } from "./recorder/envoy-pass-through.js";
import { machineText } from "./support/machine.js";
import { type ServerProcess, startServer } from "./support/server-process.js";

const seconds = Number(process.argv[2] ?? 10);
const cli = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const peers = fileURLToPath(new URL("recorder.js", import.meta.url));
const sizes = { "1 KB": { bytes: 1000, perSecond: 40 }, "1 MB": { bytes: 2 ** 20, perSecond: 2 } };
/** An upload that takes longer is called held up. */
const mostUploadMs = 4000;
const uploadsMb = [1, 2, 4, 8, 16, 32, 64];

const agent = new Agent({ connections: 64, headersTimeout: 0, bodyTimeout: 0 });

async function post(port: number, bytes: number, signal?: AbortSignal): Promise<void> {
  const answer = await request(`http://127.0.0.1:${port}/orders`, {
    method: "POST",
    body: Buffer.alloc(bytes, "x"),
    dispatcher: agent,
    ...(signal && { signal }),
  });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(String(answer.statusCode));
}

interface Felt {
  ms: Histogram;
  failed: number;
}

/** Each call is sent when it is due, and timed from then. */
async function load(port: number, { bytes, perSecond }: { bytes: number; perSecond: number }): Promise<Felt> {
  const felt = { ms: build({ highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: 3 }), failed: 0 };
  const calls: Promise<void>[] = [];
  const beganMs = performance.now() + 10;
  for (let call = 0; call < perSecond * seconds; call++) {
    const dueMs = beganMs + (call * 1000) / perSecond;
    if (performance.now() < dueMs) await sleep(dueMs - performance.now());
    calls.push(
      post(port, bytes).then(
        () => felt.ms.recordValue(Math.max(1, Math.round((performance.now() - dueMs) * 1000))),
        () => {
          felt.failed++;
        },
      ),
    );
  }
  await Promise.all(calls);
  return felt;
}

async function stage(title: string, ports: Record<WayName, number>): Promise<void> {
  const loads = wayNames.flatMap((way) =>
    Object.entries(sizes).map(async ([size, sent]) => ({ way, size, felt: await load(ports[way], sent) })),
  );
  for (const { way, size, felt } of await Promise.all(loads)) {
    const [p50, p99, max] = [50, 99, 100].map((share) => (felt.ms.getValueAtPercentile(share) / 1000).toFixed(1));
    console.log(
      `${title.padEnd(8)} ${size} ${way.padEnd(12)} p50 ${p50} ms, p99 ${p99} ms, most ${max} ms, failed ${felt.failed}`,
    );
  }
}

async function uploads(ports: Record<WayName, number>): Promise<void> {
  for (const way of wayNames) {
    const said: string[] = [];
    for (const megabytes of uploadsMb) {
      const beganMs = performance.now();
      const sent = post(ports[way], megabytes * 2 ** 20, AbortSignal.timeout(mostUploadMs));
      const passed = await sent.then(
        () => true,
        () => false,
      );
      said.push(`${megabytes} MB ${passed ? `${(performance.now() - beganMs).toFixed(0)} ms` : "held up"}`);
    }
    console.log(`stopped, one upload after the other, ${way}: ${said.join(", ")}`);
  }
}

async function main(): Promise<void> {
  const binary = envoyBinary();
  if (binary === undefined) return console.log("hurt: no Envoy here");
  const folder = mkdtempSync(join(tmpdir(), "tapeloop-bench-"));
  const service = await startServer(process.execPath, [peers, "serve", "service"]);
  const key = join(folder, "key");
  writeFileSync(key, "01".repeat(32));
  const start = (mode: string, listen = "127.0.0.1:0") => {
    const tape = join(folder, `${mode}/`);
    const flags = ["--mode", mode, "--listen", listen, "--tape", tape, "--redaction-key", key];
    return startServer(process.execPath, [cli, "record", ...flags]);
  };
  const listenOf = ({ port }: ServerProcess) => `127.0.0.1:${port}`;
  let recorders = [await start("mirror"), await start("ext-proc")];
  const [mirror, extProc] = recorders as [ServerProcess, ServerProcess];
  const envoy = await startFourWays(binary, { service: service.port, mirror: mirror.port, extProc: extProc.port });
  const signal = (name: NodeJS.Signals) => {
    for (const { pid } of recorders) process.kill(pid, name);
  };
  try {
    console.log(`${machineText()} · stages of ${seconds} s · each way 40/s of 1 KB and 2/s of 1 MB at once\n`);
    await stage("warm", envoy.ports);
    await stage("well", envoy.ports);
    signal("SIGSTOP");
    setTimeout(() => signal("SIGCONT"), seconds * 1000); // a call that waits for the recorder waits no longer than that
    await stage("stopped", envoy.ports);
    await stage("again", envoy.ports);
    signal("SIGKILL");
    await stage("killed", envoy.ports);
    recorders = [await start("mirror", listenOf(mirror)), await start("ext-proc", listenOf(extProc))];
    await stage("back", envoy.ports);
    signal("SIGSTOP");
    await uploads(envoy.ports);
    signal("SIGCONT");
  } finally {
    await envoy.stop();
    signal("SIGKILL");
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
