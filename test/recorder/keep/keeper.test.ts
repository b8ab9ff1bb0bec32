import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import http from "node:http";
import { type TestContext, test } from "node:test";
import { replayMarks, silentLog } from "../../../base/index.js";
import type { KeepOptions } from "../../../recorder/index.js";
import { keeperOf } from "../../../recorder/keep/keeper.js";
import { type Exchange, openMemoryTape, type TapeReader } from "../../../tape/index.js";
import { allOf, testRecorder } from "../../support/captured.js";
import { askHttp1 } from "../../support/clients.js";
import { listenOnLoopback } from "../../support/loopback.js";
import { RawClient } from "../../support/raw-client.js";
import { startTestRecorderOn, type TestRecorder, testKey } from "../../support/start-recorder.js";
import { until } from "../../support/until.js";

/** A service that answers with the status and body its path asks for: `/503/text`. `/hold/STATUS` waits for `release`. */
async function startPathService(t: TestContext): Promise<{ url: string; release(): void }> {
  const held: (() => void)[] = [];
  const server = http.createServer((request, response) => {
    request.resume().on("end", () => {
      const [, first, second] = request.url!.split("/");
      if (first !== "hold") return void response.writeHead(Number(first)).end(second);
      response.writeHead(Number(second)).write("begun");
      held.push(() => response.end());
    });
  });
  const port = await listenOnLoopback(t, server);
  return { url: `http://127.0.0.1:${port}`, release: () => held.splice(0).forEach((end) => void end()) };
}

interface Recorded {
  recorder: TestRecorder<ReturnType<typeof openMemoryTape>["writer"]>;
  tape: TapeReader;
}

async function startKeeping(t: TestContext, keep: Omit<KeepOptions, "recorder">, upstream?: string): Promise<Recorded> {
  const description = testRecorder("reviews-1", { service: "reviews" });
  const tape = openMemoryTape({ recorder: description, key: testKey, ...(keep.rules ? { keep: keep.rules } : {}) });
  const recorder = await startTestRecorderOn(t, tape.writer, {
    admin: "127.0.0.1:0",
    keep: { recorder: description, ...keep },
    ...(upstream === undefined ? {} : { mode: "inbound" as const, upstream }),
  });
  return { recorder, tape: tape.reader };
}

async function pathsOf(tape: TapeReader): Promise<string[]> {
  return (await allOf<Exchange>(tape.read())).map(({ request }) => request.path).sort();
}

const get = (port: number, path: string, headers: [string, string][] = []) =>
  askHttp1(port, { method: "GET", path, headers });

test("Loop's rule, `:status` with the prefix 5, keeps what was answered 5xx and nothing else", async (t) => {
  const service = await startPathService(t);
  const { recorder, tape } = await startKeeping(t, { rules: { keep: ["status ^= 5"], drop: [] } }, service.url);
  for (const path of ["/200/a", "/503/b", "/404/c", "/500/d", "/302/5"]) await get(recorder.port, path);
  await recorder.stop();
  assert.deepEqual(await pathsOf(tape), ["/500/d", "/503/b"]);
  const { counts } = await tape.stats();
  assert.deepEqual([counts.seen, counts.kept, counts.sampledOut, counts.dropped], [5, 2, 3, 0]);
});

test("what a body decides is decided by the writer, and is left out by choice all the same", async (t) => {
  const service = await startPathService(t);
  const rules = { keep: ['body:/user/tier = gold or answer.body ~ "^bro"'], drop: ["path $= /gone"] };
  const { recorder, tape } = await startKeeping(t, { rules }, service.url);
  const post = (path: string, body: string) => askHttp1(recorder.port, { method: "POST", path, body: [body] });
  await post("/200/gold", '{"user":{"tier":"gold"}}');
  await post("/200/iron", '{"user":{"tier":"iron"}}');
  await post("/200/broken", "{");
  await post("/200/gone", '{"user":{"tier":"gold"}}');
  await recorder.stop();
  assert.deepEqual(await pathsOf(tape), ["/200/broken", "/200/gold"]);
  const { counts } = await tape.stats();
  assert.deepEqual([counts.seen, counts.kept, counts.sampledOut, counts.dropped], [4, 2, 2, 0]);
});

