import assert from "node:assert/strict";
import http from "node:http";
import http2 from "node:http2";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { draw, OperatorError } from "../../base/index.js";
import type { Preflight, Progress } from "../../replayer/index.js";
import { type Answer, type Exchange, type Outcome, type TapeReader, walkOfTurns } from "../../tape/index.js";
import { closedPort, listenOnLoopback } from "../support/loopback.js";
import { type TapeCall, tapeOf } from "../support/replay-tape.js";
import { certified, wentAt } from "../support/replay-values.js";
import { replayed, replayOptions } from "../support/replaying.js";
import { until } from "../support/until.js";
import { testKey } from "../support/wire-request.js";

const ok = '{"ok":true}';
const serve = async (t: TestContext, listener: http.RequestListener) =>
  `http://127.0.0.1:${await listenOnLoopback(t, http.createServer(listener))}`;

/** Answers as the test tape's calls were answered. */
const asRecorded: http.RequestListener = (_request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(ok);
};

/** Calls that overlap by chance, with times drawn by hash. */
const tangledTape = (calls: number): TapeCall[] =>
  Array.from({ length: calls }, (_, at) => {
    const startMs = at * 2 + draw("start", at) * 2;
    return { startMs, endMs: startMs + draw("length", at) * 20, path: `/reviews/${at}` };
  });

/** Answers as recorded after 0 to 4 ms, drawn by hash of the path. */
const dawdling: http.RequestListener = async (request, response) => {
  await delay(draw("delay", request.url!) * 4);
  asRecorded(request, response);
};

for (const order of ["recorded", "serial"] as const) {
  test(`2,000 calls with random delays of the target keep ${order} order: no required edge is violated`, async (t) => {
    const tape = await tapeOf(tangledTape(2_000));
    const { summary, kept } = await replayed(tape, replayOptions(await serve(t, dawdling), { order }));
    assert.equal(summary.order.violated, 0);
    assert.ok(summary.order.required > 1_900_000, `${summary.order.required} required`);
    assert.deepEqual([summary.verdict, summary.sent, summary.compared, summary.live], ["passed", 2_000, 2_000, 1]);
    assert.deepEqual(summary.divergences, []);
    // What the run file holds says the same, by the definition.
    const went = kept.steps.map(({ recordedAtMs, recordedMs }, step) => {
      const { sentMs, answeredMs } = kept.outcomes.find((outcome) => outcome.step === kept.steps[step]!.step)!;
      return wentAt([recordedAtMs, recordedAtMs + recordedMs!], [sentMs, answeredMs]);
    });
    const inTapeOrder = went.toSorted((a, b) => a.startedNs - b.startedNs);
    assert.equal(certified(order, inTapeOrder).violated, 0);
  });
}

test("the same tape sent without order is told from one in order: the certificate of its run can fail", async (t) => {
  const tape = await tapeOf(tangledTape(500));
  const { kept } = await replayed(tape, replayOptions(await serve(t, dawdling), { order: "none", concurrency: 32 }));
  const outcomes = new Map(kept.outcomes.map((outcome) => [outcome.step, outcome]));
  const went = kept.steps
    .toSorted((a, b) => a.step - b.step)
    .map(({ step, recordedAtMs, recordedMs }) => {
      const { sentMs, answeredMs } = outcomes.get(step)!;
      return wentAt([recordedAtMs, recordedAtMs + recordedMs!], [sentMs, answeredMs]);
    });
  assert.ok(certified("recorded", went).violated > 0);
});

test("a call is not sent before the answer it waited for on the tape, which the target itself can see", async (t) => {
  const events: string[] = [];
  const target = await serve(t, async (request, response) => {
    events.push(`${request.url} came`);
    if (request.url === "/slow") await until("the call beside it came", () => events.includes("/beside came"));
    response.on("finish", () => events.push(`${request.url} answered`));
    asRecorded(request, response);
  });
  const tape = await tapeOf([
    { startMs: 0, endMs: 10, path: "/slow" },
    { startMs: 5, endMs: 12, path: "/beside" },
    { startMs: 20, endMs: 30, path: "/after" },
  ]);
  await replayed(tape, replayOptions(target));
  assert.ok(events.indexOf("/beside came") < events.indexOf("/slow answered"));
  assert.ok(events.indexOf("/after came") > events.indexOf("/slow answered"));
});

