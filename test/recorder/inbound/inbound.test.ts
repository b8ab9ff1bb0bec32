import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { type TestContext, test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { type Ask, askGrpc, askHttp1, askHttp2, type Got, talkWebSocket } from "../../support/clients.js";
import { bodyText, type StoredCall } from "../../support/collecting-writer.js";
import { listenOnLoopback } from "../../support/loopback.js";
import { RawClient } from "../../support/raw-client.js";
import { startTestRecorder } from "../../support/start-recorder.js";
import { until } from "../../support/until.js";
import { startService } from "../../support/upstream.js";

type Response = Extract<StoredCall["answer"], { kind: "response" }>;

function responseOf(call: StoredCall): Response {
  assert.equal(call.answer.kind, "response");
  return call.answer as Response;
}

/** A TCP server whose every connection is answered by hand. */
async function startHandMade(t: TestContext, serve: (socket: net.Socket) => void): Promise<string> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

/** An address where nothing listens. */
async function nowhere(): Promise<string> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

/** What an HTTP/1 message says, the connection's own fields and the date aside. */
function saying({ status, headers, trailers, body, continued }: Got): unknown {
  const { connection, "keep-alive": _keepAlive, "transfer-encoding": _coding, date, ...fields } = headers;
  return { status, fields, trailers, body: body.toString("latin1"), continued };
}

const cases: Record<string, Ask> = {
  "a GET": {
    method: "GET",
    path: "/echo?a=1&b=%20",
    headers: [
      ["cookie", "a=1"],
      ["x-dup", "1"],
      ["x-dup", "2"],
    ],
  },
  "a POST with length": { method: "POST", path: "/echo", headers: [["content-length", "5"]], body: ["hello"] },
  "a POST in chunks": { method: "POST", path: "/echo", body: ["one", "two"] },
  "a DELETE with a body": { method: "DELETE", path: "/echo", headers: [["content-length", "1"]], body: ["x"] },
  "an empty POST": { method: "POST", path: "/echo", headers: [["content-length", "0"]] },
  "a HEAD": { method: "HEAD", path: "/echo" },
  "an answer in chunks with a trailer": { method: "GET", path: "/chunks" },
  "a 204": { method: "GET", path: "/status/204" },
  "a 304": { method: "GET", path: "/status/304" },
  "a gzipped answer": { method: "GET", path: "/gzip" },
  "10 MB of answer": { method: "GET", path: "/big" },
  "10 MB of request": { method: "POST", path: "/echo", body: [Buffer.alloc(10_000_000, "0123456789")] },
};

for (const [what, ask] of Object.entries(cases)) {
  test(`${what} over HTTP/1.1 is answered through the recorder as without it, and both halves are recorded`, async (t) => {
    const service = await startService(t);
    const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream: service.url });
    const host = ["host", `127.0.0.1:${service.port}`] as const;
    const direct = await askHttp1(service.port, { ...ask, headers: [host, ...(ask.headers ?? [])] });
    const through = await askHttp1(port, { ...ask, headers: [host, ...(ask.headers ?? [])] });
    assert.deepEqual(saying(through), saying(direct));
    await recordsAs(await writer.onlyCall(), ask, direct);
  });

  if (ask.method === "DELETE") continue; // Node's HTTP/2 client sends none with a body
  test(`${what} over HTTP/2 is answered through the recorder as without it, and both halves are recorded`, async (t) => {
    const service = await startService(t);
    const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream: service.url });
    const direct = await askHttp2(service.port, ask);
    const through = await askHttp2(port, ask);
    assert.deepEqual(saying(through), saying(direct));
    await recordsAs(await writer.onlyCall(), ask, direct);
  });
}

async function recordsAs(call: StoredCall, ask: Ask, got: Got): Promise<void> {
  const response = responseOf(call);
  const sent = Buffer.concat((ask.body ?? []).map((piece) => Buffer.from(piece)));
  assert.deepEqual([call.vantage, call.request.end, response.end], ["inbound", "complete", "complete"]);
  assert.deepEqual([call.request.method, call.request.path], [ask.method, ask.path]);
  assert.equal(call.request.body.fullBytes, sent.length);
  assert.equal(response.status, got.status);
  assert.equal(response.body.fullBytes, got.body.length);
  assert.equal(bodyText(response.body), got.body.toString("latin1", 0, 2 ** 20));
  assert.deepEqual(response.trailers ?? [], Object.entries(got.trailers).flat());
}

