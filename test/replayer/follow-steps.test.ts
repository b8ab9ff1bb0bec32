import assert from "node:assert/strict";
import http from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../base/index.js";
import { type FollowedSteps, followSteps } from "../../replayer/follow-steps.js";
import type { ReplayOptions } from "../../replayer/index.js";
import { type CapturedAnswer, openMemoryTape, openTape, openTapeWriter, type TapeWriter } from "../../tape/index.js";
import { batchOf, callPart, capturedRequest, capturedResponse } from "../support/captured.js";
import { listenOnLoopback } from "../support/loopback.js";
import { testRecorder } from "../support/replay-tape.js";
import { replayed, replayOptions } from "../support/replaying.js";
import { tempFolder } from "../support/temp.js";
import { until } from "../support/until.js";
import { testKey } from "../support/wire-request.js";

interface CallToCome {
  /** By the tape's time. */
  startedMs: number;
  method?: string;
  isOpen?: boolean;
}

/** Puts calls on a tape, each answered within a millisecond. */
function recordsOn(writer: TapeWriter) {
  let recorded = 0;
  return async (path: string, { startedMs, method = "GET", isOpen = false }: CallToCome) => {
    const request = capturedRequest({ path, method, headers: [], startedMs, endedMs: startedMs });
    const whole: CapturedAnswer = capturedResponse('{"ok":true}', {
      ...{ headers: ["content-type", "application/json"], startedMs: startedMs + 1, endedMs: startedMs + 1 },
    });
    const answer: CapturedAnswer = isOpen ? { ...whole, end: "open" } : whole;
    await writer.append(batchOf(callPart(++recorded, { request, answer })));
  };
}

interface Followed {
  /** What was given out, and when, in milliseconds from the first look. */
  given: readonly (readonly [path: string, atMs: number])[];
  plan: FollowedSteps["plan"];
}

/** What happens to a tape, by when: in milliseconds from the first look. */
type Course = (tape: ReturnType<typeof recordsOn>, ends: { interrupt(): void; end(): Promise<void> }) => Happening[];
type Happening = readonly [atMs: number, happens: () => Promise<void> | void];

/** Follows a tape by a clock that moves only while it is slept on: what happens then comes between two looks. */
async function followed(course: Course, changes: Partial<ReplayOptions> = {}): Promise<Followed> {
  const { writer, reader } = openMemoryTape({ recorder: testRecorder, key: testKey });
  const stop = new AbortController();
  const left = [...course(recordsOn(writer), { interrupt: () => stop.abort(), end: () => writer.close() })];
  let nowMs = 0;
  const moveTo = async (atMs: number) => {
    while (left.length > 0 && left[0]![0] <= atMs) await left.shift()![1]();
    nowMs = atMs;
  };
  await moveTo(0);
  const { plan, exchanges } = followSteps(replayOptions("http://127.0.0.1:1", { follow: true, ...changes }), {
    clock: { now: () => nowMs, epochNsAtZero: 0n, sleepUntil: moveTo },
    reopen: async () => ({ stats: () => reader.stats(), read: (which) => reader.read(which), close: async () => {} }),
    signal: stop.signal,
  });
  const given: [string, number][] = [];
  for await (const { request } of exchanges) given.push([request.path, nowMs]);
  return { given, plan };
}

test("what comes to a tape that is quiet then is given out a second after it came", async () => {
  const { given } = await followed((record, { interrupt }) => [
    [0, () => record("/first", { startedMs: 0 })],
    [2_000, () => record("/second", { startedMs: 1_900 })],
    [2_100, () => record("/third", { startedMs: 2_000 })],
    [8_000, interrupt],
  ]);
  assert.deepEqual(given, [
    ["/first", 1_000],
    ["/second", 3_000],
    // It was met by a look at 2,200.
    ["/third", 3_200],
  ]);
});