test("what changed is found, with both sides in the run", async (t) => {
  const target = await serve(t, (request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(request.url === "/reviews/1" ? '{"ok":false}' : ok);
  });
  const tape = await tapeOf([
    { startMs: 0, path: "/reviews/1" },
    { startMs: 10, path: "/health" },
  ]);
  const { summary, kept } = await replayed(tape, replayOptions(target));
  assert.equal(summary.verdict, "diverged");
  assert.deepEqual(
    summary.divergences.map(({ hop, route, place, kind, count, of }) => ({ hop, route, place, kind, count, of })),
    [{ hop: "reviews", route: "GET /reviews/{id}", place: "body:/ok", kind: "changed-value", count: 1, of: 1 }],
  );
  assert.deepEqual(
    kept.outcomes.map(({ step, lane }) => `${step} ${lane}`),
    ["0 candidate", "0 recorded", "1 candidate"],
  );
  assert.equal(kept.differences.length, 1);
  assert.equal(kept.summary, summary);
  assert.deepEqual(summary.routes, [
    { hop: "reviews", route: "GET /reviews/{id}", compared: 1 },
    { hop: "reviews", route: "GET /health", compared: 1 },
  ]);
});

test("of a Step that differs the run keeps what was sent, of the operator's own fields the names alone", async (t) => {
  const tape = await tapeOf([
    {
      startMs: 0,
      method: "PUT",
      headers: ["host", "reviews:9080", "X-Tenant", "a", "authorization", "Bearer r"],
      body: "new",
    },
    { startMs: 10, path: "/health" },
  ]);
  const headers = [["Authorization", "Bearer live-secret"]] as const;
  const target = await serve(t, (request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(request.method === "PUT" ? "{}" : ok);
  });
  const { kept } = await replayed(tape, replayOptions(target, { allowWrites: true, headers }));
  const [request, ...others] = kept.requests;
  assert.deepEqual(others, []);
  assert.deepEqual([request!.step, request!.headers, request!.given], [0, [["X-Tenant", "a"]], ["Authorization"]]);
  assert.ok(request!.body.kind === "whole" && Buffer.from(request!.body.bytes).toString() === "new");
  assert.doesNotMatch(JSON.stringify(kept.requests), /live-secret/);
});

test("with a baseline the same Steps go to both lanes, and what they share against the recording is noise", async (t) => {
  const lanesSeen: unknown[] = [];
  const answering =
    (stars: number): http.RequestListener =>
    (request, response) => {
      lanesSeen.push([request.headers["x-tapeloop-lane"], request.headers["x-tapeloop-step"]]);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ stars, stamp: lanesSeen.length }));
    };
  const calls = Array.from({ length: 30 }, (_, at) => ({
    startMs: at * 10,
    path: `/reviews/${at}`,
    answerBody: '{"stars":5,"stamp":0}',
  }));
  const { summary } = await replayed(
    await tapeOf(calls),
    replayOptions(await serve(t, answering(4)), { baseline: await serve(t, answering(5)) }),
  );
  assert.equal(lanesSeen.length, 60);
  assert.equal(new Set(lanesSeen.map(String)).size, 60);
  assert.equal(summary.reference, "baseline");
  assert.deepEqual(
    summary.lanes.map(({ name, role, sent, answered, statuses }) => ({ name, role, sent, answered, statuses })),
    [
      { name: "baseline", role: "baseline", sent: 30, answered: 30, statuses: { 200: 30 } },
      { name: "candidate", role: "candidate", sent: 30, answered: 30, statuses: { 200: 30 } },
    ],
  );
  const byPlace = new Map(summary.divergences.map((divergence) => [divergence.place, divergence]));
  assert.equal(byPlace.get("body:/stars")?.attribution, "version");
  assert.equal(byPlace.get("body:/stamp")?.attribution, "noise");
  assert.equal(summary.verdict, "diverged");
});

test("an edge holds for all lanes: a slow baseline holds the candidate's next call back", async (t) => {
  const tape = await tapeOf([
    { startMs: 0, endMs: 5, path: "/a" },
    { startMs: 10, endMs: 15, path: "/b" },
  ]);
  const slow: http.RequestListener = async (request, response) => {
    await delay(60);
    asRecorded(request, response);
  };
  const options = replayOptions(await serve(t, asRecorded), { baseline: await serve(t, slow) });
  const { kept, summary } = await replayed(tape, options);
  const of = (step: number, lane: string) => kept.outcomes.find((one) => one.step === step && one.lane === lane)!;
  assert.ok(of(1, "candidate").sentMs >= of(0, "baseline").answeredMs);
  assert.equal(summary.order.violated, 0);
});

