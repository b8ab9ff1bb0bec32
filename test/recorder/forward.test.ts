import assert from "node:assert/strict";
import http2 from "node:http2";
import type net from "node:net";
import { type TestContext, test } from "node:test";
import { askHttp1, askHttp2 } from "../support/clients.js";
import { eachRequest, startHandMade } from "../support/hand-made.js";
import { endHeaders, endStream, fields, frame, headersFrame, preface } from "../support/http2-frames.js";
import { listenOnLoopback } from "../support/loopback.js";
import { RawClient } from "../support/raw-client.js";
import { startTestRecorder } from "../support/start-recorder.js";
import { until } from "../support/until.js";
import { type WireMessage, wireMessages } from "../support/wire-message.js";

/** A request, what a service answers to it, and whether the client says that it ends the connection. */
interface Exchanged {
  request: string;
  answer: string;
}

const hello = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
const get = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
const post = "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc";

/** Forms of messages that a careless intermediary changes. Each call is the only one on its connection. */
const exchanged: Record<string, Exchanged> = {
  "a continue that nobody asked for": { request: post, answer: `HTTP/1.1 100 Continue\r\n\r\n${hello}` },
  "a continue with fields": { request: post, answer: `HTTP/1.1 100 Go On\r\nx-a: 1\r\n\r\n${hello}` },
  "several informational answers": {
    request: get,
    answer: `HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\nx-hint: 1\r\nx-hint: 2\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 199 Whatever\r\nx: y\r\n\r\n${hello}`,
  },
  "a continue to an upload in chunks": {
    request:
      "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    answer: `HTTP/1.1 100 Continue\r\n\r\n${hello}`,
  },
  "values that are empty, repeated, long and beyond ASCII": {
    request: `GET /caf%E9?q="<>^{|} HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-empty:\r\nx-dup: 1\r\nX-Dup: 2\r\nx-other: \xe9\xff\r\nx-dup: 1\r\n${"x".repeat(300)}: ${"v".repeat(20_000)}\r\n\r\n`,
    answer: `HTTP/1.1 200 Tr\xc3\xa8s Bien\r\nx-empty:\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nx-other: \xe9\xff\r\nset-cookie: c=3\r\n${"y".repeat(300)}: ${"v".repeat(20_000)}\r\ncontent-length: 3\r\n\r\n\x00\xff\n`,
  },
  "a status without a reason": { request: get, answer: "HTTP/1.1 299 \r\ncontent-length: 0\r\n\r\n" },
  "a DELETE that says it is empty": {
    request: "DELETE /a HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    answer: "HTTP/1.1 204 No Content\r\n\r\n",
  },
  "a method that nobody knows": {
    request: "PURGE /a HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    answer: hello,
  },
  "OPTIONS for the whole server": {
    request: "OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    answer: hello,
  },
  "a GET with a body": {
    request: "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc",
    answer: hello,
  },
  "trailers both ways": {
    request:
      "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntrailer: x-t\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-t: 1\r\nx-t: 2\r\n\r\n",
    answer:
      "HTTP/1.1 200 OK\r\ntrailer: x-u\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-u: 1\r\nx-u: 2\r\n\r\n",
  },
  "a transfer coding of another kind": {
    request:
      "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    answer: hello,
  },
  "an answer that ends with its connection": { request: get, answer: "HTTP/1.1 200 OK\r\nx: y\r\n\r\nall there is" },
  "an answer of HTTP/1.0": { request: get, answer: "HTTP/1.0 200 OK\r\nx: y\r\n\r\nall there is" },
  "HEAD with a length": {
    request: "HEAD / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    answer: 'HTTP/1.1 200 OK\r\ncontent-length: 500\r\netag: "1"\r\n\r\n',
  },
  "304 with a length": {
    request: get,
    answer: 'HTTP/1.1 304 Not Modified\r\ncontent-length: 500\r\netag: "1"\r\n\r\n',
  },
};

for (const [what, { request, answer }] of Object.entries(exchanged)) {
  test(`${what} passes as without us`, async (t) => {
    const seen: string[] = [];
    const service = await startHandMade(t, (socket) => {
      eachRequest(socket, (text) => {
        seen.push(text);
        socket.end(answer, "latin1");
      });
    });
    const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream: `http://127.0.0.1:${service}` });
    const direct = await new RawClient(t, service).send(request).untilClosed();
    const through = await new RawClient(t, port).send(request).untilClosed();
    const isHead = request.startsWith("HEAD");
    assert.deepEqual(messagesOf(through, isHead), messagesOf(direct, isHead));
    const { answer: kept } = await writer.onlyCall();
    assert.equal(kept.kind === "response" && kept.end, "complete");
    assert.deepEqual(...([seen[1]!, seen[0]!].map(requestOf) as [WireMessage, WireMessage]));
  });
}

/** The version is each hop's own (RFC 9110, section 2.5). */
function messagesOf(text: string, isHead: boolean): WireMessage[] {
  return wireMessages(text, () => isHead).map((message) => ({ ...message, start: message.start.slice(8) }));
}

