import assert from "node:assert/strict";
import http from "node:http";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { draw, OperatorError } from "../../base/index.js";
import type { Preflight } from "../../replayer/index.js";
import { openMemoryTape } from "../../tape/index.js";
import { batchOf, callPart, capturedRequest, capturedResponse } from "../support/captured.js";
import { listenOnLoopback } from "../support/loopback.js";
import { type TapeCall, tapeOf, testRecorder } from "../support/replay-tape.js";
import { replayed, replayOptions } from "../support/replaying.js";
import { until } from "../support/until.js";
import { testKey } from "../support/wire-request.js";

const asRecorded: http.RequestListener = (_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end('{"ok":true}');
};

async function serve(t: TestContext, listener: http.RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listenOnLoopback(t, http.createServer(listener))}`;
}

/** Calls of ten sessions that overlap by chance; one in four writes. */
const shopTape = (calls: number): TapeCall[] =>
  Array.from({ length: calls }, (_, at) => {
    const startMs = at * 2 + draw("start", at) * 2;
    const session = Math.floor(draw("session", at) * 10);
    return {
      ...{ startMs, endMs: startMs + draw("length", at) * 20, path: `/orders/${at % 50}/items` },
      method: draw("method", at) < 0.25 ? "POST" : "GET",
      headers: ["host", "reviews:9080", "x-shop", String(session), "cookie", `cart=number-of-cart-${session}`],
    };
  });

for (const { order, calls } of [
  { order: "causal", calls: 1_500 },
  { order: "recorded", calls: 1_500 },
  { order: "serial", calls: 300 },
] as const) {
  test(`${calls} calls with random delays and failures of the target keep ${order} order: no required edge is violated`, async (t) => {
    const target = await serve(t, async (request, response) => {
      await delay(draw("delay", request.url!, Math.random()) * 4);
      if (draw("failure", Math.random()) < 0.05) request.socket.destroy();
      else asRecorded(request, response);
    });
    const options = replayOptions(target, { order, allowWrites: true, minLive: 0.5, headers: [["cookie", "live"]] });
    const { summary } = await replayed(await tapeOf(shopTape(calls)), options);
    assert.equal(summary.order.order, order);
    assert.ok(summary.order.required > 1_000, `only ${summary.order.required} edges were required`);
    assert.equal(summary.order.violated, 0);
    assert.equal(summary.sent, summary.steps);
    if (order === "causal") assert.ok(summary.order.edges!.session > 0 && summary.order.edges!.resource > 0);
  });
}

test("under causal order an answer that takes long holds its own session back, and nobody else", async (t) => {
  const landed: string[] = [];
  let release = () => {};
  const slow = new Promise<void>((resolve) => {
    release = resolve;
  });
  const target = await serve(t, async (request, response) => {
    if (request.url === "/slow") await slow;
    landed.push(request.url!);
    asRecorded(request, response);
    if (request.url === "/other/2") release();
  });
  const of = (cart: string) => ["host", "reviews:9080", "cookie", `cart=number-of-${cart}`];
  const tape = await tapeOf([
    { startMs: 0, path: "/slow", headers: of("one") },
    { startMs: 10, path: "/other/1", headers: of("other") },
    { startMs: 20, path: "/waits", headers: of("one") },
    { startMs: 30, path: "/other/2", headers: of("other") },
  ]);
  const { summary } = await replayed(tape, replayOptions(target, { order: "causal", headers: [["cookie", "live"]] }));
  assert.equal(summary.order.violated, 0);
  assert.deepEqual(landed, ["/other/1", "/other/2", "/slow", "/waits"]);
});

test("a run that is expected to take longer than allowed is refused before its first request, with the dearest waits", async (t) => {
  let asked = 0;
  const target = await serve(t, (request, response) => {
    asked++;
    asRecorded(request, response);
  });
  const calls = [0, 1, 2].map((at) => ({ startMs: at * 100_000, endMs: at * 100_000 + 90_000 }));
  const options = replayOptions(target, { order: "serial", maxTimeMs: 60_000 });
  await assert.rejects(
    replayed(await tapeOf(calls), options),
    (error) =>
      error instanceof OperatorError &&
      /about 4 min 30 s.*--max-time allows 1 min 0 s.*#2 waits for #1 \(order, 1 min 30 s\)/.test(error.message),
  );
  assert.equal(asked, 0);
});

test("the selected calls are sent so many times, one pass after the other", async (t) => {
  const paths: string[] = [];
  const target = await serve(t, (request, response) => {
    paths.push(request.url!);
    asRecorded(request, response);
  });
  const calls = ["/a", "/b"].map((path, at) => ({ startMs: at * 10, path }));
  const options = replayOptions(target, { order: "recorded", selection: { text: "3 times", repeat: 3 } });
  let preflight: Preflight | undefined;
  const { summary } = await replayed(await tapeOf(calls), options, {
    onPreflight: (seen) => {
      preflight = seen;
    },
  });
  assert.deepEqual(paths, ["/a", "/b", "/a", "/b", "/a", "/b"]);
  assert.deepEqual([summary.steps, summary.compared, summary.order.violated, preflight?.longestChain], [6, 6, 0, 6]);
});

test("the calls of one user request are chosen by its trace id, however it is spelt, and by its request id", async (t) => {
  const paths: string[] = [];
  const target = await serve(t, (request, response) => {
    paths.push(request.url!);
    asRecorded(request, response);
  });
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const tape = await tapeOf([
    { startMs: 0, path: "/traced", headers: ["traceparent", `00-${traceId}-b7ad6b7169203331-01`] },
    { startMs: 10, path: "/other" },
    { startMs: 20, path: "/asked", headers: ["x-request-id", "6db69b60-1f03-4c1e-885b-5cab4cc22fc5"] },
  ]);
  for (const trace of [traceId.toUpperCase(), "6db69b60-1f03-4c1e-885b-5cab4cc22fc5"]) {
    await replayed(tape, replayOptions(target, { selection: { text: "trace", trace } }));
  }
  assert.deepEqual(paths, ["/traced", "/asked"]);
});

test("what is sent too late makes latencies invalid, and the verdict on the answers stands", async (t) => {
  const target = await serve(t, async (request, response) => {
    await delay(30);
    asRecorded(request, response);
  });
  const calls = Array.from({ length: 6 }, (_, at) => ({ startMs: at * 10, endMs: at * 10 + 1 }));
  const pace = { kind: "scaled", speed: 1 } as const;
  const late = await replayed(await tapeOf(calls), replayOptions(target, { order: "serial", pace, maxLatenessMs: 20 }));
  assert.match(late.summary.latencyInvalid ?? "", /after it was due, 20 ms are allowed/);
  assert.equal(late.summary.verdict, "passed");
  const slack = replayOptions(target, { order: "serial", pace, maxLatenessMs: 60_000 });
  assert.equal((await replayed(await tapeOf(calls), slack)).summary.latencyInvalid, undefined);
});

test("a tape is followed while it is written, until its recorder ends", async (t) => {
  const paths: string[] = [];
  const target = await serve(t, (request, response) => {
    paths.push(request.url!);
    asRecorded(request, response);
  });
  const { writer, reader } = openMemoryTape({ recorder: testRecorder, key: testKey });
  const record = (sequence: number, path: string, startedMs: number) => {
    const request = capturedRequest({ path, headers: [], startedMs, endedMs: startedMs });
    const answer = capturedResponse('{"ok":true}', {
      ...{ headers: ["content-type", "application/json"], startedMs: startedMs + 1, endedMs: startedMs + 1 },
    });
    return writer.append(batchOf(callPart(sequence, { request, answer })));
  };
  await record(1, "/first", 0);
  const stop = new AbortController();
  t.after(() => stop.abort());
  const options = replayOptions(target, { order: "causal", follow: true });
  const run = replayed(reader, options, { signal: stop.signal });
  await until("the first call was sent", () => paths.includes("/first"));
  await record(2, "/second", 20);
  await record(3, "/third", 30);
  await writer.close();
  const { summary } = await run;
  assert.deepEqual(paths, ["/first", "/second", "/third"]);
  assert.deepEqual([summary.verdict, summary.steps, summary.compared, summary.order.violated], ["passed", 3, 3, 0]);
});

test("what needs the whole tape is refused where it is followed", async () => {
  const options = replayOptions("http://127.0.0.1:1", { follow: true, selection: { text: "entry", entry: true } });
  await assert.rejects(replayed(await tapeOf([{ startMs: 0 }]), options), /--follow and --entry/);
});

test("four thousand calls in flight at once, all answered late: none is given up by us, none is lost", async (t) => {
  const calls = 4_000;
  const waiting: (() => void)[] = [];
  const target = await serve(t, (request, response) => {
    waiting.push(() => asRecorded(request, response));
    // All are answered once the last has come: nothing may have timed out meanwhile.
    if (waiting.length === calls) for (const answer of waiting) answer();
  });
  const tape = await tapeOf(
    Array.from({ length: calls }, (_, at) => ({ startMs: at / 10, endMs: 60_000, path: `/late/${at}` })),
  );
  const { summary } = await replayed(tape, replayOptions(target, { order: "causal" }));
  assert.equal(waiting.length, calls);
  assert.deepEqual(
    [summary.sent, summary.answered, summary.compared, summary.verdict],
    [calls, calls, calls, "passed"],
  );
});
