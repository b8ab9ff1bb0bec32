import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../base/index.js";
import { openStub, type Stub, type StubOptions } from "../../replayer/stub/index.js";
import { type CapturedAnswer, openMemoryTape } from "../../tape/index.js";
import { capturedResponse, testKey, testRecorder } from "../support/captured.js";
import { askGrpc, askHttp1, askHttp2, type Got } from "../support/clients.js";
import { type DownstreamSeen, downstreamTape, recordedRequestId } from "../support/downstream-tape.js";
import { grpcFrame } from "../support/grpc.js";
import { replayTrace } from "../support/hop-tape.js";

const rating = (stars: number) =>
  capturedResponse(`{"stars":${stars}}`, { headers: ["content-type", "application/json"] });

/** Three traces ask for the same path and body, and got 1, 2 and 3 stars; each asked twice: the second time 11, 12, 13. */
const threeTraces: DownstreamSeen[] = [1, 2, 3].flatMap((trace) => [
  { trace, atMs: trace * 100, answer: rating(trace) },
  { trace, atMs: trace * 100 + 5, answer: rating(10 + trace) },
]);

interface Scene {
  stub: Stub;
  idOf: (trace: number) => number;
  /** Of the ratings. */
  port: number;
}

async function stubOf(
  t: TestContext,
  calls: readonly DownstreamSeen[],
  more: Partial<StubOptions> = {},
): Promise<Scene> {
  const { tape, idOf } = await downstreamTape(calls);
  const options = { service: "reviews", host: "127.0.0.1", port: 0, timing: "none", failures: "recorded" } as const;
  const stub = await openStub({ ...options, ...more }, { tape, clock: systemClock() });
  t.after(() => stub.close());
  return { stub, idOf, port: portOf(stub.hosts[0]?.address ?? stub.address) };
}

const portOf = (address: string) => Number(address.split(":").at(-1));
const pairs = (flat: readonly string[]) =>
  flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]!] as const] : []));

/** Of a Step of the run `r`, whose Steps are the calls to reviews in the order of traces 3, 1. */
function begin({ stub, idOf }: Scene): void {
  const steps = [3, 1].map((trace) => ({ step: 0, exchangeId: idOf(trace), startedNs: 0, open: false }));
  stub.begin({ run: "r", lanes: ["baseline", "candidate"], steps });
}

async function stars(port: number, headers: readonly string[], path = "/ratings/1"): Promise<unknown> {
  const { status, body } = await askHttp1(port, { method: "GET", path, headers: pairs(headers) });
  return status === 200 ? (JSON.parse(body.toString()) as { stars: number }).stars : status;
}

for (const carried of ["baggage", "traceparent", "request-id"] as const) {
  test(`a replayed call gets the answer of its own recorded tree, known by ${carried}, in each lane anew`, async (t) => {
    const scene = await stubOf(t, threeTraces);
    begin(scene);
    const { port, stub } = scene;
    for (const lane of ["baseline", "candidate"]) {
      const got: unknown[] = [];
      for (const step of [1, 0, 0, 1]) got.push(await stars(port, replayTrace("r", step, lane, carried)));
      assert.deepEqual(got, [1, 3, 13, 11], lane);
    }
    assert.deepEqual(stub.summary(), { service: "reviews", served: 8, inferred: 0, missed: 0, misses: [] });
  });
}

test("without a run that is known, the n-th equal request gets the n-th recorded answer, and a trace stays in its tree", async (t) => {
  const { port, stub } = await stubOf(t, threeTraces);
  const got: unknown[] = [];
  for (const trace of ["a", "b", "b", "a", "c"]) got.push(await stars(port, ["x-request-id", trace]));
  assert.deepEqual(got, [1, 2, 12, 11, 3]);
  const { served, missed } = stub.summary();
  assert.deepEqual([served, missed], [5, 0]);
});

test("calls without any identity are answered in recorded order; safe ones get the last answer again", async (t) => {
  const { port, stub } = await stubOf(t, threeTraces);
  const got: unknown[] = [];
  for (let call = 0; call < 7; call++) got.push(await stars(port, []));
  assert.deepEqual(got, [1, 11, 2, 12, 3, 13, 13]);
  assert.equal(stub.summary().inferred, 7);
});

