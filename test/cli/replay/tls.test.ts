import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { TLSSocket } from "node:tls";
import { targetTlsOf, tlsFilesOf } from "../../../cli/replay/tls.js";
import { openRun, type RunSummary } from "../../../tape/index.js";
import { CertificateMaker } from "../../support/certificates.js";
import { newHome, tapeloop } from "../../support/command-line.js";
import { listenOnLoopback } from "../../support/loopback.js";
import { shopCalls, tapeOf } from "../../support/service-tape.js";

const certificates = new CertificateMaker();
const service = certificates.make("service", "IP:127.0.0.1");
const ours = certificates.make("replayer", "DNS:replayer");
const { ca, caFile } = certificates;
const ourFiles = ["--target-cert", ours.certFile, "--target-key", ours.keyFile];

/** A shop that answers as it was recorded, and keeps the names of the certificates it was shown. */
async function startShop(t: TestContext, shown: string[] = []): Promise<string> {
  const asking = { ca, requestCert: true, rejectUnauthorized: false };
  const server = https.createServer({ ...service, ...asking }, (request, response) => {
    shown.push(String((request.socket as TLSSocket).getPeerCertificate()?.subject?.CN));
    request.resume().on("end", () => response.writeHead(200, { "content-type": "text/plain" }).end("{}"));
  });
  return `https://127.0.0.1:${await listenOnLoopback(t, server)}`;
}

const replaying = async (t: TestContext) => ["replay", await tapeOf(t, shopCalls.slice(0, 1)), "--allow-writes"];

test("every lane's https target is trusted by --target-ca and shown our certificate; the run names the files", async (t) => {
  const home = newHome(t);
  const shown: string[] = [];
  const [candidate, baseline, third] = [
    await startShop(t, shown),
    await startShop(t, shown),
    await startShop(t, shown),
  ];
  const lanes = ["--target", candidate, "--baseline", baseline, "--lane", `third=${third}`];
  const words = [...(await replaying(t)), ...lanes, "--target-ca", caFile, ...ourFiles, "--json", "--report", "out"];
  const { code, stdout, stderr } = await tapeloop(t, home, words);
  assert.equal(code, 0, stdout + stderr);
  const summary = JSON.parse(stdout) as RunSummary;
  const files = { ca: caFile, cert: ours.certFile, key: ours.keyFile };
  assert.deepEqual(
    summary.lanes.map(({ name, tls }) => [name, tls]),
    [
      ["baseline", files],
      ["candidate", files],
      ["third", files],
    ],
  );
  assert.deepEqual(shown, ["replayer", "replayer", "replayer"]);
  const run = openRun(join(home.folder, "out/run.db"));
  assert.deepEqual(run.header.lanes[0]!.tls, files);
  run.close();
});

test("without it the run is inconclusive, and says why and what to give; the environment may give it", async (t) => {
  const home = newHome(t);
  const target = await startShop(t);
  const words = [...(await replaying(t)), "--target", target];
  const { code, stdout } = await tapeloop(t, home, [...words, "--json"]);
  assert.equal(code, 3);
  const { reasons, warnings, lanes } = JSON.parse(stdout) as RunSummary;
  assert.match(reasons[0]!, /answered none of 1 requests, for TLS failed: --target-ca names who may have signed/);
  assert.deepEqual(lanes[0]!.statuses, { tls: 1 });
  const hints = warnings.filter((warning) => warning.includes("--target-ca"));
  assert.equal(hints.length, 1);
  assert.ok(hints[0]!.startsWith(`${target}: TLS failed: self-signed certificate in certificate chain; --target-ca`));
  const env = { ...home.env, TAPELOOP_TARGET_CA: caFile };
  assert.equal((await tapeloop(t, { ...home, env }, words)).code, 0);
});

test("files that cannot be used are refused in one line before anything is sent", async (t) => {
  const home = newHome(t);
  const shown: string[] = [];
  const words = [...(await replaying(t)), "--target", await startShop(t, shown)];
  writeFileSync(join(home.folder, "text.pem"), "no certificate");
  for (const [flags, said] of [
    [["--target-ca", "nowhere.pem"], /--target-ca nowhere\.pem: cannot be read: .*ENOENT/],
    [["--target-ca", "text.pem"], /--target-ca text\.pem: holds no certificate/],
    [["--target-cert", ours.certFile], /--target-cert and --target-key need each other/],
    [["--target-cert", ours.certFile, "--target-key", service.keyFile], /--target-key .*is not the key/],
  ] as const) {
    const { code, stdout, stderr } = await tapeloop(t, home, [...words, ...flags]);
    assert.deepEqual([code, stdout], [2, ""], stderr);
    assert.match(stderr, said);
    assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
  }
  assert.deepEqual(shown, []);
});

test("nothing given is nothing; what is given is read, and its files are kept by name", () => {
  assert.equal(targetTlsOf({}), undefined);
  assert.deepEqual(targetTlsOf({ targetCa: caFile }), { ca, files: { ca: caFile } });
  assert.deepEqual(tlsFilesOf({ targetCa: "a.pem" }), { ca: "a.pem" });
});
