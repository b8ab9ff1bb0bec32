import assert from "node:assert/strict";
import http2 from "node:http2";
import net from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { openMemoryTape } from "../../tape/index.js";
import { askHttp1, askHttp2, load, talkWebSocket } from "../support/clients.js";
import { RawClient } from "../support/raw-client.js";
import { startTestRecorder, startTestRecorderOn, testKey } from "../support/start-recorder.js";
import { until } from "../support/until.js";
import { startService } from "../support/upstream.js";

test("a stop in the middle of a load loses nothing that was answered", async (t) => {
  const recorder = await startTestRecorder(t, { flushMs: 10_000 });
  let sent = 0;
  let isStopping = false;
  const path = () => `/${++sent}`;
  const loading = load(recorder.port, { count: 1_000_000, connections: 8, path, stop: () => isStopping });
  await until("a good number of calls", () => sent > 500);
  isStopping = true;
  await recorder.stop();
  const { answered } = await loading;
  assert.ok(answered > 400);
  const { counted, calls } = recorder.writer;
  assert.ok(calls.length >= answered);
  assert.deepEqual([counted.seen, counted.dropped], [counted.kept, 0]);
  assert.equal(recorder.writer.closes, 1);
});

test("what is queued is stored, and told, though nothing in flight is waited for", async (t) => {
  const recorder = await startTestRecorder(t, { drainMs: 0, flushMs: 10_000 });
  const { append } = recorder.writer;
  recorder.writer.append = async (batch) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return append.call(recorder.writer, batch);
  };
  await askHttp1(recorder.port, { method: "GET", path: "/" });
  await recorder.stop();
  const { seen, kept } = recorder.writer.counted;
  assert.deepEqual([seen, kept, recorder.writer.calls.length], [1, 1, 1]);
});

test("calls in flight are finished when it stops, and no new ones are taken", async (t) => {
  const recorder = await startTestRecorder(t);
  const client = new RawClient(t, recorder.port).send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nha");
  const idle = new RawClient(t, recorder.port);
  await idle.send("GET /idle HTTP/1.1\r\nhost: a\r\n\r\n").until("200 OK");
  const stopping = recorder.stop();
  await idle.untilClosed();
  await assert.rejects(askHttp1(recorder.port, { method: "GET", path: "/late" }), { code: "ECONNREFUSED" });
  client.send("lf");
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 200 OK\r\n[\s\S]*connection: close\r\n/i);
  await stopping;
  assert.deepEqual(recorder.writer.calls.map(({ request }) => request.path).sort(), ["/", "/idle"]);
});

test("HTTP/2 clients are told to go, their streams finished", async (t) => {
  const recorder = await startTestRecorder(t);
  const session = http2.connect(`http://127.0.0.1:${recorder.port}`);
  const stream = session.request({ ":method": "POST", ":path": "/" });
  await new Promise((written) => stream.write("ha", written));
  await new Promise<void>((ponged) => session.ping(() => ponged()));
  const goaway = new Promise((resolve) => session.on("goaway", resolve));
  const stopping = recorder.stop();
  await goaway;
  const answered = new Promise((resolve) => stream.on("response", (fields) => resolve(fields[":status"])));
  stream.end("lf");
  assert.equal(await answered, 200);
  stream.resume();
  await stopping;
  assert.equal(recorder.writer.calls[0]!.request.body.fullBytes, 4);
});

test("what does not end in time is cut off, and kept as far as it came", async (t) => {
  const recorder = await startTestRecorder(t, { drainMs: 50 });
  const client = new RawClient(t, recorder.port).send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nha");
  const other = new RawClient(t, recorder.port);
  await other.send("GET /after HTTP/1.1\r\nhost: a\r\n\r\n").until("200 OK");
  await recorder.stop();
  await client.untilClosed();
  const cut = recorder.writer.calls.find(({ request }) => request.method === "POST");
  assert.deepEqual([cut?.request.end, cut?.request.body.fullBytes], ["open", 2]);
  assert.deepEqual([recorder.writer.counted.seen, recorder.writer.counted.kept], [2, 2]);
});

