import assert from "node:assert/strict";
import http2 from "node:http2";
import net from "node:net";
import { test } from "node:test";
import { OperatorError } from "../../../base/index.js";
import { askHttp1, askHttp2 } from "../../support/clients.js";
import { startHandMade } from "../../support/hand-made.js";
import { RawClient } from "../../support/raw-client.js";
import { startTestRecorder } from "../../support/start-recorder.js";
import { until } from "../../support/until.js";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/** A SETTINGS frame without settings. */
const emptySettings = "\0\0\0\x04\0\0\0\0\0";

test("HTTP/1.1 and HTTP/2 with prior knowledge are taken on one port", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const first = await askHttp1(port, { method: "GET", path: "/one" });
  const second = await askHttp2(port, { method: "GET", path: "/two" });
  assert.deepEqual([first.status, second.status], [200, 200]);
  const calls = await writer.untilCalls(2);
  assert.deepEqual(
    calls.map(({ request }) => [request.protocol, request.path]),
    [
      ["http/1.1", "/one"],
      ["h2", "/two"],
    ],
  );
  assert.notEqual(calls[0]!.connection, calls[1]!.connection);
  assert.equal(calls[0]!.client, "127.0.0.1");
});

test("a request that comes byte by byte is taken", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const client = new RawClient(t, port);
  await client.sendByteByByte("POST /slow HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nok");
  await client.until("200 OK");
  assert.equal((await writer.onlyCall()).request.path, "/slow");
});

test("a method that begins as the preface does is HTTP/1.1 all the same", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const client = new RawClient(t, port);
  await client.sendByteByByte("PROPFIND /dav HTTP/1.1\r\nhost: a\r\n\r\n");
  await client.until("200 OK");
  assert.equal((await writer.onlyCall()).request.method, "PROPFIND");
});

test("an HTTP/2 preface that comes byte by byte is taken", async (t) => {
  const { port } = await startTestRecorder(t);
  const client = new RawClient(t, port);
  await client.sendByteByByte(preface + emptySettings);
  await client.until("\x04\x01\0\0\0\0"); // SETTINGS acknowledged
});

test("HTTP/1.0 is answered and told apart", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const answer = await new RawClient(t, port).send("GET /old HTTP/1.0\r\n\r\n").untilClosed();
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  assert.equal((await writer.onlyCall()).request.protocol, "http/1.0");
});

test("requests sent ahead on one connection are answered in order", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const client = new RawClient(t, port);
  client.send(
    "GET /a HTTP/1.1\r\nhost: x\r\n\r\nPOST /b HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\nzGET /c HTTP/1.1\r\nhost: x\r\n\r\n",
  );
  const calls = await writer.untilCalls(3);
  assert.deepEqual(
    calls.map((call) => call.request.path),
    ["/a", "/b", "/c"],
  );
  await until("three answers", () => client.received.split("200 OK").length === 4);
});

test("an absolute target is taken apart", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  await new RawClient(t, port).send("GET http://shop.example:81/a?b HTTP/1.1\r\nhost: other\r\n\r\n").until("200 OK");
  const { request } = await writer.onlyCall();
  assert.deepEqual([request.authority, request.path], ["shop.example:81", "/a?b"]);
});