test("what is left out is counted neither as truncated nor as aborted", async (t) => {
  const rules = { keep: ["body ~ needle"], drop: [] };
  const { recorder, tape } = await startKeeping(t, { rules });
  const client = new RawClient(t, recorder.port);
  client.send(`POST /long HTTP/1.1\r\nhost: a\r\ncontent-length: 3000000\r\n\r\n${"x".repeat(1_500_000)}`);
  const seen = async () => await metric(recorder, "seen_total");
  await until("the call to be seen", async () => (await seen()) === 1);
  await client.untilSent();
  client.socket.destroy();
  await until("the call to be left out", async () => (await metric(recorder, "sampled_out_total")) === 1);
  await recorder.stop();
  const { counts } = await tape.stats();
  assert.deepEqual([counts.seen, counts.sampledOut, counts.truncated, counts.aborted], [1, 1, 0, 0]);
});

test("of a call that is open for long nothing is stored before it is known that it is kept", async (t) => {
  const service = await startPathService(t);
  const rules = {
    keep: ["status = 5xx", "path = /hold/200/debug", "answer.body *= begun and path $= /late"],
    drop: [],
  };
  const { recorder, tape } = await startKeeping(t, { rules }, service.url);
  const paths = ["/hold/200/no", "/hold/503/yes", "/hold/200/debug", "/hold/200/late"];
  const asked = paths.map((path) => get(recorder.port, path));
  await until("what the status decides", async () => (await metric(recorder, "sampled_out_total")) === 1);
  await until("what is kept", async () => (await pathsOf(tape)).length === 2);
  assert.deepEqual(await pathsOf(tape), ["/hold/200/debug", "/hold/503/yes"]);
  service.release();
  await Promise.all(asked);
  await recorder.stop();
  assert.deepEqual(await pathsOf(tape), ["/hold/200/debug", "/hold/200/late", "/hold/503/yes"]);
  const answers = (await allOf(tape.read())).map(({ answer }) => answer.kind === "response" && answer.end);
  assert.deepEqual(answers, ["complete", "complete", "complete"]);
  const { counts } = await tape.stats();
  assert.deepEqual([counts.seen, counts.kept, counts.sampledOut, counts.dropped], [4, 3, 1, 0]);
});

test("a share of the traces is kept whole, the same ones at every hop", async (t) => {
  const sample = { share: 0.3, by: "trace" as const };
  const [first, second] = [await startKeeping(t, { sample }), await startKeeping(t, { sample })];
  const traces = Array.from({ length: 60 }, () => randomUUID().replaceAll("-", ""));
  const calls = traces.flatMap(
    (trace, at) =>
      [
        [first, trace, `/${at}/a`],
        [second, trace, `/${at}/b`],
        [second, trace, `/${at}/c`],
      ] as const,
  );
  await Promise.all(
    calls.map(([hop, trace, path], span) =>
      get(hop.recorder.port, path, [["traceparent", `00-${trace}-${(span + 1).toString(16).padStart(16, "0")}-01`]]),
    ),
  );
  await Promise.all([first.recorder.stop(), second.recorder.stop()]);
  const seenBy = async ({ tape }: Recorded) =>
    [...new Set((await allOf(tape.skim())).map(({ trace }) => trace.traceId))].sort();
  const kept = await seenBy(first);
  assert.ok(kept.length > 0 && kept.length < 60, `${kept.length} of 60`);
  assert.deepEqual(await seenBy(second), kept);
  const [one, two] = [await first.tape.stats(), await second.tape.stats()];
  assert.deepEqual([one.exchanges, two.exchanges], [kept.length, 2 * kept.length]);
  assert.deepEqual([one.counts.sampledOut, two.counts.sampledOut], [60 - kept.length, 2 * (60 - kept.length)]);
});