test("the client's authority and the fields' case, order and repeats reach the service", async (t) => {
  let came: readonly string[] = [];
  const service = http.createServer((request, response) => {
    came = request.rawHeaders;
    response.writeHead(200, ["X-Answer", "1", "x-answer", "2", "Content-Length", "2"]).end("ok");
  });
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  t.after(() => void service.close().closeAllConnections());
  const upstream = `http://127.0.0.1:${(service.address() as net.AddressInfo).port}`;
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream });
  const client = new RawClient(t, port);
  client.send(
    "GET / HTTP/1.1\r\nHost: shop.example\r\nX-B: 1\r\nX-A: 1\r\nx-b: 2\r\nConnection: X-Private\r\nX-Private: 1\r\n\r\n",
  );
  const answer = await client.until("ok");
  assert.deepEqual(
    came.filter((_, at) => !["connection", "keep-alive"].includes(came[at & ~1]!.toLowerCase())),
    ["host", "shop.example", "X-B", "1", "X-A", "1", "x-b", "2"],
  );
  assert.match(answer, /X-Answer: 1\r\nx-answer: 2\r\nContent-Length: 2\r\n/);
  const call = await writer.onlyCall();
  assert.deepEqual(call.request.headers.slice(0, 2), ["Host", "shop.example"]);
  assert.deepEqual(responseOf(call).headers.slice(0, 4), ["X-Answer", "1", "x-answer", "2"]);
});

test("expect: 100-continue is asked of the service, and its continue passed on", async (t) => {
  const service = await startService(t);
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream: service.url });
  const headers = [
    ["expect", "100-continue"],
    ["content-length", "5"],
  ] as const;
  const got = await askHttp1(port, { method: "POST", path: "/echo", headers, body: ["hello"] });
  assert.deepEqual([got.status, got.continued], [200, true]);
  assert.equal(bodyText((await writer.onlyCall()).request.body), "hello");
});

test("request trailers reach the service", async (t) => {
  const service = await startService(t);
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream: service.url });
  const ask = {
    method: "POST",
    path: "/echo",
    headers: [["trailer", "x-t"]] as const,
    body: ["a"],
    trailers: { "x-t": "tv" },
  };
  const got = await askHttp1(port, ask);
  assert.deepEqual(JSON.parse(got.body.toString()).trailers, { "x-t": "tv" });
  assert.deepEqual((await writer.onlyCall()).request.trailers, ["x-t", "tv"]);
});

test("gRPC passes with its trailers, a trailers-only answer too", async (t) => {
  const service = await startService(t);
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream: service.url });
  assert.deepEqual(await askGrpc(port, "/test.Echo/Unary", "hi"), { status: 0, message: "echo:hi" });
  assert.deepEqual(await askGrpc(port, "/test.Echo/Missing", "hi"), { status: 5 });
  const [unary, missing] = await writer.untilCalls(2);
  assert.deepEqual(responseOf(unary!).trailers, ["grpc-status", "0", "grpc-message", ""]);
  assert.ok(responseOf(missing!).headers.join(" ").includes("grpc-status 5"));
});

test("WebSocket messages pass both ways and are recorded with their places", async (t) => {
  const service = await startService(t);
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream: service.url });
  assert.deepEqual(await talkWebSocket(port, "/ws", ["one", Buffer.from("two!")]), ["echo:one", "echo:two!"]);
  const call = await writer.onlyCall();
  assert.deepEqual([call.request.end, responseOf(call).status, responseOf(call).end], ["complete", 101, "complete"]);
  assert.equal(bodyText(call.request.body), "onetwo!\x03\xe8");
  assert.equal(bodyText(responseOf(call).body), "echo:oneecho:two!\x03\xe8");
  assert.deepEqual(
    call.frames?.map(({ direction, kind, offset, length }) => `${direction} ${kind} ${offset} ${length}`),
    [
      "to-server text 0 3",
      "to-client text 0 8",
      "to-server binary 3 4",
      "to-client binary 8 9",
      "to-server close 7 2",
      "to-client close 17 2",
    ],
  );
});