/** undici puts Host first, and its case is its own. */
function requestOf(text: string): WireMessage {
  const [message] = wireMessages(text);
  const isHost = ([name]: [string, string]) => name === "host";
  const fields = [...message!.fields.filter(isHost), ...message!.fields.filter((field) => !isHost(field))];
  return { ...message!, fields: fields };
}

test("a client of HTTP/1.0 gets a body that ends with its connection, and no informational answers", async (t) => {
  const service = await startHandMade(t, (socket) => {
    const hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n";
    const chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n";
    eachRequest(socket, () => socket.write(hints + chunks));
  });
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream: `http://127.0.0.1:${service}` });
  const answer = await new RawClient(t, port).send("GET / HTTP/1.0\r\n\r\n").untilClosed();
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n(?!transfer-encoding)[\s\S]*\r\n\r\nonetwo$/i);
});

test("requests sent ahead are answered in their order, informational answers among them", async (t) => {
  const service = await startHandMade(t, (socket) => {
    eachRequest(socket, (request) => {
      const path = request.split(" ")[1]!;
      const say = () =>
        socket.write(
          `HTTP/1.1 103 Early Hints\r\nx-of: ${path}\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: ${path.length}\r\n\r\n${path}`,
        );
      if (path === "/slow") setTimeout(say, 100);
      else say();
    });
  });
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream: `http://127.0.0.1:${service}` });
  const ask = (path: string, more = "") => `GET ${path} HTTP/1.1\r\nhost: a\r\n${more}\r\n`;
  const client = new RawClient(t, port).send(ask("/slow") + ask("/b") + ask("/c", "connection: close\r\n"));
  const answers = wireMessages(await client.untilClosed());
  assert.deepEqual(
    answers.map(({ start, fields, body }) => `${start.slice(9, 12)} ${fields.flat().join(" ")}${body}`),
    ["103 x-of /slow", "200 /slow", "103 x-of /b", "200 /b", "103 x-of /c", "200 /c"],
  );
});

/** Answers the first request of each connection; hangs up when a second one comes on the connection that was first. */
async function startClosing(t: TestContext): Promise<{ port: number; seen: string[] }> {
  const seen: string[] = [];
  let connections = 0;
  const port = await startHandMade(t, (socket) => {
    const isFirst = connections++ === 0;
    let requests = 0;
    eachRequest(socket, (request) => {
      seen.push(request.split(" ", 2).join(" "));
      if (isFirst && ++requests > 1) socket.resetAndDestroy();
      else socket.write(hello);
    });
  });
  return { port, seen };
}

test("a GET that meets a kept connection in its closing is answered as on a fresh one", async (t) => {
  const service = await startClosing(t);
  const recorder = await startTestRecorder(t, { mode: "inbound", upstream: `http://127.0.0.1:${service.port}` });
  for (const path of ["/one", "/two", "/three"]) {
    assert.equal((await askHttp1(recorder.port, { method: "GET", path })).status, 200);
  }
  assert.deepEqual(service.seen, ["GET /one", "GET /two", "GET /two", "GET /three"]);
  const calls = await recorder.writer.untilCalls(3);
  assert.deepEqual(
    calls.map(({ answer }) => answer.kind),
    ["response", "response", "response"],
  );
});

test("so is one that goes by node:http", async (t) => {
  const service = await startClosing(t);
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream: `http://127.0.0.1:${service.port}` });
  const headers = [["content-length", "0"]] as const;
  for (const path of ["/one", "/two"]) {
    assert.equal((await askHttp1(port, { method: "DELETE", path, headers })).status, 200);
  }
  assert.deepEqual(service.seen, ["DELETE /one", "DELETE /two", "DELETE /two"]);
});

for (const [what, body] of [
  ["with a body", ["x"]],
  ["without a body", []],
] as const) {
  test(`a POST ${what} that meets a kept connection in its closing is sent once, and its client hung up on`, async (t) => {
    const service = await startClosing(t);
    const { port } = await startTestRecorder(t, { mode: "inbound", upstream: `http://127.0.0.1:${service.port}` });
    await askHttp1(port, { method: "GET", path: "/one" });
    const posting = askHttp1(port, {
      method: "POST",
      path: "/two",
      headers: [["content-length", String(body.length)]],
      body,
    });
    await assert.rejects(posting, { code: "ECONNRESET" });
    assert.deepEqual(service.seen, ["GET /one", "POST /two"]);
  });
}

test("a GET that is hung up on by a fresh connection is not sent again", async (t) => {
  let requests = 0;
  const service = await startHandMade(t, (socket) => {
    eachRequest(socket, () => {
      requests++;
      socket.destroy();
    });
  });
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream: `http://127.0.0.1:${service}` });
  assert.equal(await new RawClient(t, port).send(get).untilClosed(), "");
  assert.equal(requests, 1);
});

