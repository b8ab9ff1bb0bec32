import assert from "node:assert/strict";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import tls from "node:tls";
import { CertificateMaker } from "../../support/certificates.js";
import { startChild } from "../../support/child.js";
import { mainFile, newHome, tapeloop } from "../../support/command-line.js";
import { until } from "../../support/until.js";

const certificates = new CertificateMaker();
const server = certificates.make("server", "IP:127.0.0.1");
const renewed = certificates.make("renewed", "IP:127.0.0.1");
const recording = ["record", "--listen", "127.0.0.1:0", "--tape", "tape.db"];

test("files of TLS that cannot be used are refused in one line that names flag and file", async (t) => {
  const home = newHome(t);
  writeFileSync(join(home.folder, "text.pem"), "no certificate");
  const { certFile, keyFile } = server;
  for (const [flags, said] of [
    [["--tls-cert", certFile], /--tls-cert and --tls-key/],
    [["--client-ca", certificates.caFile], /--tls-cert and --tls-key/],
    [["--tls-cert", "nowhere.pem", "--tls-key", keyFile], /--tls-cert nowhere\.pem: cannot be read: .*ENOENT/],
    [["--tls-cert", "text.pem", "--tls-key", keyFile], /--tls-cert text\.pem: holds no certificate/],
    [["--tls-cert", certFile, "--tls-key", "text.pem"], /--tls-key text\.pem: holds no private key/],
    [
      ["--tls-cert", certFile, "--tls-key", renewed.keyFile],
      /--tls-key .*renewed\.key: is not the key of .*server\.pem/,
    ],
    [["--tls-cert", certFile, "--tls-key", keyFile, "--client-ca", "text.pem"], /--client-ca text\.pem: holds no cert/],
    [["--upstream-ca", "text.pem"], /--upstream-ca text\.pem: holds no certificate/],
    [["--upstream-cert", certFile], /--upstream-cert and --upstream-key/],
    [["--upstream-cert", certFile, "--upstream-key", renewed.keyFile], /--upstream-key .*is not the key/],
  ] as const) {
    const { code, stderr } = await tapeloop(t, home, [...recording, ...flags]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
    assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
  }
});

test("certificates are read again on SIGHUP; such that cannot be used leave the old ones", async (t) => {
  const home = newHome(t);
  const [cert, key] = [join(home.folder, "cert.pem"), join(home.folder, "key.pem")];
  copyFileSync(server.certFile, cert);
  copyFileSync(server.keyFile, key);
  const words = [mainFile, ...recording, "--tls-cert", cert, "--tls-key", key];
  const child = startChild(t, process.execPath, words, { env: home.env, cwd: home.folder });
  const { listen } = JSON.parse(await child.firstLine()) as { listen: string };
  const port = Number(listen.split(":").at(-1));
  assert.equal(await nameShown(port), "server");
  copyFileSync(renewed.certFile, cert);
  process.kill(child.pid, "SIGHUP");
  await until("the refusal in the log", () => child.stderr.includes("the old ones stay"));
  assert.equal(await nameShown(port), "server");
  copyFileSync(renewed.keyFile, key);
  process.kill(child.pid, "SIGHUP");
  await until("the new certificate", async () => (await nameShown(port)) === "renewed");
  assert.deepEqual((await child.end("SIGTERM")).code, 0);
});

async function nameShown(port: number): Promise<string> {
  const socket = tls.connect({ host: "127.0.0.1", port, ca: certificates.ca });
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}