test("a target that answers nothing: every Step is a failure, inconclusive", async () => {
  const tape = await tapeOf(tangledTape(20));
  const { summary, kept } = await replayed(tape, replayOptions(`http://127.0.0.1:${await closedPort()}`));
  assert.deepEqual([summary.verdict, summary.sent, summary.answered], ["inconclusive", 20, 0]);
  assert.match(summary.reasons[0]!, /answered none of 20 requests/);
  assert.deepEqual(summary.lanes[0]!.statuses, { refused: 20 });
  const candidates = kept.outcomes.filter(({ lane }) => lane === "candidate");
  assert.equal(candidates.filter(({ answer }) => answer.kind === "failure").length, 20);
});

test("a target that answers 404 to everything agrees about nothing: inconclusive, with and without a baseline", async (t) => {
  const nowhere = await serve(t, (_request, response) => void response.writeHead(404).end());
  const alsoNowhere = await serve(t, (_request, response) => void response.writeHead(404).end());
  for (const changes of [{}, { baseline: alsoNowhere }]) {
    const { summary } = await replayed(await tapeOf(tangledTape(20)), replayOptions(nowhere, changes));
    assert.deepEqual([summary.verdict, summary.live], ["inconclusive", 0]);
  }
});

test("where the recording is of errors alone, that a target refuses alike proves nothing", async (t) => {
  const answerHeaders = ["content-type", "text/plain"];
  const calls = Array.from({ length: 5 }, (_, at) => ({
    ...{ startMs: at, path: `/gone/${at}`, status: 404, answerHeaders, answerBody: "gone" },
  }));
  const nowhere = await serve(t, (_request, response) => {
    response.writeHead(404, { "content-type": "text/plain" }).end("gone");
  });
  const { summary } = await replayed(await tapeOf(calls), replayOptions(nowhere));
  assert.deepEqual([summary.verdict, summary.live, summary.divergences.length], ["inconclusive", 1, 0]);
  assert.match(summary.reasons.join(), /^every answer was an error/);
});

test("a Step that waits for one that is given up is given up in its turn", async (t) => {
  const mute = await serve(t, () => {});
  const calls = Array.from({ length: 4 }, (_, at) => ({ startMs: 10 * at, path: `/mute/${at}` }));
  const { summary } = await replayed(await tapeOf(calls), replayOptions(mute, { order: "serial", stepTimeoutMs: 20 }));
  assert.deepEqual(summary.lanes[0]!.statuses, { "timed-out": 4 });
});

test("of a recorded body that was kept in part it is told which bound cut it, where it differs", async (t) => {
  const body = { pieces: [Buffer.from("the beg")], fullBytes: 400, hash: Buffer.alloc(16, 7) };
  const headers = ["content-type", "text/plain"];
  const answer = { kind: "response", status: 200, headers, body, end: "complete", startedMs: 1, endedMs: 2 } as const;
  const tape = await tapeOf([{ startMs: 0, answer }]);
  const target = await serve(t, (_request, response) => {
    response.setHeader("content-type", "text/plain").end(`the beginning${" and so on".repeat(9)}`);
  });
  const alone = await replayed(tape, replayOptions(target));
  assert.match(alone.summary.warnings.join(), /^1 recorded body that differs is on the tape in part: .* --max-body$/);
  assert.match(alone.summary.divergences[0]!.examples[0]!.expected, /^400 bytes, the first 7 of them kept, hash /);
  const both = await replayed(tape, replayOptions(target, { baseline: target, sameTarget: true }));
  assert.deepEqual(both.summary.warnings, []);
});

test("a mirror tape: without a baseline nothing can be compared; with one it can", async (t) => {
  const calls = Array.from({ length: 5 }, (_, at) => ({ startMs: at, endMs: null, path: `/reviews/${at}` }));
  const target = await serve(t, asRecorded);
  const alone = await replayed(await tapeOf(calls), replayOptions(target));
  assert.deepEqual([alone.summary.verdict, alone.summary.compared], ["inconclusive", 0]);
  assert.match(alone.summary.reasons.join(), /the tape holds no answers; give a live reference with --baseline/);
  assert.match(alone.summary.warnings.join(), /5 of 5 calls have no recorded end/);
  const both = await replayed(await tapeOf(calls), replayOptions(target, { baseline: await serve(t, asRecorded) }));
  assert.deepEqual([both.summary.verdict, both.summary.compared, both.summary.order.required], ["passed", 5, 0]);
});