test("connections that said nothing, or are idle, do not hold up the stop", async (t) => {
  const recorder = await startTestRecorder(t, { drainMs: 600_000, sniffMs: 600_000 });
  const silent = new RawClient(t, recorder.port);
  const idle = new RawClient(t, recorder.port);
  await idle.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").until("200 OK");
  await recorder.stop();
  await silent.untilClosed();
});

test("until the drain delay is over calls are taken, and HTTP/1.1 is told to use another connection", async (t) => {
  const service = await startService(t);
  const options = { mode: "inbound", upstream: service.url, admin: "127.0.0.1:0", drainDelayMs: 600 } as const;
  const recorder = await startTestRecorder(t, options);
  const idle = new RawClient(t, recorder.port);
  await idle.send("GET /echo/1 HTTP/1.1\r\nhost: a\r\n\r\n").until("200 OK");
  assert.doesNotMatch(idle.received, /connection: close/i);
  const waiting = new RawClient(t, recorder.port);
  waiting.send("GET /slow?ms=200 HTTP/1.1\r\nhost: a\r\n\r\n");
  await until("the slow call", () => service.seen.has("/slow"));

  const stopping = recorder.stop();
  const readiness = await fetch(`http://${recorder.admin}/readyz`);
  assert.deepEqual([readiness.status, await readiness.text()], [503, "draining\n"]);
  idle.send("GET /echo/2 HTTP/1.1\r\nhost: a\r\n\r\n");
  const late = new RawClient(t, recorder.port).send("GET /echo/3 HTTP/1.1\r\nhost: a\r\n\r\n");
  for (const client of [idle, waiting, late]) {
    const last = (await client.untilClosed()).split("HTTP/1.1 ").at(-1)!;
    assert.match(last, /^200 OK\r\n/);
    assert.match(last, /\r\nconnection: close\r\n/i);
  }
  assert.equal((await askHttp2(recorder.port, { method: "GET", path: "/echo/4" })).status, 200);
  await stopping;
  assert.equal(recorder.writer.calls.length, 5);
});

test("stopping twice is stopping once", async (t) => {
  const recorder = await startTestRecorder(t);
  await Promise.all([recorder.stop(), recorder.stop()]);
  assert.equal(recorder.writer.closes, 1);
});

test("a port in use leaves the writer to its owner, and frees the admin port", async (t) => {
  const first = await startTestRecorder(t);
  const { writer } = await startTestRecorder(t);
  await assert.rejects(startTestRecorderOn(t, writer, { listen: first.listen, admin: "127.0.0.1:0" }));
  assert.equal(writer.closes, 0);
});

test("all kinds of calls end up on a tape, and the tape's ledger agrees", async (t) => {
  const service = await startService(t);
  const recorder = { id: { name: "r", incarnation: "00000000000000aa" }, origin: {}, epochNsAtZero: 0n };
  const { writer, reader } = openMemoryTape({ recorder, key: testKey });
  const running = await startTestRecorderOn(t, writer, { mode: "inbound", upstream: service.url, maxBodyBytes: 1000 });
  await askHttp1(running.port, { method: "POST", path: "/echo", body: ["hello"] });
  await askHttp2(running.port, { method: "GET", path: "/big" });
  await talkWebSocket(running.port, "/ws", ["a"]);
  await running.stop();
  const { exchanges, truncated, answers } = await reader.stats();
  assert.deepEqual({ exchanges, truncated, responses: answers.response }, { exchanges: 3, truncated: 1, responses: 3 });
  const { entries } = await reader.ledger();
  const kept = entries.reduce((sum, { counts }) => sum + counts.kept, 0);
  assert.equal(kept, 3);
});