test("a stop leaves no connection to a service that keeps its side of a WebSocket open", async (t) => {
  const kept: net.Socket[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    kept.push(socket.on("error", () => {}));
    const answer = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n";
    socket.once("data", () => socket.write(answer)).resume();
  });
  const upstream = `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
  const recorder = await startTestRecorder(t, { mode: "inbound", upstream, drainMs: 50 });
  const handshake =
    "GET /ws HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: abc\r\n\r\n";
  const client = new RawClient(t, recorder.port).send(handshake);
  await client.until("101");
  client.abort();
  await until("the service to hear of it", () => kept[0]!.readableEnded);
  await recorder.stop();
  await until("the recorder to leave", async () => {
    kept[0]!.write("anybody?"); // answered with a reset once nobody is there
    return kept[0]!.destroyed;
  });
});

test("a WebSocket that the service refuses is refused, and its answer recorded", async (t) => {
  const service = await startHandMade(t, (socket) => {
    socket.once("data", () => socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno"));
  });
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream: service });
  const handshake =
    "GET /ws HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: abc\r\n\r\n";
  assert.match(await new RawClient(t, port).send(handshake).untilClosed(), /^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*no$/);
  const response = responseOf(await writer.onlyCall());
  assert.deepEqual([response.status, bodyText(response.body)], [403, "no"]);
});

for (const [protocol, ask] of [
  ["HTTP/1.1", askHttp1],
  ["HTTP/2", askHttp2],
] as const) {
  test(`a service that is not there is a 502 over ${protocol}, recorded as refused`, async (t) => {
    const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream: await nowhere() });
    const got = await ask(port, { method: "GET", path: "/" });
    assert.equal(got.status, 502);
    assert.equal(failureOf(await writer.onlyCall()), "refused");
  });

  test(`a service that hangs up without an answer is a failure over ${protocol}, recorded as reset`, async (t) => {
    const upstream = await startHandMade(t, (socket) => socket.once("data", () => socket.destroy()));
    const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream });
    const said = await ask(port, { method: "GET", path: "/" }).then(
      (got) => got.status,
      () => "reset",
    );
    assert.equal(said, "reset");
    assert.equal(failureOf(await writer.onlyCall()), "reset");
  });
}

test("a WebSocket to a service that is not there is a 502, recorded as refused", async (t) => {
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream: await nowhere() });
  const handshake =
    "GET /ws HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: abc\r\n\r\n";
  assert.match(await new RawClient(t, port).send(handshake).untilClosed(), /^HTTP\/1\.1 502 /);
  assert.equal(failureOf(await writer.onlyCall()), "refused");
});

test("a service that hangs up in the middle of a chunked upload is a connection that is hung up", async (t) => {
  const upstream = await startHandMade(t, (socket) => socket.once("data", () => socket.destroy()));
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream });
  const client = new RawClient(t, port).send(
    "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n",
  );
  assert.equal(await client.untilClosed(), "");
  assert.equal(failureOf(await writer.onlyCall()), "reset");
});

test("half an answer breaks off at the client, too, and what came is recorded", async (t) => {
  const upstream = await startHandMade(t, (socket) => {
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"));
  });
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream });
  const answer = await new RawClient(t, port).send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").untilClosed();
  assert.match(answer, /content-length: 100\r\n[\s\S]*half$/);
  const response = responseOf(await writer.onlyCall());
  assert.deepEqual([response.end, bodyText(response.body)], ["reset", "half"]);
});

test("an answer that comes before the upload has ended reaches the client", async (t) => {
  const upstream = await startHandMade(t, (socket) => {
    socket.once("data", () => socket.write("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig"));
  });
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream });
  const client = new RawClient(t, port).send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\nstart");
  assert.match(await client.until("big"), /^HTTP\/1\.1 413 /);
  assert.equal(responseOf(await writer.onlyCall()).status, 413);
});

test("a slow answer's first bytes are not held back", async (t) => {
  const sockets: net.Socket[] = [];
  const upstream = await startHandMade(t, (socket) => {
    sockets.push(socket);
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"));
  });
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream });
  const client = new RawClient(t, port).send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await client.until("\r\n\r\n");
  sockets[0]!.write("5\r\nfirst\r\n");
  await client.until("first");
  sockets[0]!.write("0\r\n\r\n");
  await client.until("0\r\n\r\n");
});

test("early hints are passed on", async (t) => {
  const upstream = await startHandMade(t, (socket) => {
    const hints = "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n";
    socket.once("data", () => socket.write(`${hints}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`));
  });
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream });
  const answer = await new RawClient(t, port).send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").until("200 OK");
  assert.match(answer, /^HTTP\/1\.1 103 Early Hints\r\nlink: <\/a\.css>; rel=preload\r\n/);
});

test("a client that goes away cancels the call at the service, and is recorded", async (t) => {
  let isGone = false;
  const upstream = await startHandMade(t, (socket) => {
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"));
    socket.on("close", () => {
      isGone = true;
    });
  });
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream });
  const client = new RawClient(t, port).send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await client.until("half");
  client.abort();
  const call = await writer.onlyCall();
  assert.deepEqual(
    [call.request.end, responseOf(call).end, bodyText(responseOf(call).body)],
    ["complete", "client-aborted", "half"],
  );
  await until("the service to be left", () => isGone);
});

test("a client that goes away before an answer is recorded as an aborted failure", async (t) => {
  const came: string[] = [];
  const upstream = await startHandMade(t, (socket) => socket.on("data", (bytes) => came.push(bytes.toString())));
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream });
  const client = new RawClient(t, port).send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf");
  await until("the body to reach the service", () => came.join("").endsWith("half"));
  client.abort();
  const call = await writer.onlyCall();
  assert.deepEqual([call.request.end, bodyText(call.request.body), failureOf(call)], ["aborted", "half", "aborted"]);
});

test("OPTIONS * and a request with two Hosts pass as they are", async (t) => {
  const came: string[] = [];
  const upstream = await startHandMade(t, (socket) => {
    socket.on("data", (bytes) => {
      came.push(bytes.toString());
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
  });
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream });
  await new RawClient(t, port).send("OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n").until("200 OK");
  await new RawClient(t, port).send("GET /x HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n").until("200 OK");
  assert.match(came[0]!, /^OPTIONS \* HTTP\/1\.1\r\nhost: a\r\n/);
  assert.match(came[1]!, /^GET \/x HTTP\/1\.1\r\nhost: a\r\nhost: b\r\n/);
});

test("an upload that the service does not read is held back at the client, not in memory", async (t) => {
  const upstream = await startHandMade(t, (socket) => socket.pause());
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream, queueBytes: 2 ** 20 });
  const client = net.connect(port, "127.0.0.1");
  t.after(() => client.destroy());
  client.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 500000000\r\n\r\n");
  assert.ok((await bytesTakenUntilHeldBack(client)) < 40_000_000);
});

test("an answer that the client does not read is held back at the service, not in memory", async (t) => {
  const servers: net.Socket[] = [];
  const upstream = await startHandMade(t, (socket) => {
    socket.once("data", () => {
      servers.push(socket);
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 500000000\r\n\r\n");
    });
  });
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream, queueBytes: 2 ** 20 });
  const client = net.connect(port, "127.0.0.1").pause();
  t.after(() => client.destroy());
  client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  await until("the request at the service", () => servers.length === 1);
  assert.ok((await bytesTakenUntilHeldBack(servers[0]!)) < 40_000_000);
});

/** Writes until nothing has been taken for a while that is long beside a write. */
async function bytesTakenUntilHeldBack(socket: net.Socket): Promise<number> {
  const block = Buffer.alloc(2 ** 20);
  let written = 0;
  for (;;) {
    written += block.length;
    if (written > 100_000_000) return written;
    const flushed = new Promise((resolve) => socket.write(block, () => resolve("taken")));
    const held = new Promise((resolve) => setTimeout(resolve, 500, "held back").unref());
    if ((await Promise.race([flushed, held])) === "held back") return written;
  }
}

test("a wrong upstream is refused at the start", async (t) => {
  for (const upstream of ["nonsense", "ftp://a:1", "http://a:1/base", undefined]) {
    const options = upstream === undefined ? {} : { upstream };
    await assert.rejects(startTestRecorder(t, { mode: "inbound", ...options }), OperatorError);
  }
});

function failureOf(call: StoredCall): string {
  assert.equal(call.answer.kind, "failure");
  return (call.answer as Extract<StoredCall["answer"], { kind: "failure" }>).reason;
}
