import assert from "node:assert/strict";
import http2 from "node:http2";
import https from "node:https";
import { test } from "node:test";
import tls from "node:tls";
import { CertificateMaker } from "../../support/certificates.js";
import type { StoredCall } from "../../support/collecting-writer.js";
import { RawClient } from "../../support/raw-client.js";
import { startTestRecorder } from "../../support/start-recorder.js";
import { until } from "../../support/until.js";

const certificates = new CertificateMaker();
const server = certificates.make("recorder", "DNS:localhost,IP:127.0.0.1");
const reviews = certificates.make("reviews", "URI:spiffe://cluster.local/ns/shop/sa/reviews,DNS:reviews.shop");
const stranger = new CertificateMaker().make("stranger", "DNS:stranger");
const { ca } = certificates;

type Client = Pick<tls.ConnectionOptions, "cert" | "key" | "ca">;

function ask1(port: number, client: Client = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = https.get({ host: "127.0.0.1", port, path: "/a", ca, agent: false, ...client }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode!));
    });
    request.on("error", reject);
  });
}

function ask2(port: number, client: Client = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`https://127.0.0.1:${port}`, { ca, ...client });
    session.on("error", reject);
    const stream = session.request({ ":path": "/a" });
    stream.on("response", (fields) => resolve(fields[":status"]!));
    stream.on("error", reject).on("close", () => session.close());
    stream.resume();
  });
}

test("HTTP/1.1 and HTTP/2 are told apart by ALPN, their scheme is https", async (t) => {
  const { port, writer } = await startTestRecorder(t, { tls: server });
  assert.deepEqual([await ask1(port), await ask2(port)], [200, 200]);
  const calls = await writer.untilCalls(2);
  assert.deepEqual(
    calls.map(({ request }) => [request.protocol, request.scheme, request.path]),
    [
      ["http/1.1", "https", "/a"],
      ["h2", "https", "/a"],
    ],
  );
  assert.equal(callerOf(calls[0]!), undefined);
});

test("without ALPN the first bytes within TLS decide", async (t) => {
  const { port, writer } = await startTestRecorder(t, { tls: server });
  const socket = tls.connect({ host: "127.0.0.1", port, ca });
  t.after(() => socket.destroy());
  socket.write("GET /b HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  let got = "";
  socket.on("data", (bytes) => (got += bytes.toString()));
  await until("an answer", () => got.startsWith("HTTP/1.1 200 OK"), { seen: () => got });
  assert.equal((await writer.onlyCall()).request.path, "/b");
});

test("with mutual TLS the client's certificate names the caller, over both protocols", async (t) => {
  const { port, writer } = await startTestRecorder(t, { tls: { ...server, clientCa: ca } });
  assert.deepEqual([await ask1(port, reviews), await ask2(port, reviews)], [200, 200]);
  assert.deepEqual((await writer.untilCalls(2)).map(callerOf), ["reviews.shop", "reviews.shop"]);
});

function callerOf(call: StoredCall): string | undefined {
  return call.beside?.caller;
}

test("with mutual TLS a client without a certificate, or with a stranger's, is turned away and counted", async (t) => {
  const recorder = await startTestRecorder(t, { tls: { ...server, clientCa: ca } });
  await assert.rejects(ask1(recorder.port));
  await assert.rejects(ask1(recorder.port, stranger));
  assert.equal(await ask1(recorder.port, reviews), 200);
  await recorder.stop();
  const { refused, seen } = recorder.writer.counted;
  assert.deepEqual({ refused, seen }, { refused: 2, seen: 1 });
});

test("a plain connection to a port for TLS is told so, and counted", async (t) => {
  const recorder = await startTestRecorder(t, { tls: server });
  const answer = await new RawClient(t, recorder.port).send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").untilClosed();
  assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*this port takes TLS alone\n$/);
  await recorder.stop();
  assert.deepEqual([recorder.writer.counted.refused, recorder.writer.counted.seen], [1, 0]);
});

test("what is nearly TLS is closed, counted, and others go on", async (t) => {
  const recorder = await startTestRecorder(t, { tls: server });
  await new RawClient(t, recorder.port).send("\x16\x03\x01\x02\0\x01nonsense, nonsense, nonsense").untilClosed();
  assert.equal(await ask1(recorder.port), 200);
  await recorder.stop();
  assert.equal(recorder.writer.counted.refused, 1);
});

test("half a handshake is closed in time and counted, silence is closed", async (t) => {
  const recorder = await startTestRecorder(t, { tls: server, sniffMs: 2000 });
  const half = new RawClient(t, recorder.port).send("\x16\x03");
  const silent = new RawClient(t, recorder.port);
  await Promise.all([half.untilClosed(), silent.untilClosed()]);
  await recorder.stop();
  assert.equal(recorder.writer.counted.refused, 1);
});

test("new certificates are shown to connections to come; a key of another certificate is refused and the old stay", async (t) => {
  const { port, renewTls } = await startTestRecorder(t, { tls: server });
  const renewed = certificates.make("renewed", "DNS:localhost,IP:127.0.0.1");
  assert.throws(() => renewTls({ cert: renewed.cert, key: server.key }));
  assert.equal(await nameShown(port), "recorder");
  renewTls(renewed);
  assert.equal(await nameShown(port), "renewed");
});

async function nameShown(port: number): Promise<string> {
  const socket = tls.connect({ host: "127.0.0.1", port, ca });
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

test("a stop waits for calls over TLS, not for handshakes", async (t) => {
  const recorder = await startTestRecorder(t, { tls: server, drainMs: 600_000, sniffMs: 600_000 });
  const silent = new RawClient(t, recorder.port);
  const half = new RawClient(t, recorder.port).send("\x16\x03");
  assert.equal(await ask2(recorder.port), 200);
  await recorder.stop();
  await Promise.all([silent.untilClosed(), half.untilClosed()]);
});