test("failing calls are Answers: what failed on the tape and fails again is no divergence, what fails anew is", async (t) => {
  const target = await serve(t, (request, response) => {
    if (request.url === "/reviews/3") request.socket.destroy();
    else asRecorded(request, response);
  });
  const tape = await tapeOf(tangledTape(30));
  const { summary } = await replayed(tape, replayOptions(target));
  assert.deepEqual(
    summary.divergences.map(({ place, kind, count }) => ({ place, kind, count })),
    [{ place: "status", kind: "failure", count: 1 }],
  );
  assert.deepEqual([summary.sent, summary.answered, summary.order.violated], [30, 29, 0]);
});

test("a Step that is not answered in time is final: what waits for it goes on", async (t) => {
  const target = await serve(t, (request, response) => {
    if (request.url !== "/reviews/0") asRecorded(request, response);
  });
  const calls = [0, 1, 2].map((at) => ({ startMs: at * 100, path: `/reviews/${at}` }));
  const { summary } = await replayed(await tapeOf(calls), replayOptions(target, { stepTimeoutMs: 500 }));
  assert.deepEqual(summary.lanes[0]!.statuses, { "timed-out": 1, 200: 2 });
  assert.equal(summary.order.violated, 0);
});

for (const end of ["open", "client-aborted"] as const)
  test(`a stream that ended ${end} on the tape is left open again, and compared as far as both go`, async (t) => {
    const closed: Promise<unknown>[] = [];
    const target = await serve(t, (request, response) => {
      closed.push(new Promise((resolve) => response.once("close", resolve)));
      response.setHeader("content-type", "text/event-stream");
      response.write(request.url === "/same" ? "data: 1\n\ndata: 2\n\ndata: 3\n\n" : "data: 1\n\ndata: x\n\n");
    });
    const stream: Partial<TapeCall> = {
      answer: {
        ...{ kind: "response", status: 200, headers: ["content-type", "text/event-stream"], end },
        ...{ body: { pieces: [Buffer.from("data: 1\n\ndata: 2\n\n")], fullBytes: 18 }, startedMs: 1, endedMs: 2 },
      },
    };
    const tape = await tapeOf([
      { startMs: 0, path: "/same", ...stream },
      { startMs: 0.5, path: "/changed", ...stream },
    ]);
    const { summary, kept } = await replayed(tape, replayOptions(target, { stepTimeoutMs: 60_000 }));
    await Promise.all(closed);
    const candidates = kept.outcomes.filter(({ lane }) => lane === "candidate");
    assert.deepEqual(
      candidates.map(({ answer }) => answer.kind === "response" && answer.end),
      ["open", "open"],
    );
    assert.ok(candidates.every(({ sentMs, answeredMs }) => answeredMs - sentMs >= 1_000));
    assert.deepEqual(
      summary.divergences.map(({ route, place, count }) => ({ route, place, count })),
      [{ route: "GET /changed", place: "body:/*/data", count: 1 }],
    );
  });

test("an interrupt stops sending, keeps what was gathered and says so", async (t) => {
  const interrupt = new AbortController();
  let seen = 0;
  const target = await serve(t, (request, response) => {
    if (++seen === 10) interrupt.abort();
    asRecorded(request, response);
  });
  const tape = await tapeOf(tangledTape(200));
  const { summary, kept } = await replayed(tape, replayOptions(target, { order: "serial" }), {
    signal: interrupt.signal,
  });
  assert.equal(summary.verdict, "inconclusive");
  assert.match(summary.reasons[0]!, /interrupted after \d+ of 200/);
  assert.equal(kept.steps.length, summary.sent);
  assert.ok(summary.sent >= 9 && summary.sent <= 11, `${summary.sent} sent`);
  assert.deepEqual(summary.notSent, { interrupted: 200 - summary.sent });
  assert.equal(kept.summary, summary);
});

test("an interrupt does not wait for a target that never answers, nor takes it for an answer", async (t) => {
  const interrupt = new AbortController();
  const target = await serve(t, () => interrupt.abort());
  const { summary } = await replayed(await tapeOf(tangledTape(5)), replayOptions(target), {
    signal: interrupt.signal,
  });
  assert.deepEqual([summary.verdict, summary.compared, summary.divergences.length], ["inconclusive", 0, 0]);
});

