import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyText } from "../../../support/collecting-writer.js";
import { RawClient } from "../../../support/raw-client.js";
import { startTestRecorder } from "../../../support/start-recorder.js";
import { until } from "../../../support/until.js";

const answers = (client: RawClient) => client.received.split("200 OK").length - 1;

test("a connection goes on in a whole server from its first request that is not plain, and nothing is lost or doubled", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const client = new RawClient(t, port);
  client.send(
    [
      "GET /plain HTTP/1.1\r\nhost: a\r\n\r\n",
      "POST /chunked HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
      "GET /after HTTP/1.1\r\nhost: a\r\n\r\n",
    ].join(""),
  );
  await until("three answers", () => answers(client) === 3);
  client.send("GET /later HTTP/1.1\r\nhost: a\r\n\r\n");
  await until("a fourth", () => answers(client) === 4);
  const calls = await writer.untilCalls(4);
  assert.deepEqual(
    calls.map(({ request }) => [request.path, bodyText(request.body)]),
    [
      ["/plain", ""],
      ["/chunked", "hi"],
      ["/after", ""],
      ["/later", ""],
    ],
  );
});

test("a body that comes in pieces, with the next request behind it, is kept whole", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const client = new RawClient(t, port);
  client.send("PUT /a HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nab");
  await client.untilSent();
  client.send("cd");
  client.send("efGET /b HTTP/1.1\r\nhost: a\r\n\r\n");
  const calls = await writer.untilCalls(2);
  assert.equal(bodyText(calls[0]!.request.body), "abcdef");
  assert.deepEqual(
    calls.map(({ request }) => [request.path, request.end]),
    [
      ["/a", "complete"],
      ["/b", "complete"],
    ],
  );
});

test("a client that has said all is answered and closed", async (t) => {
  const { port } = await startTestRecorder(t);
  const client = new RawClient(t, port).send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  client.socket.end();
  assert.match(await client.untilClosed(), /^HTTP\/1\.1 200 OK\r\ncontent-length: 0\r\ndate: [^\r]+ GMT\r\n\r\n$/);
});

test("a client that goes in the middle of a body leaves an aborted call", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const client = new RawClient(t, port).send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nab");
  client.socket.end();
  const { request } = await writer.onlyCall();
  assert.deepEqual([request.end, bodyText(request.body)], ["aborted", "ab"]);
});

test("while the recorder winds down the answer says that it is the last, and what was sent ahead is left", async (t) => {
  const { port, writer, stop } = await startTestRecorder(t);
  const client = new RawClient(t, port).send("POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\na");
  const idle = new RawClient(t, port).send("GET /idle HTTP/1.1\r\nhost: a\r\n\r\n");
  await idle.until("200 OK");
  const drained = stop();
  await idle.untilClosed();
  client.send("bGET /b HTTP/1.1\r\nhost: a\r\n\r\n");
  const answer = await client.untilClosed();
  await drained;
  assert.match(answer, /connection: close\r\n\r\n$/);
  assert.deepEqual(writer.calls.map(({ request }) => request.path).toSorted(), ["/a", "/idle"]);
});

test("each call gets the answer of its own kind, with the time as it is then", async (t) => {
  const { port } = await startTestRecorder(t);
  const client = new RawClient(t, port);
  const grpc = "POST /g HTTP/1.1\r\nhost: a\r\ncontent-type: application/grpc\r\ncontent-length: 1\r\n\r\nx";
  const get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
  client.send(get + grpc + get + grpc);
  await until("four answers", () => answers(client) === 4);
  const kinds = client.received.split("HTTP/1.1 200 OK").slice(1);
  assert.deepEqual(
    kinds.map((answer) => answer.includes("grpc-status: 0")),
    [false, true, false, true],
  );
  const datesSaid = () => new Set(client.received.match(/date: [^\r]+/g));
  const before = datesSaid().size;
  for (let sent = 4; datesSaid().size === before; sent++) {
    client.send(get);
    await until("another answer", () => answers(client) > sent);
  }
});
