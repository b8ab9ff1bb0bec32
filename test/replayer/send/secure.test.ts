import assert from "node:assert/strict";
import http2 from "node:http2";
import type { Server } from "node:net";
import { type TestContext, test } from "node:test";
import type tls from "node:tls";
import { securing, speaksHttp2, type TargetTls } from "../../../replayer/send/index.js";
import { CertificateMaker } from "../../support/certificates.js";
import { listenOnLoopback } from "../../support/loopback.js";
import { senderTo, wireRequest } from "../../support/wire-request.js";

const certificates = new CertificateMaker();
const service = certificates.make("service", "DNS:service.test");
const addressed = certificates.make("addressed", "IP:127.0.0.1");
const ours = certificates.make("replayer", "DNS:replayer");
const { ca } = certificates;
const patienceMs = 60_000;

/** Says in its answer what it saw of the connection; HTTP/1.1 and HTTP/2. */
async function startSecure(t: TestContext, options: tls.TlsOptions): Promise<string> {
  const server = http2.createSecureServer({ ...options, allowHTTP1: true }, (request, response) => {
    const socket = request.socket as tls.TLSSocket;
    const peer = socket.getPeerCertificate()?.subject?.CN ?? null;
    const said = { version: request.httpVersion, asked: socket.servername || null, peer };
    request.resume().on("end", () => response.end(JSON.stringify(said)));
  });
  server.on("sessionError", () => {});
  return `https://127.0.0.1:${await listenOnLoopback(t, server as unknown as Server)}`;
}

/** By each of the clients: undici, node:http, node:http2. */
const kinds = [{}, { method: "OPTIONS", path: "*" }, { protocol: "h2" }] as const;

async function ask(t: TestContext, origin: string, authority: string, pem?: TargetTls) {
  const secure = securing(origin, pem)(authority);
  const sender = senderTo(t, origin, { http2: true, secure });
  const answers: unknown[] = [];
  for (const kind of kinds) {
    const { answer } = await sender.send(wireRequest({ authority, ...kind }), patienceMs);
    if (answer.kind === "failure") answers.push(answer.reason);
    else if (answer.kind === "response" && answer.body.kind === "whole")
      answers.push(JSON.parse(Buffer.from(answer.body.bytes).toString()));
  }
  return { answers, trouble: sender.tlsTrouble, speaks: await speaksHttp2(origin, patienceMs, secure) };
}

test("a private CA is trusted, and an address is asked for the host that goes out, by every client", async (t) => {
  const { answers, trouble, speaks } = await ask(t, await startSecure(t, service), "service.test:8443", { ca });
  const seen = { asked: "service.test", peer: null };
  assert.deepEqual(answers, [
    { version: "1.1", ...seen },
    { version: "1.1", ...seen },
    { version: "2.0", ...seen },
  ]);
  assert.deepEqual([trouble, speaks], [undefined, true]);
});

test("an address is no name to ask for, and is checked all the same", async (t) => {
  const origin = await startSecure(t, addressed);
  const { answers } = await ask(t, origin, new URL(origin).host, { ca });
  assert.deepEqual(
    answers.map((said) => (said as { asked: unknown }).asked),
    [null, null, null],
  );
  const elsewhere = await startSecure(t, service);
  assert.deepEqual((await ask(t, elsewhere, new URL(elsewhere).host, { ca })).answers, ["tls", "tls", "tls"]);
});

test("our own certificate is shown to a target that asks for one", async (t) => {
  const origin = await startSecure(t, { ...service, ca, requestCert: true });
  const { answers, speaks } = await ask(t, origin, "service.test", { ca, cert: ours.cert, key: ours.key });
  assert.deepEqual(
    answers.map((said) => (said as { peer: unknown }).peer),
    ["replayer", "replayer", "replayer"],
  );
  assert.equal(speaks, true);
});

test("a certificate that nobody trusted has signed, or of another name, is never taken, and why is told", async (t) => {
  const origin = await startSecure(t, service);
  const untrusted = await ask(t, origin, "service.test");
  assert.deepEqual([untrusted.answers, untrusted.speaks], [["tls", "tls", "tls"], false]);
  // Newer versions of Node say more.
  assert.match(untrusted.trouble!, /^unable to verify the first certificate/);
  const misnamed = await ask(t, origin, "other.test", { ca });
  assert.deepEqual(misnamed.answers, ["tls", "tls", "tls"]);
  assert.match(misnamed.trouble!, /other\.test\. is not in the cert's altnames/);
});

test("http has nothing to secure; a name is asked for itself, whatever host goes out", () => {
  assert.deepEqual(securing("http://a.test", { ca })("a.test"), {});
  assert.deepEqual(securing("https://A.test:1")("b.test"), { servername: "a.test" });
  assert.deepEqual(securing("https://[::1]:1")("b.test:2"), { servername: "b.test" });
  assert.deepEqual(securing("https://[::1]:1")("10.0.0.1"), { servername: "" });
});

test("one context serves all connections", () => {
  const secureFor = securing("https://127.0.0.1", { ca });
  assert.equal(secureFor("a.test").secureContext, secureFor("b.test").secureContext);
});