for (const [what, bytes] of [
  ["a TLS hello", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"],
  ["a header without a name", "GET / HTTP/1.1\r\n: no\r\n\r\n"],
  ["two lengths that differ", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"],
  ["a broken chunk", "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"],
  ["a preface followed by no frame", `${preface}GET / HTTP/1.1\r\nhost: a\r\n\r\n`],
] as const) {
  test(`${what} closes the connection, is counted, and others go on`, async (t) => {
    const recorder = await startTestRecorder(t);
    await new RawClient(t, recorder.port).send(bytes).untilClosed();
    assert.equal((await askHttp1(recorder.port, { method: "GET", path: "/" })).status, 200);
    await recorder.stop();
    assert.equal(recorder.writer.counted.unparsable, 1);
  });
}

for (const coding of ["arent: 00-", "gzip", "chunked, gzip", "chunked\r\ntransfer-encoding: gzip"]) {
  test(`a body without an end (${JSON.stringify(coding)}) is no call: nothing of it goes on`, async (t) => {
    const service = await startHandMade(t, () => assert.fail("the service was spoken to"));
    const upstream = `http://127.0.0.1:${service}`;
    const recorder = await startTestRecorder(t, { mode: "inbound", upstream });
    const head = `POST /c HTTP/1.1\r\nhost: a\r\ntransfer-encoding: ${coding}\r\ntrailer: 1\r\n\r\n`;
    const answer = await new RawClient(t, recorder.port).send(head).untilClosed();
    assert.doesNotMatch(answer, /^HTTP\/1\.1 [235]/);
    await recorder.stop();
    assert.deepEqual([recorder.writer.counted.seen, recorder.writer.counted.unparsable], [0, 1]);
  });
}

test("a connection that stops in the middle of the preface is closed in time, and counted", async (t) => {
  const recorder = await startTestRecorder(t, { sniffMs: 1000 });
  await new RawClient(t, recorder.port).send("PRI * HT").untilClosed();
  await recorder.stop();
  assert.equal(recorder.writer.counted.unparsable, 1);
});

test("a connection that says nothing is closed in time, and is no unparsable one", async (t) => {
  const recorder = await startTestRecorder(t, { sniffMs: 30 });
  await new RawClient(t, recorder.port).untilClosed();
  await recorder.stop();
  assert.equal(recorder.writer.counted.unparsable, 0);
});

test("CONNECT is refused and recorded", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const answer = await new RawClient(t, port)
    .send("CONNECT a.example:443 HTTP/1.1\r\nhost: a.example:443\r\n\r\n")
    .untilClosed();
  assert.match(answer, /^HTTP\/1\.1 405 /);
  const { request } = await writer.onlyCall();
  assert.deepEqual([request.method, request.path], ["CONNECT", "a.example:443"]);
});

test("an upgrade to HTTP/2 is left aside and the request answered", async (t) => {
  const { port, writer } = await startTestRecorder(t);
  const client = new RawClient(t, port);
  client.send(
    "POST /up HTTP/1.1\r\nhost: a\r\nx-empty:\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\ncontent-length: 4\r\n\r\nbody",
  );
  await client.until("200 OK");
  const { body, headers } = (await writer.onlyCall()).request;
  assert.equal(body.fullBytes, 4);
  assert.deepEqual(headers, ["host", "a", "x-empty", "", "content-length", "4"]);
});

for (const [mode, megabytes] of [
  ["mirror", 64],
  ["inbound", 16],
] as const) {
  test(`a ${mode} recorder promises over HTTP/2 1 MiB a stream and ${megabytes} MiB a connection`, async (t) => {
    const { port } = await startTestRecorder(t, {
      mode,
      ...(mode === "inbound" && { upstream: "http://127.0.0.1:1" }),
    });
    const session = http2.connect(`http://127.0.0.1:${port}`);
    t.after(() => session.destroy());
    const settings = await new Promise<http2.Settings>((resolve) => session.on("remoteSettings", resolve));
    assert.equal(settings.initialWindowSize, 2 ** 20);
    await until("the connection's window", () => session.state.remoteWindowSize === megabytes * 2 ** 20, {
      seen: () => session.state,
    });
  });
}

test("a port in use is said in one line", async (t) => {
  const taken = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  t.after(() => taken.close());
  const { port } = taken.address() as net.AddressInfo;
  await assert.rejects(startTestRecorder(t, { listen: `127.0.0.1:${port}` }), (error: Error) => {
    assert.ok(error instanceof OperatorError);
    assert.equal(
      error.message,
      `cannot listen for calls at 127.0.0.1:${port}: the port is in use; choose another, or stop who holds it`,
    );
    return true;
  });
});

test("an address without a port is refused", async (t) => {
  await assert.rejects(startTestRecorder(t, { listen: "localhost" }), /give it as HOST:PORT/);
});