test("a GET over HTTP/2 that meets a kept connection in its closing is answered as on a fresh one", async (t) => {
  const seen: string[] = [];
  let sessions = 0;
  const sockets: net.Socket[] = [];
  const server = http2.createServer();
  server.on("connection", (socket) => sockets.push(socket));
  server.on("session", (session) => {
    const isFirst = sessions++ % 2 === 0;
    let streams = 0;
    session.on("error", () => {});
    session.on("stream", (stream, headers) => {
      seen.push(`${headers[":method"]} ${headers[":path"]}`);
      stream.on("error", () => {});
      if (isFirst && ++streams > 1) sockets.at(-1)!.destroy();
      else stream.respond({ ":status": 200 }, { endStream: true });
    });
  });
  const upstream = `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream });
  const session = http2.connect(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  const ask = (method: string, path: string) =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ":method": method, ":path": path }, { endStream: method === "GET" });
      stream.on("response", (fields) => resolve(fields[":status"]));
      stream.on("error", reject);
      stream.resume();
      if (method === "POST") stream.end("x");
    });
  assert.deepEqual([await ask("GET", "/one"), await ask("GET", "/two")], [200, 200]);
  assert.deepEqual(seen, ["GET /one", "GET /two", "GET /two"]);
});

test("HTTP/2 fields that Node reads but would not write cost their own stream at most", async (t) => {
  const seen: string[] = [];
  const server = http2.createServer();
  server.on("stream", (stream, headers) => {
    seen.push(`${headers[":path"]} te: ${headers.te}`);
    stream.respond({ ":status": 200 }, { endStream: true });
  });
  const upstream = `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream });
  const get = (stream: number, path: string, ...more: [string, string][]) =>
    frame(
      headersFrame,
      endHeaders | endStream,
      stream,
      fields([[":method", "GET"], [":scheme", "http"], [":authority", "a"], [":path", path], ...more]),
    );
  const client = new RawClient(t, port).send(Buffer.concat([preface, frame(4, 0, 0)]));
  client.send(get(1, "/loud", ["te", "tRailers"]));
  client.send(get(3, "/twice", ["user-agent", "a"], ["user-agent", "b"]));
  client.send(get(5, "/after"));
  await writer.untilCalls(3);
  assert.deepEqual(seen, ["/loud te: trailers", "/after te: undefined"]);
  assert.equal(client.isClosed, false);
});

test("a connection to the service is not kept idle for longer than services keep theirs", async (t) => {
  let open = 0;
  const service = await startHandMade(t, (socket) => {
    open++;
    socket.on("close", () => open--);
    eachRequest(socket, () => socket.write(hello));
  });
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream: `http://127.0.0.1:${service}` });
  await askHttp1(port, { method: "GET", path: "/" });
  assert.equal(open, 1);
  const began = performance.now();
  await until("the idle connection to be closed", () => open === 0);
  assert.ok(performance.now() - began < 10_000);
});

test("calls in a row share one connection to the service", async (t) => {
  let connections = 0;
  const service = await startHandMade(t, (socket) => {
    connections++;
    eachRequest(socket, () => socket.write(hello));
  });
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream: `http://127.0.0.1:${service}` });
  for (let at = 0; at < 10; at++) await askHttp1(port, { method: "GET", path: "/" });
  assert.equal(connections, 1);
});

test("gRPC hears that the service is unavailable where its connection was lost", async (t) => {
  const service = await startHandMade(t, (socket) => socket.once("data", () => socket.destroy()));
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream: `http://127.0.0.1:${service}` });
  const headers = [["content-type", "application/grpc"]] as const;
  const got = await askHttp2(port, { method: "POST", path: "/a.B/C", headers, body: ["\0\0\0\0\0"] });
  assert.deepEqual([got.status, got.headers["grpc-status"]], [200, "14"]);
});

test("a WebSocket handshake passes with its fields apart and their bytes as they are, first messages with it", async (t) => {
  const handshake =
    "GET /ws?caf%E9 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: abc\r\nx-dup: 1\r\nx-other: \xe9\r\nx-dup: 2\r\n\r\n";
  const answer =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nset-cookie: a=1\r\nx-other: \xe9\r\nset-cookie: b=2\r\n\r\n\x81\x03one";
  const frame = "\x81\x84abcdtwo!";
  const seen: string[] = [];
  const service = await startHandMade(t, (socket) => {
    socket.once("data", (bytes: Buffer) => {
      seen.push(bytes.toString("latin1"));
      socket.write(answer, "latin1");
      socket.once("data", (rest: Buffer) => {
        seen.push(rest.toString("latin1"));
        socket.end();
      });
    });
  });
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream: `http://127.0.0.1:${service}` });
  const got = await new RawClient(t, port).send(handshake + frame).untilClosed();
  assert.deepEqual(fieldsOf(got), fieldsOf(answer));
  assert.ok(got.endsWith("\r\n\r\n\x81\x03one"));
  assert.deepEqual(fieldsOf(seen[0]!), fieldsOf(handshake));
  assert.equal(seen[1], frame);
  assert.equal((await writer.onlyCall()).frames?.length, 2);
});

/** Of the head, in lower-case names and in their order, the connection's own put at the end. */
function fieldsOf(text: string): string[] {
  const [, ...lines] = text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n");
  const fields = lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()));
  const isOwn = (field: string) => /^(connection|upgrade):/.test(field);
  return [...fields.filter((field) => !isOwn(field)), ...fields.filter(isOwn).sort()];
}