/** Bytes that are nearly HTTP: a good request with a piece cut out, doubled or replaced by noise. */
const nearlyHttp = fc
  .tuple(
    fc.constantFrom(
      "GET /a?b HTTP/1.1\r\nhost: a\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntrailer: x\r\n\r\n3\r\nabc\r\n0\r\nx: y\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\nabc",
      "GET /ws HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: a\r\n\r\n\x81\x83abcdefg",
      "POST /u HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: h2c\r\ncontent-length: 3\r\n\r\nabc",
      "CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nhost: a\r\nx-envoy-internal: true\r\nx-forwarded-for: ,\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x06\x01\x05\0\0\0\x01\x83\x86\x84\x01\x01a\0\0\x03\0\x01\0\0\0\x01abc",
    ),
    fc.nat(),
    fc.nat({ max: 20 }),
    fc.oneof(
      fc.constant(""),
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.constantFrom("\r\n", "\0", ":", "\r\n\r\n", "0"),
    ),
  )
  .map(([good, at, length, instead]) => {
    const from = at % good.length;
    return Buffer.from(good.slice(0, from) + instead + good.slice(from + length), "latin1");
  });

for (const mode of ["mirror", "inbound"] as const) {
  test(`whatever bytes come, a ${mode} recorder lives, and every call it saw is accounted for`, async (t) => {
    const service = await startService(t);
    const options = mode === "inbound" ? { mode, upstream: service.url } : { mode };
    const recorder = await startTestRecorder(t, { ...options, drainMs: 500 });
    const bytes = fc.oneof({ weight: 4, arbitrary: nearlyHttp }, fc.uint8Array({ maxLength: 100 }));
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { minLength: 20, maxLength: 20 }), async (several) => {
        await Promise.all(several.map((one) => throwAt(recorder.port, one)));
      }),
      { numRuns: 75 },
    );
    assert.equal((await askHttp1(recorder.port, { method: "GET", path: "/echo" })).status, 200);
    assert.equal((await askHttp2(recorder.port, { method: "GET", path: "/echo" })).status, 200);
    await recorder.stop();
    const { seen, kept, dropped, sampledOut } = recorder.writer.counted;
    assert.equal(seen, kept + dropped + sampledOut);
    assert.equal(recorder.writer.calls.length, kept);
  });
}

/** Answers that are nearly HTTP. */
const nearlyAnswers = fc
  .tuple(
    fc.constantFrom(
      "HTTP/1.1 200 OK\r\ncontent-length: 3\r\nx: y\r\n\r\nabc",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x\r\n\r\n3\r\nabc\r\n0\r\nx: y\r\n\r\n",
      "HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload; as=style\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc",
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n\x81\x03abc",
      "\0\0\0\x04\0\0\0\0\0\0\0\x01\x01\x05\0\0\0\x01\x88",
    ),
    fc.nat(),
    fc.nat({ max: 20 }),
    fc.oneof(fc.constant(""), fc.string({ unit: "binary", maxLength: 20 }), fc.constantFrom("\r\n", "\0", ":", "0")),
  )
  .map(([good, at, length, instead]) => {
    const from = at % good.length;
    return Buffer.from(good.slice(0, from) + instead + good.slice(from + length), "latin1");
  });

test("whatever a service answers, an inbound recorder lives, and every call it saw is accounted for", async (t) => {
  let answer = Buffer.alloc(0);
  const service = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => socket.end(answer));
  });
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  t.after(() => service.close());
  const upstream = `http://127.0.0.1:${(service.address() as net.AddressInfo).port}`;
  const recorder = await startTestRecorder(t, { mode: "inbound", upstream, drainMs: 500 });
  const ways = [
    "GET / HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "HEAD / HTTP/1.1\r\nhost: a\r\n\r\n",
    "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n",
    "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: a\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x06\x01\x05\0\0\0\x01\x83\x86\x84\x01\x01a",
  ].map((text) => Buffer.from(text, "latin1"));
  await fc.assert(
    fc.asyncProperty(nearlyAnswers, async (bytes) => {
      answer = bytes;
      await Promise.all(ways.map((way) => throwAt(recorder.port, way)));
    }),
    { numRuns: 200 },
  );
  await recorder.stop();
  const { seen, kept, dropped } = recorder.writer.counted;
  assert.equal(seen, kept + dropped);
  assert.ok(seen > 200, `${seen}: on a slow machine most give up before they are read`);
});

/** Sends the bytes and says goodbye; resolves when the connection is over, or was answered and hangs. */
function throwAt(port: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.end(bytes));
    socket.on("data", () => socket.destroy());
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    socket.setTimeout(100, () => socket.destroy());
  });
}