test("a call is given out as soon as one that began a second later has come", async () => {
  const { given } = await followed((record, { end }) => [
    [0, () => record("/first", { startedMs: 0 })],
    [400, () => record("/between", { startedMs: 999 })],
    [600, () => record("/later", { startedMs: 1_000 })],
    [800, end],
  ]);
  assert.deepEqual(given, [
    ["/first", 600],
    ["/between", 800],
    ["/later", 800],
  ]);
});

test("a call that came later, and began earlier by less than a second, goes first", async () => {
  const { given } = await followed((record, { interrupt }) => [
    [0, () => record("/second", { startedMs: 300 })],
    [0, () => record("/third", { startedMs: 400 })],
    [700, () => record("/first", { startedMs: 0 })],
    [5_000, interrupt],
  ]);
  assert.deepEqual(given, [
    ["/first", 1_000],
    ["/second", 1_000],
    ["/third", 1_000],
  ]);
});

test("at an interrupt all that is on the tape and was not given out is told, by reason", async () => {
  const { given, plan } = await followed((record, { interrupt }) => [
    [0, () => record("/sent", { startedMs: 0 })],
    [1_500, () => record("/waiting", { startedMs: 1_500 })],
    [1_500, () => record("/write", { startedMs: 1_501, method: "POST" })],
    // No look is between these and the end.
    [1_700, () => record("/unseen", { startedMs: 1_700 })],
    [1_700, () => record("/still-going-on", { startedMs: 1_701, isOpen: true })],
    [1_700, interrupt],
  ]);
  assert.deepEqual(given, [["/sent", 1_000]]);
  assert.deepEqual([plan.steps.length, [...plan.notSent]], [4, [["unsafe-method", 1]]]);
});

test("an answer that its recorder left open at its end is given out then", async () => {
  const { given, plan } = await followed((record, { end }) => [
    [0, () => record("/open", { startedMs: 0, isOpen: true })],
    [0, () => record("/whole", { startedMs: 1 })],
    [4_000, end],
  ]);
  assert.deepEqual(given, [
    ["/whole", 1_000],
    ["/open", 4_000],
  ]);
  assert.equal([...plan.steps].find(({ open }) => open)?.step, 1);
});

test("a condition on bodies chooses among what comes, looking at each once", async () => {
  const looked: string[] = [];
  const whereWhole: ReplayOptions["selection"]["whereWhole"] = ({ request }) => {
    looked.push(request.path);
    return request.path !== "/other";
  };
  const course: Course = (record, { interrupt }) => [
    [0, () => record("/one", { startedMs: 0 })],
    [200, () => record("/other", { startedMs: 100 })],
    [400, () => record("/two", { startedMs: 200 })],
    [3_000, interrupt],
  ];
  const { given, plan } = await followed(course, { selection: { text: "not /other", whereWhole } });
  assert.deepEqual(
    given.map(([path]) => path),
    ["/one", "/two"],
  );
  assert.deepEqual(looked, ["/one", "/other", "/two"]);
  assert.equal(plan.steps.length, 2);
});

interface Target {
  url: string;
  readonly paths: readonly string[];
}

/** A target that answers as it was recorded, once `may` says so. */
async function startTarget(t: TestContext, may: (path: string) => Promise<void> | void = () => {}): Promise<Target> {
  const paths: string[] = [];
  const server = http.createServer(async (request, response) => {
    paths.push(request.url!);
    await may(request.url!);
    response.setHeader("content-type", "application/json");
    response.end('{"ok":true}');
  });
  return { url: `http://127.0.0.1:${await listenOnLoopback(t, server)}`, paths };
}

/** Ends what a failed test leaves going on. */
function stoppedAfter(t: TestContext): AbortController {
  const stop = new AbortController();
  t.after(() => stop.abort());
  return stop;
}

/** Ten times as fast as that of the process. */
const fastClock: Clock = {
  now: () => performance.now() * 10,
  epochNsAtZero: 0n,
  sleepUntil: (at, signal) =>
    delay(Math.max(0, at / 10 - performance.now()), undefined, signal && { signal }).catch(() => {}),
};