test("calls that nothing names are drawn one by one, and that is said once", () => {
  const said: string[] = [];
  const log = { ...silentLog, warn: (_fields: object, text: string) => void said.push(text) } as typeof silentLog;
  const clock = { now: () => 0, epochNsAtZero: 0n, sleepUntil: async () => {} };
  const keeper = keeperOf({ recorder: testRecorder(), sample: { share: 0.5, by: "trace" } }, { clock, log });
  const begins = (sequence: number) =>
    keeper.begins({ sequence, head: { headers: ["host", "a"] }, original: undefined } as never);
  const kept = Array.from({ length: 1000 }, (_, sequence) => begins(sequence)).filter(Boolean).length;
  assert.ok(kept > 400 && kept < 600, `${kept}`);
  assert.deepEqual(said.length, 1);
  assert.match(said[0]!, /one by one/);
});

test("above the rate calls are dropped and counted so; what rules leave out takes no room", async (t) => {
  const { recorder, tape } = await startKeeping(t, {
    mostCallsPerSecond: 0.001,
    rules: { keep: [], drop: ["path = /healthz"] },
  });
  for (const path of ["/healthz", "/healthz", "/a", "/healthz", "/b", "/c"]) await get(recorder.port, path);
  await recorder.stop();
  assert.deepEqual(await pathsOf(tape), ["/a"]);
  const { counts } = await tape.stats();
  assert.deepEqual([counts.seen, counts.kept, counts.sampledOut, counts.dropped], [6, 1, 3, 2]);
});

test("what the writer leaves out gives its room within the rate back", async (t) => {
  const rules = { keep: ["path ~ kept"], drop: [] };
  const { recorder, tape } = await startKeeping(t, { mostCallsPerSecond: 0.001, rules });
  await get(recorder.port, "/other");
  await until("the writer to leave it out", async () => (await metric(recorder, "sampled_out_total")) === 1);
  await get(recorder.port, "/kept");
  await recorder.stop();
  assert.deepEqual(await pathsOf(tape), ["/kept"]);
});

test("what a replay sent is left out and counted so, unless it is asked for", async (t) => {
  const marks: [string, string][][] = [[[replayMarks.run, "run-1"]], [["baggage", "a=1,tapeloop.run=run-1"]], []];
  for (const recordReplays of [false, true]) {
    const description = testRecorder();
    const { writer, reader } = openMemoryTape({ recorder: description, key: testKey });
    const recorder = await startTestRecorderOn(t, writer, { recordReplays });
    for (const headers of marks) await get(recorder.port, "/a", headers);
    await recorder.stop();
    const { counts } = await reader.stats();
    const [kept, sampledOut] = recordReplays ? [3, 0] : [1, 2];
    assert.deepEqual([counts.seen, counts.kept, counts.sampledOut, counts.dropped], [3, kept, sampledOut, 0]);
  }
});

test("options that cannot be are refused before a port is opened", async (t) => {
  const refused = async (keep: Omit<KeepOptions, "recorder">, message: RegExp) =>
    assert.rejects(startKeeping(t, keep), { name: "OperatorError", message });
  await refused({ rules: { keep: ["status = 5xx"], drop: [] } }, /"status" is never known to a mirror/);
  await refused({ sample: { share: 1.5, by: "trace" } }, /share of a sample must be from 0 to 1/);
  await refused({ mostCallsPerSecond: 0 }, /most calls a second must be more than 0/);
});

async function metric({ admin }: { admin?: string }, name: string): Promise<number> {
  const text = await (await fetch(`http://${admin}/metrics`)).text();
  return Number(new RegExp(`^tapeloop_recorder_${name} (\\d+)$`, "m").exec(text)![1]);
}
