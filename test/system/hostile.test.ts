import assert from "node:assert/strict";
import net from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { askHttp1, askHttp2 } from "../support/clients.js";
import { newHome, tapeloopJson } from "../support/command-line.js";
import { hostileBytes } from "../support/hostile-bytes.js";
import { type RecorderProcess, startRecorderProcess } from "../support/recorder-process.js";
import type { TapeStatsJson } from "../support/tape-json.js";
import { tempFolder } from "../support/temp.js";
import { startZooService } from "../support/zoo-service.js";

/** `TAPELOOP_FUZZ=FROM-TO` asks for other inputs, or for many. */
const [first, last] = (process.env.TAPELOOP_FUZZ ?? "0-3000").split("-").map(Number) as [number, number];
const atOnce = 64;

test("a mirror target lives through hostile bytes, and counts every call", async (t) => {
  const home = newHome(t);
  const tape = join(tempFolder(t), "tape/");
  const recorder = await startRecorderProcess(t, home, { tape });
  await sendAll(recorder.port);
  await stillWell(recorder);
  await allAccounted(recorder, () => tapeloopJson<TapeStatsJson>(t, home, ["tape", "stats", tape, "--json"]));
});

test("an inline recorder lives through hostile bytes, and counts every call", async (t) => {
  const home = newHome(t);
  const tape = join(tempFolder(t), "tape/");
  const upstream = `http://127.0.0.1:${await startZooService(t)}`;
  const more = ["--mode", "inbound", "--upstream", upstream];
  const recorder = await startRecorderProcess(t, home, { tape, more });
  await sendAll(recorder.port);
  await stillWell(recorder);
  await allAccounted(recorder, () => tapeloopJson<TapeStatsJson>(t, home, ["tape", "stats", tape, "--json"]));
});

async function sendAll(port: number): Promise<void> {
  let next = first;
  const worker = async () => {
    while (next < last) await sendOne(port, hostileBytes(next++));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Sends all and hangs up, half of the time without waiting for an answer. */
async function sendOne(port: number, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = net.connect({ host: "127.0.0.1", port });
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    socket.resume();
    if (bytes.length % 2 === 0) socket.write(bytes, () => socket.destroy());
    else socket.end(bytes).setTimeout(20, () => socket.destroy());
  });
}

async function stillWell(recorder: RecorderProcess): Promise<void> {
  for (const ask of [askHttp1, askHttp2]) {
    const got = await ask(recorder.port, { method: "GET", path: "/plain" });
    assert.equal(got.status, 200);
  }
  assert.doesNotMatch(recorder.stderr, /uncaught|unhandled|could not be answered/i);
}

/** Every call seen is on the tape, dropped, or left out by choice: by the metrics, and by the tape when it is closed. */
async function allAccounted(recorder: RecorderProcess, stats: () => Promise<TapeStatsJson>): Promise<void> {
  assert.deepEqual(await recorder.stop(), { code: 0, signal: null });
  const { counts, exchanges } = await stats();
  assert.ok(counts.seen > (last - first) / 4, `only ${counts.seen} calls were seen`);
  assert.equal(counts.kept + counts.dropped + counts.sampledOut, counts.seen);
  assert.equal(exchanges, counts.kept);
}