test("an interrupt ends a run that follows with the verdict on what was sent, and counts the rest", async (t) => {
  const { writer, reader } = openMemoryTape({ recorder: testRecorder, key: testKey });
  const record = recordsOn(writer);
  const stop = stoppedAfter(t);
  const target = await startTarget(t);
  await record("/0", { startedMs: 0 });
  const options = replayOptions(target.url, { order: "causal", follow: true });
  const run = replayed(reader, options, { signal: stop.signal });
  await record("/1", { startedMs: 10 });
  await until("both were sent", () => target.paths.length === 2);
  await record("/2", { startedMs: 3_000 });
  stop.abort();
  const { summary } = await run;
  assert.deepEqual(target.paths, ["/0", "/1"]);
  assert.deepEqual([summary.verdict, summary.steps, summary.sent], ["passed", 3, 2]);
  assert.deepEqual(summary.notSent, { interrupted: 1 });
});

test("what waits for a slow answer when a run that follows is interrupted is counted, and not sent", async (t) => {
  const { writer, reader } = openMemoryTape({ recorder: testRecorder, key: testKey });
  const record = recordsOn(writer);
  const stop = stoppedAfter(t);
  let answer = () => {};
  const answers = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const target = await startTarget(t, () => answers);
  for (const at of [0, 1, 2, 3]) await record(`/${at}`, { startedMs: at });
  const options = replayOptions(target.url, { order: "serial", follow: true });
  const run = replayed(reader, options, { signal: stop.signal, clock: fastClock });
  await until("the first was sent", () => target.paths.length === 1);
  stop.abort();
  answer();
  const { summary } = await run;
  assert.deepEqual([summary.verdict, summary.steps, summary.sent], ["inconclusive", 4, 1]);
  assert.match(summary.reasons.join(), /^only 1 of 4 selected calls were compared/);
  assert.deepEqual(summary.notSent, { interrupted: 3 });
});

test("a run that follows and is interrupted before it sent anything says so", async () => {
  const { writer, reader } = openMemoryTape({ recorder: testRecorder, key: testKey });
  await recordsOn(writer)("/0", { startedMs: 0 });
  const options = replayOptions("http://127.0.0.1:1", { follow: true });
  const { summary } = await replayed(reader, options, { signal: AbortSignal.abort() });
  assert.deepEqual([summary.verdict, summary.reasons], ["inconclusive", ["interrupted after 0 of 1 requests"]]);
  assert.deepEqual(summary.notSent, { interrupted: 1 });
});

test("a folder tape is followed over its segments: what comes to one that began later is sent, each call once", async (t) => {
  const target = await startTarget(t);
  const folder = join(tempFolder(t), "tape/");
  // Every batch fills a segment.
  const writer = await openTapeWriter({ path: folder, key: testKey, recorder: testRecorder, segmentBytes: 1 });
  const record = recordsOn(writer);
  await record("/0", { startedMs: 0 });
  const first = await openTape([folder]);
  let opened = 0;
  const reopen = () => {
    opened++;
    return openTape([folder]);
  };
  const options = replayOptions(target.url, { order: "causal", follow: true });
  const run = replayed(first, options, { reopen, clock: fastClock, signal: stoppedAfter(t).signal });
  for (let at = 1; at < 6; at++) {
    await until(`call ${at - 1} was sent`, () => target.paths.includes(`/${at - 1}`));
    await record(`/${at}`, { startedMs: at * 100 });
  }
  await writer.close();
  const { summary } = await run;
  const whole = await openTape([folder]);
  assert.ok(whole.segments.length >= 5, `${whole.segments.length} segments`);
  await whole.close();
  await first.close();
  assert.ok(opened > 1);
  assert.deepEqual(target.paths, ["/0", "/1", "/2", "/3", "/4", "/5"]);
  assert.deepEqual([summary.verdict, summary.steps, summary.compared, summary.order.violated], ["passed", 6, 6, 0]);
});