test("likeness goes from method, path, query and body down to the route, and never to another resource", async (t) => {
  const scene = await stubOf(t, [
    { trace: 3, atMs: 0, path: "/ratings/1?page=1", answer: rating(1) },
    { trace: 3, atMs: 5, path: "/ratings/1?page=2", answer: rating(2) },
    { trace: 3, atMs: 10, method: "POST", path: "/ratings/1", text: "five", answer: rating(5) },
    { trace: 3, atMs: 15, method: "POST", path: "/ratings/1", text: "four", answer: rating(4) },
    { trace: 3, atMs: 20, method: "DELETE", path: "/audit/17", answer: rating(17) },
    { trace: 1, atMs: 100, path: "/ratings/8", answer: rating(8) },
  ]);
  begin(scene);
  const headers = pairs(replayTrace("r", 0, "candidate", "baggage"));
  const ask = async (method: string, path: string, body?: string) => {
    const fields = body === undefined ? headers : [...headers, ["content-length", String(body.length)] as const];
    const got = await askHttp1(scene.port, {
      method,
      path,
      headers: fields,
      ...(body === undefined ? {} : { body: [body] }),
    });
    return got.status === 200 ? (JSON.parse(got.body.toString()) as { stars: number }).stars : got.status;
  };
  assert.equal(await ask("GET", "/ratings/1?page=2"), 2);
  assert.equal(await ask("POST", "/ratings/1", "four"), 4);
  assert.equal(scene.stub.summary().inferred, 0);
  assert.equal(await ask("GET", "/ratings/1?page=1&trace=x"), 1, "another query");
  assert.equal(await ask("POST", "/ratings/1", "FIVE"), 5, "another body");
  assert.equal(await ask("DELETE", "/audit/4711"), 17, "an id that was made on the way");
  assert.equal(await ask("GET", "/ratings/8"), 8, "of another tree");
  assert.equal(scene.stub.summary().inferred, 4);
  assert.equal(await ask("GET", "/ratings/7"), 502);
  assert.equal(await ask("POST", "/ratings/1", "five"), 502, "a write is not answered twice");
});

test("a miss is an error of the stub's own, marked, counted by route and never passed on", async (t) => {
  const { port, stub } = await stubOf(t, [
    { trace: 1, atMs: 0, answer: rating(1) },
    { trace: 1, atMs: 5, path: "/mirrored/1", answer: { kind: "unknown" } },
  ]);
  const asked = async (path: string): Promise<Got> => askHttp1(port, { method: "GET", path });
  const missed = await asked("/ratings/2");
  assert.deepEqual([missed.status, missed.headers["x-tapeloop-stub"]], [502, "missed"]);
  assert.equal(missed.body.toString(), "tapeloop stub: GET /ratings/2 to ratings: not on the tape\n");
  await asked("/ratings/3");
  await asked("/mirrored/1");
  assert.deepEqual(stub.summary().misses, [
    { callee: "ratings", route: "GET /ratings/{id}", why: "not on the tape", count: 2, example: "GET /ratings/2" },
    {
      callee: "ratings",
      route: "GET /mirrored/{id}",
      why: "the tape has no answer to it",
      count: 1,
      example: "GET /mirrored/1",
    },
  ]);
});

test("one port takes every host: by Host, as a proxy, and over HTTP/2; a tunnel is refused", async (t) => {
  const { stub } = await stubOf(t, [
    { trace: 1, atMs: 0, path: "/one", answer: rating(1) },
    { trace: 1, atMs: 5, path: "/one", callee: "details", answer: rating(2) },
  ]);
  assert.deepEqual(
    stub.hosts.map(({ authority, callee }) => [authority, callee]),
    [
      ["details:9080", "details"],
      ["ratings:9080", "ratings"],
    ],
  );
  const port = portOf(stub.address);
  assert.equal(await stars(port, ["host", "details:9080"], "/one"), 2);
  assert.equal(await stars(port, ["host", `127.0.0.1:${port}`], "http://ratings:9080/one"), 1);
  const over2 = await askHttp2(port, { method: "GET", path: "/one", headers: [[":authority", "details:9080"]] });
  assert.deepEqual([over2.status, over2.body.toString()], [200, '{"stars":2}']);
  assert.equal(await stars(port, ["host", "payments:9080"], "/one"), 502);
  const request = http.request({ host: "127.0.0.1", port, method: "CONNECT", path: "payments:443" }).end();
  const status = await new Promise((resolve, reject) => {
    request.on("error", reject).on("connect", ({ statusCode }, socket) => {
      socket.destroy();
      resolve(statusCode);
    });
  });
  assert.equal(status, 502);
});

test("fields, repeats, bytes and trailers come as they were recorded, over both protocols", async (t) => {
  const headers = ["Content-Type", "text/x", "x-dup", "one", "x-dup", "two", "content-length", "3"];
  const { port } = await stubOf(t, [
    { trace: 1, atMs: 0, path: "/plain", answer: capturedResponse("abc", { status: 203, headers }) },
    { trace: 1, atMs: 3, path: "/trailed", answer: capturedResponse("abc", { headers, trailers: ["x-sum", "9"] }) },
    { trace: 1, atMs: 5, method: "HEAD", path: "/plain", answer: capturedResponse("", { headers }) },
  ]);
  for (const ask of [askHttp1, askHttp2]) {
    const plain = await ask(port, { method: "GET", path: "/plain" });
    assert.deepEqual([plain.status, plain.body.toString(), plain.headers["x-dup"]], [203, "abc", "one, two"]);
    assert.deepEqual([plain.headers["content-length"], plain.headers.date], ["3", undefined]);
    const trailed = await ask(port, { method: "GET", path: "/trailed" });
    assert.deepEqual([trailed.body.toString(), trailed.trailers["x-sum"]], ["abc", "9"]);
    const head = await ask(port, { method: "HEAD", path: "/plain" });
    assert.deepEqual([head.headers["content-length"], head.body.length], ["3", 0]);
  }
});

