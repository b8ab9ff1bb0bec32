import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { abortUpload, askHttp1 } from "../support/clients.js";
import { type Home, newHome, tapeloopJson, tapeloopJsonLines } from "../support/command-line.js";
import { type Envoy, envoyBinary } from "../support/envoy.js";
import { type RecorderProcess, startRecorderProcess } from "../support/recorder-process.js";
import type { ListedExchange, ShownExchange, TapeStatsJson } from "../support/tape-json.js";
import { printedConfig, startTellingEnvoy } from "../support/telling-envoy.js";
import { until } from "../support/until.js";
import { startService } from "../support/upstream.js";
import { cases } from "./cases.js";

/** What `tape show` gives beside. */
interface Told extends ShownExchange {
  answer: ShownExchange["answer"] & { reason?: string };
  proxy?: { answeredBy?: string; flags?: string[]; details?: string; route?: string; upstream?: string };
  client?: string;
  connection?: string;
  durationMs?: number;
  trace: { traceId?: string; parentSpanId?: string };
}

/** Answers that Envoy makes itself: what it does with a path, and what it must say of it. */
const localReplies = [
  { path: "/direct", status: 503, details: /^direct_response$/, flags: undefined },
  { path: "/refused", status: 503, details: /Connection_refused/, flags: ["UF"] },
  { path: "/slow?late=1&ms=1000", status: 504, details: /^response_timeout$/, flags: ["UT"] },
];

test("what a real Envoy's external processor tells is on the tape, request and answer", async (t) => {
  const binary = await envoyBinary(t);
  if (binary === undefined) return;
  const home = newHome(t);
  const tape = join(home.folder, "tape.db");
  const service = await startService(t);
  const recorder = await startRecorderProcess(t, home, { tape, more: ["--mode", "ext-proc"] });
  const printed = await printedConfig(t, home, "ext-proc", recorder.port);
  const envoy = await startTellingEnvoy(t, binary, { service: service.port, printed, beginsTraces: true });
  const port = envoy.port("way");
  const open = () => openCalls(recorder, 1);
  for (const { call } of cases) await call(port, service, { isOpen: open });
  const mayLeave = () => until("the request to reach the service", () => service.seen.has("/slow"));
  await abortUpload(port, "/slow?ms=3000", { announcedBytes: 0, piece: Buffer.alloc(0), mayLeave });
  for (const { path, status } of localReplies) {
    assert.equal((await askHttp1(port, { method: "GET", path })).status, status, path);
  }
  const stats = await allTold(t, home, tape, recorder, envoy);
  const sent = cases.length + localReplies.length + 1;
  assert.deepEqual([stats.exchanges, stats.counts.seen, stats.counts.headless], [sent, sent, 0]);
  assert.equal(stats.byVantage["ext-proc"], sent);

  const listed = await tapeloopJsonLines<ListedExchange>(t, home, ["tape", "ls", tape, "--json"]);
  const shown = async (path: string): Promise<Told> => {
    const found = listed.filter((one) => one.path === path);
    assert.equal(found.length, 1, `one Exchange of ${path}, there are ${found.length}`);
    return await tapeloopJson<Told>(t, home, ["tape", "show", tape, String(found[0]!.id), "--json"]);
  };
  for (const one of cases) {
    await t.test(one.title, async () => {
      const exchange = await shown(one.path);
      one.request(exchange);
      one.answer(exchange);
      assert.equal(exchange.protocol, one.http2 ? "h2" : "http/1.1");
      assert.equal(exchange.client, "127.0.0.1");
      assert.match(exchange.connection!, new RegExp(`^\\d+@127\\.0\\.0\\.1:${port}$`));
      // The request was seen before Envoy gave it a traceparent: the trace is told by the stream.
      assert.match(exchange.trace.traceId ?? "", /^[0-9a-f]{32}$/);
      assert.equal(exchange.trace.parentSpanId, undefined);
    });
  }
  for (const { path, status, details, flags } of localReplies) {
    await t.test(`an answer that Envoy made itself is told apart: ${path}`, async () => {
      const { answer, proxy } = await shown(path);
      assert.deepEqual([answer.kind, answer.status, answer.end], ["response", status, "complete"]);
      assert.ok(answer.body!.bytes > 0);
      assert.equal(proxy?.answeredBy, "proxy");
      assert.match(proxy.details ?? "", details);
      assert.deepEqual(proxy.flags, flags);
    });
  }
  await t.test("what the service answered is told to be the service's", async () => {
    const { proxy } = await shown("/echo/post");
    assert.deepEqual(proxy, {
      answeredBy: "service",
      route: "main-route",
      upstream: `127.0.0.1:${service.port}`,
    });
  });
  await t.test("a WebSocket's messages are kept both ways", async () => {
    const { frames, answer } = await shown("/ws");
    assert.equal(answer.status, 101);
    assert.deepEqual(
      frames.map(({ direction, kind }) => `${direction} ${kind}`),
      ["to-server text", "to-client text", "to-server text", "to-client text", "to-server close", "to-client close"],
    );
  });
  await t.test(
    "a client that leaves before the answer leaves a failed call, its end told without Envoy's delay",
    async () => {
      const left = await shown("/slow?ms=3000");
      assert.deepEqual([left.answer.kind, left.answer.reason], ["failure", "aborted"]);
      assert.ok(left.durationMs! < 2000, `${left.durationMs} ms`);
    },
  );
});

async function openCalls(recorder: RecorderProcess, wanted: number): Promise<void> {
  const metric = () => recorder.metric("tapeloop_recorder_open_calls");
  await until(`${wanted} calls to be open`, async () => (await metric()) >= wanted, { seen: metric });
}

/** Waits until Envoy has nothing more to tell, and stops the recorder. */
async function allTold(
  t: Parameters<typeof tapeloopJson>[0],
  home: Home,
  tape: string,
  recorder: RecorderProcess,
  envoy: Envoy,
): Promise<TapeStatsJson & { counts: { headless: number } }> {
  await envoy.untilStat("cluster.tapeloop-recorder.upstream_rq_active", 0);
  assert.deepEqual(await recorder.stop(), { code: 0, signal: null }, recorder.stderr);
  return await tapeloopJson(t, home, ["tape", "stats", tape, "--json"]);
}
