import assert from "node:assert/strict";
import http2 from "node:http2";
import https from "node:https";
import type { Server } from "node:net";
import { type TestContext, test } from "node:test";
import type tls from "node:tls";
import { CertificateMaker } from "../../support/certificates.js";
import { askHttp1, askHttp2 } from "../../support/clients.js";
import { listenOnLoopback } from "../../support/loopback.js";
import { RawClient } from "../../support/raw-client.js";
import { startTestRecorder } from "../../support/start-recorder.js";

const certificates = new CertificateMaker();
const service = certificates.make("service", "DNS:service.test,IP:127.0.0.1");
const nameOnly = certificates.make("name-only", "DNS:service.test");
const recorder = certificates.make("recorder", "DNS:recorder");
const { ca } = certificates;

/** Says in its answer what it saw of the connection. */
async function startSecure(t: TestContext, options: tls.TlsOptions, allowHTTP1 = true): Promise<string> {
  const server = http2.createSecureServer({ ...options, allowHTTP1 }, (request, response) => {
    const socket = request.socket as tls.TLSSocket;
    const said = {
      version: request.httpVersion,
      asked: socket.servername || null,
      peer: socket.getPeerCertificate()?.subject?.CN ?? null,
    };
    request.resume().on("end", () => response.end(JSON.stringify(said)));
  });
  server.on("sessionError", () => {});
  return `https://127.0.0.1:${await listenOnLoopback(t, server as unknown as Server)}`;
}

test("an https service is called over TLS with what the client speaks, by ALPN", async (t) => {
  const upstream = await startSecure(t, service);
  const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream, upstreamTls: { ca } });
  for (const host of ["a.example", "b.example"]) {
    const got = await askHttp1(port, { method: "GET", path: "/", headers: [["host", host]] });
    assert.deepEqual(JSON.parse(got.body.toString()), { version: "1.1", asked: null, peer: null });
  }
  const streamed = await askHttp1(port, { method: "POST", path: "/", body: ["a", "b"] });
  assert.equal(JSON.parse(streamed.body.toString()).version, "1.1");
  const got = await askHttp2(port, { method: "GET", path: "/" });
  assert.deepEqual(JSON.parse(got.body.toString()), { version: "2.0", asked: null, peer: null });
  assert.equal((await writer.untilCalls(4)).length, 4);
});

test("our own certificate is shown, and the name asked for that the service's certificate holds", async (t) => {
  const upstream = await startSecure(t, { ...nameOnly, ca, requestCert: true });
  const upstreamTls = { ca, cert: recorder.cert, key: recorder.key, serverName: "service.test" };
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream, upstreamTls });
  for (const ask of [askHttp1, askHttp2]) {
    const { asked, peer } = JSON.parse((await ask(port, { method: "GET", path: "/" })).body.toString());
    assert.deepEqual([asked, peer], ["service.test", "recorder"]);
  }
  const streamed = await askHttp1(port, { method: "POST", path: "/", body: ["a", "b"] });
  assert.equal(JSON.parse(streamed.body.toString()).peer, "recorder");
});

for (const [what, upstreamTls] of [
  ["a certificate that nobody we trust has signed", {}],
  ["a certificate of another name", { ca, serverName: "other.test" }],
] as const) {
  test(`${what} is a 502 over both protocols, recorded as trouble with TLS`, async (t) => {
    const upstream = await startSecure(t, service);
    const { port, writer } = await startTestRecorder(t, { mode: "inbound", upstream, upstreamTls });
    for (const ask of [askHttp1, askHttp2]) assert.equal((await ask(port, { method: "GET", path: "/" })).status, 502);
    const streamed = await askHttp1(port, { method: "POST", path: "/", body: ["a", "b"] });
    assert.equal(streamed.status, 502);
    const calls = await writer.untilCalls(3);
    assert.deepEqual(
      calls.map(({ answer }) => answer.kind === "failure" && answer.reason),
      ["tls", "tls", "tls"],
    );
  });
}

test("a client over HTTP/2 of a service that has HTTP/1.1 alone is told so", async (t) => {
  const server = https.createServer({ ...service, ALPNProtocols: ["http/1.1"] }, (_request, response) =>
    response.end(),
  );
  const upstream = `https://127.0.0.1:${await listenOnLoopback(t, server)}`;
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream, upstreamTls: { ca } });
  assert.equal((await askHttp1(port, { method: "GET", path: "/" })).status, 200);
  assert.equal((await askHttp2(port, { method: "GET", path: "/" })).status, 502);
});

test("a WebSocket passes to an https service", async (t) => {
  const server = https.createServer(service);
  server.on("upgrade", (request, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
    socket.end(`\x81${String.fromCharCode(request.url!.length)}${request.url}`, "latin1");
  });
  const upstream = `https://127.0.0.1:${await listenOnLoopback(t, server)}`;
  const { port } = await startTestRecorder(t, { mode: "inbound", upstream, upstreamTls: { ca } });
  const handshake =
    "GET /ws HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: abc\r\n\r\n";
  assert.match(await new RawClient(t, port).send(handshake).untilClosed(), /^HTTP\/1\.1 101 [\s\S]*\/ws$/);
});