test("gRPC is answered with its trailers, and with trailers alone; a miss is UNAVAILABLE", async (t) => {
  const message = grpcFrame(Buffer.from("five"));
  const body = { pieces: [message], fullBytes: message.length };
  const grpc = (more: Partial<Extract<CapturedAnswer, { kind: "response" }>>): CapturedAnswer => ({
    ...capturedResponse("", { headers: ["content-type", "application/grpc"] }),
    ...more,
  });
  const call = { trace: 1, method: "POST", protocol: "h2", text: grpcFrame(Buffer.from("?")).toString() } as const;
  const { port } = await stubOf(t, [
    { ...call, atMs: 0, path: "/shop.Ratings/Get", answer: grpc({ body, trailers: ["grpc-status", "0"] }) },
    {
      ...call,
      atMs: 5,
      path: "/shop.Ratings/No",
      answer: grpc({ headers: ["content-type", "application/grpc", "grpc-status", "5"] }),
    },
  ]);
  assert.deepEqual(await askGrpc(port, "/shop.Ratings/Get", "?"), { status: 0, message: "five" });
  assert.deepEqual(await askGrpc(port, "/shop.Ratings/No", "?"), { status: 5 });
  assert.deepEqual(await askGrpc(port, "/shop.Ratings/Lost", "?"), { status: 14 });
});

test("a recorded failure breaks off, and with failures missed it is a miss", async (t) => {
  const failing: DownstreamSeen = { trace: 1, atMs: 0, answer: { kind: "failure", reason: "reset", endedMs: 4 } };
  const { port } = await stubOf(t, [failing]);
  await assert.rejects(askHttp1(port, { method: "GET", path: "/ratings/1" }), { code: "ECONNRESET" });
  const { port: other, stub } = await stubOf(t, [failing], { failures: "missed" });
  assert.equal(await stars(other, []), 502);
  assert.equal(stub.summary().misses[0]?.why, "recorded as reset");
});

test("a body that broke off breaks off after as much", async (t) => {
  const answer = capturedResponse("abc", { headers: ["content-length", "9"], end: "reset" });
  const { port } = await stubOf(t, [{ trace: 1, atMs: 0, answer }]);
  const received = await new Promise<string>((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write("GET /ratings/1 HTTP/1.1\r\nhost: x\r\n\r\n"));
    let text = "";
    socket.on("data", (piece) => {
      text += piece.toString();
    });
    socket.on("close", () => resolve(text)).on("error", () => {});
  });
  assert.match(received, /^HTTP\/1\.1 200 .*content-length: 9.*\r\n\r\nabc$/is);
});

test("with recorded timing nothing comes before its recorded time", async (t) => {
  const answer = capturedResponse("data: 1\n\ndata: 2\n\n", {
    headers: ["content-type", "text/event-stream"],
    startedMs: 30,
    endedMs: 120,
  });
  const frames = [
    { direction: "to-client", kind: "event", atMs: 60, offset: 0, length: 9 },
    { direction: "to-client", kind: "event", atMs: 110, offset: 9, length: 9 },
  ] as const;
  const { port } = await stubOf(t, [{ trace: 1, atMs: 0, answer, frames }], { timing: "recorded" });
  const began = performance.now();
  const times = await new Promise<number[]>((resolve, reject) => {
    http
      .get({ host: "127.0.0.1", port, path: "/ratings/1", agent: false }, (response) => {
        const found = [performance.now() - began];
        response.on("data", () => found.push(performance.now() - began));
        response.on("end", () => resolve([...found, performance.now() - began]));
      })
      .on("error", reject);
  });
  assert.equal(times.length, 4);
  for (const [at, least] of [30, 60, 110, 120].entries()) assert.ok(times[at]! >= least - 1, `${times[at]} < ${least}`);
});

test("a service that called nothing has a stub that misses everything", async (t) => {
  const { reader } = openMemoryTape({ recorder: testRecorder(), key: testKey });
  const env = { tape: reader, clock: systemClock() };
  const stub = await openStub(
    { service: "reviews", host: "127.0.0.1", port: 0, timing: "none", failures: "recorded" },
    env,
  );
  t.after(() => stub.close());
  assert.deepEqual(stub.hosts, []);
  assert.equal(await stars(portOf(stub.address), ["x-request-id", recordedRequestId(1)]), 502);
});

test("a port that is taken is said in one line", async (t) => {
  const { stub } = await stubOf(t, threeTraces);
  await assert.rejects(
    stubOf(t, threeTraces, { port: portOf(stub.address) }),
    /cannot listen for the stub at 127\.0\.0\.1:\d+: the port is in use/,
  );
});
