import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import { test } from "node:test";
import { WebSocket } from "ws";
import { encodeWebSocketFrame, webSocketOpcodes } from "../../../message/index.js";
import { bodyText } from "../../support/collecting-writer.js";
import { RawClient } from "../../support/raw-client.js";
import { startTestRecorder } from "../../support/start-recorder.js";

const handshake =
  "GET /chat HTTP/1.1\r\nhost: a-shadow:80\r\nx-envoy-internal: true\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
const mask = Uint8Array.of(1, 2, 3, 4);
const { text, binary, continuation, ping, close } = webSocketOpcodes;

function frame(opcode: number, payload: string, fin = true): Buffer {
  return encodeWebSocketFrame({ opcode, payload: Buffer.from(payload), fin }, mask);
}

test("a WebSocket handshake is accepted as RFC 6455 shows it", async (t) => {
  const { port } = await startTestRecorder(t);
  const answer = await new RawClient(t, port).send(handshake).until("\r\n\r\n");
  assert.match(answer, /^HTTP\/1\.1 101 /);
  assert.match(answer, /\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/);
});

test("a client's messages are recorded until it closes", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/chat`, { perMessageDeflate: false });
  await new Promise((opened) => socket.on("open", opened));
  socket.send("hello");
  socket.send(Buffer.from([0, 255]));
  socket.close(1000);
  const { request, answer, frames } = await writer.onlyCall();
  assert.deepEqual([request.end, answer.kind, bodyText(request.body)], ["complete", "unknown", "hello\0\xff\x03\xe8"]);
  assert.deepEqual(
    frames?.map(({ direction, kind, offset, length }) => [direction, kind, offset, length]),
    [
      ["to-server", "text", 0, 5],
      ["to-server", "binary", 5, 2],
      ["to-server", "close", 7, 2],
    ],
  );
});

test("over HTTP/2 the handshake is an extended CONNECT, recorded as the GET it stands for", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const session = http2.connect(`http://127.0.0.1:${port}`);
  t.after(() => session.destroy());
  await once(session, "remoteSettings");
  assert.equal(session.remoteSettings.enableConnectProtocol, true);
  const stream = session.request(
    { ":method": "CONNECT", ":protocol": "websocket", ":path": "/chat", "sec-websocket-version": "13" },
    { endStream: false },
  );
  const [head] = await once(stream, "response");
  assert.equal(head[":status"], 200);
  stream.resume().write(Buffer.concat([frame(text, "hello"), frame(close, "")]));
  await once(stream, "end");
  stream.end();
  const { request, frames } = await writer.onlyCall();
  assert.deepEqual([request.method, request.path, request.protocol, request.end], ["GET", "/chat", "h2", "complete"]);
  assert.ok(request.headers.join("\n").includes("upgrade\nwebsocket"));
  assert.deepEqual(
    frames?.map(({ kind, offset, length }) => [kind, offset, length]),
    [
      ["text", 0, 5],
      ["close", 5, 0],
    ],
  );
});

test("frames that follow the handshake in the same packet are recorded, and the copy's authority is undone", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const client = new RawClient(t, port).send(
    Buffer.concat([Buffer.from(handshake), frame(text, "early"), frame(close, "")]),
  );
  await client.untilClosed();
  const { request, frames } = await writer.onlyCall();
  assert.deepEqual([request.authority, bodyText(request.body), frames?.length], ["a:80", "early", 2]);
});

test("a ping between the fragments of a message stands after the message", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const bytes = [frame(binary, "one ", false), frame(ping, "?"), frame(continuation, "message"), frame(close, "")];
  const client = new RawClient(t, port).send(handshake);
  await client.sendByteByByte(Buffer.concat(bytes).toString("latin1"));
  await client.untilClosed();
  const { request, frames } = await writer.onlyCall();
  assert.equal(bodyText(request.body), "one message?");
  assert.deepEqual(
    frames?.map(({ kind, offset, length }) => [kind, offset, length]),
    [
      ["binary", 0, 11],
      ["ping", 11, 1],
      ["close", 12, 0],
    ],
  );
});

test("a client that goes away without closing leaves an aborted request with its messages", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const client = new RawClient(t, port).send(handshake).send(frame(text, "last words"));
  await client.until("101");
  await client.untilSent();
  client.abort();
  const { request, frames } = await writer.onlyCall();
  assert.deepEqual([request.end, bodyText(request.body), frames?.length], ["aborted", "last words", 1]);
});

test("bytes that are no frames close the connection", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const client = new RawClient(t, port).send(handshake).send("\xff\xff\xff");
  assert.ok((await client.untilClosed()).endsWith("\x88\x02\x03\xea")); // close, 1002
  assert.equal((await writer.onlyCall()).request.end, "aborted");
});