test("an interrupt while the tape is read ends the run, though as many are in flight as may be and more wait", async (t) => {
  const interrupt = new AbortController();
  const asked: string[] = [];
  const target = await serve(t, ({ url }) => void asked.push(url!));
  // Nine in flight are nearly ten; of the twenty that wait the first ten go at once when those end, and are not sent.
  const nine = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const sessions = [nine, [...nine, 0], [...nine, 0], [9]];
  const calls = sessions
    .flatMap((together, at) => together.map((session) => ({ session, startMs: at * 20 })))
    .map(({ session, startMs }, at) => ({
      ...{ startMs, path: `/${at}` },
      headers: ["host", "reviews:9080", "cookie", `cart=number-of-cart-${session}`],
    }));
  const tape = readWith(await tapeOf(calls), ({ request }) => {
    if (request.path === "/29") interrupt.abort();
  });
  const options = replayOptions(target, {
    ...{ order: "causal", concurrency: 10, headers: [["cookie", "live"]] },
    carry: { links: false, credentials: [] },
  });
  const { summary } = await replayed(tape, options, { signal: interrupt.signal });
  assert.deepEqual(
    asked.toSorted(),
    nine.map((at) => `/${at}`),
  );
  assert.equal(summary.verdict, "inconclusive");
  assert.match(summary.reasons[0]!, /interrupted/);
});

/** The same tape, with a turn of the loop before each Exchange is given, in which something may happen. */
function readWith(tape: TapeReader, before: (exchange: Exchange) => void): TapeReader {
  const slowly: TapeReader["read"] = (which) =>
    walkOfTurns(async function* () {
      for await (const exchange of tape.read(which)) {
        before(exchange);
        await new Promise((resolve) => setImmediate(resolve));
        yield [exchange];
      }
    });
  return new Proxy(tape, {
    get: (own, name) => {
      if (name === "read") return slowly;
      const member: unknown = Reflect.get(own, name);
      return typeof member === "function" ? member.bind(own) : member;
    },
  });
}

test("what cannot be sent is listed by reason, upgrades that only their header tells included", async (t) => {
  const tape = await tapeOf([
    { startMs: 0 },
    { startMs: 1, method: "POST", body: "x" },
    { startMs: 2, requestEnd: "aborted" },
    { startMs: 3, endMs: null, path: "/ws", headers: ["connection", "Upgrade", "upgrade", "websocket"] },
    { startMs: 4, headers: ["authorization", "Bearer seeded-secret"] },
  ]);
  const options = replayOptions(await serve(t, asRecorded), { skipRedacted: true });
  const { summary } = await replayed(tape, options);
  assert.deepEqual(summary.notSent, { "unsafe-method": 1, aborted: 1, upgrade: 1, redacted: 1 });
  assert.deepEqual([summary.sent, summary.compared, summary.verdict], [1, 1, "inconclusive"]);
  assert.match(summary.reasons.join(), /^only 1 of 5 selected calls were compared, 50% are needed/);
  const few = await replayed(tape, { ...options, minCompared: 0.2 });
  assert.deepEqual(few.summary.reasons, [
    "1 of 1 answers compared, none diverged; 4 of 5 selected calls were not sent",
  ]);
});

test("a pseudonym stops the run before it starts; a header in its place is what arrives", async (t) => {
  const seen: unknown[] = [];
  const target = await serve(t, (request, response) => {
    seen.push(request.headers.authorization);
    asRecorded(request, response);
  });
  const tape = await tapeOf([{ startMs: 0, headers: ["authorization", "Bearer seeded-secret"] }]);
  await assert.rejects(replayed(tape, replayOptions(target)), (error) => {
    return error instanceof OperatorError && /header:authorization.*--header/.test(error.message);
  });
  assert.deepEqual(seen, []);
  await replayed(tape, replayOptions(target, { headers: [["authorization", "Bearer live"]] }));
  assert.deepEqual(seen, ["Bearer live"]);
});

test("the recorded target and a foreign host are refused before anything is sent", async () => {
  const tape = await tapeOf([{ startMs: 0 }]);
  await assert.rejects(replayed(tape, replayOptions("http://reviews:9080", { targetIsATest: true })), /--same-target/);
  await assert.rejects(replayed(tape, replayOptions("http://elsewhere.test")), /--target-is-a-test/);
});

test("writes go out with allowWrites, with their body; HEAD compares without one", async (t) => {
  const target = await serve(t, (request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (piece) => (body += piece));
    request.on("end", () => {
      response.setHeader("content-type", "text/plain");
      response.end(`${request.method} ${body}`);
    });
  });
  const answerHeaders = ["content-type", "text/plain"];
  const tape = await tapeOf([
    { startMs: 0, method: "POST", body: "abc", answerHeaders, answerBody: "POST abc" },
    { startMs: 10, method: "HEAD", answerHeaders, answerBody: "" },
  ]);
  const { summary } = await replayed(tape, replayOptions(target, { allowWrites: true }));
  assert.deepEqual([summary.verdict, summary.compared], ["passed", 2]);
});

test("gRPC recorded over h2 replays over h2c, status in trailers compared", async (t) => {
  const message = Buffer.from([0, 0, 0, 0, 2, 8, 1]);
  let status = "0";
  const server = http2.createServer().on("stream", (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": status }));
    stream.pipe(stream);
  });
  const target = `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
  const grpc = ["content-type", "application/grpc"];
  const tape = await tapeOf([
    {
      ...{ startMs: 0, method: "POST", path: "/a.B/C", protocol: "h2", headers: grpc, body: message },
      ...{ answerHeaders: grpc, answerBody: message, answerTrailers: ["grpc-status", "0"] },
    },
  ]);
  const options = replayOptions(target, { allowWrites: true });
  assert.equal((await replayed(tape, options)).summary.verdict, "passed");
  status = "13";
  const { summary } = await replayed(tape, { ...options, minLive: 0 });
  assert.equal(summary.verdict, "diverged");
  assert.ok(summary.divergences.some(({ place }) => place === "trailer:grpc-status"));
});

test("what was recorded over h2 goes to a target of HTTP/1.1 alone all the same, and that is said", async (t) => {
  const tape = await tapeOf([{ startMs: 0, protocol: "h2" }]);
  const { summary } = await replayed(tape, replayOptions(await serve(t, asRecorded)));
  assert.equal(summary.verdict, "passed");
  assert.match(summary.warnings.join(), /does not speak HTTP\/2/);
});

test("secrets in live answers reach the run as the tape's pseudonyms, and compare equal to them", async (t) => {
  const answerHeaders = ["set-cookie", "sid=live-session-secret", "content-type", "application/json"];
  const target = await serve(t, (_request, response) => {
    response.writeHead(200, answerHeaders).end('{"password":"hunter2-live"}');
  });
  const tape = await tapeOf([{ startMs: 0, answerHeaders, answerBody: '{"password":"hunter2-live"}' }]);
  for (const key of [testKey, undefined]) {
    const { summary, kept } = await replayed(tape, replayOptions(target), { key } as object);
    // Without the key a pseudonym of the recording and one of the run are two values: equality cannot be seen.
    if (key !== undefined) assert.deepEqual([summary.verdict, summary.divergences], ["passed", []]);
    assert.ok(summary.divergences.every(({ place }) => !place.startsWith("body:")));
    const [{ answer }] = kept.outcomes as [Outcome];
    if (answer.kind === "same") {
      assert.ok(key !== undefined);
      assert.deepEqual(answer, { kind: "same", as: "recorded", status: 200 });
      continue;
    }
    assert.equal(key, undefined);
    assert.doesNotMatch(textOf(answer), /live-session-secret|hunter2-live/);
    assert.match(textOf(answer), /password/);
    assert.match(summary.warnings.join(), /redaction key is not at hand/);
  }
});

test("a secret in fields that the recorded answer did not have is replaced too, however often the same list comes", async (t) => {
  const target = await serve(t, (_request, response) => {
    response.writeHead(200, ["content-type", "application/json", "set-cookie", "sid=live-session-secret"]).end(ok);
  });
  const { kept } = await replayed(await tapeOf([{ startMs: 0 }, { startMs: 10 }]), replayOptions(target));
  const written = kept.outcomes
    .filter(({ lane }) => lane === "candidate")
    .map(({ answer }) => textOf(answer as Answer));
  assert.equal(written.length, 2);
  for (const text of written) {
    assert.match(text, /set-cookie,sid=/);
    assert.doesNotMatch(text, /live-session-secret/);
  }
});

function textOf(answer: Answer): string {
  if (answer.kind !== "response" || answer.body.kind !== "whole") assert.fail(JSON.stringify(answer));
  return `${answer.headers.join("\n")}\n${Buffer.from(answer.body.bytes).toString("latin1")}`;
}

test("a rate is kept by absolute due times, and latency from due counts the wait for a slow call", async (t) => {
  const target = await serve(t, async (request, response) => {
    if (request.url === "/reviews/0") await delay(120);
    asRecorded(request, response);
  });
  const calls = Array.from({ length: 10 }, (_, at) => ({ startMs: at * 100, path: `/reviews/${at}` }));
  const { summary, kept } = await replayed(
    await tapeOf(calls),
    replayOptions(target, { order: "serial", pace: { kind: "rate", perSecond: 100 } }),
  );
  assert.deepEqual(
    kept.outcomes.map(({ dueMs }) => Math.round(dueMs)),
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90],
  );
  assert.ok(kept.outcomes.every(({ dueMs, sentMs }) => sentMs >= dueMs));
  assert.ok(kept.outcomes[1]!.sentMs >= 119);
  const [{ fromDue, fromSent }] = summary.lanes as [(typeof summary.lanes)[0]];
  assert.ok(summary.latenessMs.max >= 100);
  assert.ok(fromDue.p50 > fromSent.p50);
});

test("as soon as may be a call is due when it becomes free, and the preflight and progress are told", async (t) => {
  const told: { preflight?: Preflight; progress: Progress[] } = { progress: [] };
  const tape = await tapeOf([
    { startMs: 0, endMs: 100 },
    { startMs: 200, endMs: 250 },
  ]);
  const { kept } = await replayed(tape, replayOptions(await serve(t, asRecorded)), {
    onPreflight: (preflight) => {
      told.preflight = preflight;
    },
    onProgress: (progress) => told.progress.push(progress),
  });
  const { steps, longestChain, estimatedMs } = told.preflight!;
  assert.deepEqual({ steps, longestChain, estimatedMs }, { steps: 2, longestChain: 2, estimatedMs: 150 });
  assert.deepEqual(told.progress.at(-1), { total: 2, sent: 2, divergent: 0, failed: 0 });
  assert.ok(kept.outcomes[1]!.dueMs >= kept.outcomes[0]!.answeredMs);
});

test("a rejected preflight sends nothing", async (t) => {
  let seen = 0;
  const target = await serve(t, (request, response) => {
    seen++;
    asRecorded(request, response);
  });
  const refusal = new OperatorError("too long");
  const onPreflight = () => Promise.reject(refusal);
  await assert.rejects(replayed(await tapeOf([{ startMs: 0 }]), replayOptions(target), { onPreflight }), refusal);
  assert.equal(seen, 0);
});

test("an empty tape and an empty selection are inconclusive, with the reason", async (t) => {
  const target = await serve(t, asRecorded);
  const empty = await replayed(await tapeOf([]), replayOptions(target));
  assert.match(empty.summary.reasons[0]!, /no call on the tape was selected/);
  const none = await replayed(
    await tapeOf([{ startMs: 0 }]),
    replayOptions(target, { selection: { text: "id 99", ids: [99] } }),
  );
  assert.deepEqual([none.summary.verdict, none.summary.settings.selection], ["inconclusive", "id 99"]);
});

test("selections choose calls by id, condition, time, service and number", async (t) => {
  const target = await serve(t, asRecorded);
  const tape = await tapeOf([0, 1, 2, 3].map((at) => ({ startMs: at * 10, path: `/reviews/${at}` })));
  const pathsOf = async (selection: object) => {
    const { kept } = await replayed(tape, replayOptions(target, { selection: { text: "", ...selection } }));
    return kept.steps.map(({ path }) => path.slice("/reviews/".length)).join("");
  };
  const ids: number[] = [];
  for await (const { id } of tape.skim()) ids.push(id);
  assert.equal(await pathsOf({ ids: [ids[1], ids[3]] }), "13");
  assert.equal(
    await pathsOf({ where: (head: { request: { path: string } }) => head.request.path > "/reviews/1" }),
    "23",
  );
  assert.equal(
    await pathsOf({ whereWhole: (exchange: { request: { path: string } }) => exchange.request.path.endsWith("2") }),
    "2",
  );
  assert.equal(await pathsOf({ service: "reviews", limit: 2 }), "01");
  assert.equal(await pathsOf({ service: "ratings" }), "");
  assert.equal(await pathsOf({ entry: true }), "0123");
});
