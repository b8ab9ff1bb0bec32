import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { OperatorError } from "../../base/index.js";
import { readCertificates, readPair } from "../../cli/pem-files.js";
import { CertificateMaker } from "../support/certificates.js";
import { tempFolder } from "../support/temp.js";

const certificates = new CertificateMaker();
const server = certificates.make("server", "IP:127.0.0.1");
const other = certificates.make("other", "IP:127.0.0.1");

const refusal = (said: RegExp) => (error: unknown) => error instanceof OperatorError && said.test(error.message);

test("a bundle and a pair are read as they are", (t) => {
  const bundle = join(tempFolder(t), "bundle.pem");
  writeFileSync(bundle, `# ours\n${certificates.ca}# theirs\n${server.cert}`);
  assert.equal(readCertificates(bundle, "--a-ca"), `# ours\n${certificates.ca}# theirs\n${server.cert}`);
  assert.deepEqual(readPair({ cert: server.certFile, key: server.keyFile }, "--a"), {
    cert: server.cert,
    key: server.key,
  });
});

test("what cannot be used is refused with its flag and file, whichever certificate of a bundle it is", (t) => {
  const folder = tempFolder(t);
  const [text, broken, cut] = ["text.pem", "broken.pem", "cut.pem"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(text, "no certificate");
  writeFileSync(broken, certificates.ca + server.cert.replace(/\n.{20}/, "\n????????????????????"));
  writeFileSync(cut, certificates.ca + server.cert.slice(0, 200));
  const none = join(folder, "none.pem");
  assert.throws(() => readCertificates(none, "--a-ca"), refusal(/^--a-ca \S+none\.pem: cannot be read: .*ENOENT/));
  for (const file of [text, broken, cut])
    assert.throws(() => readCertificates(file, "--a-ca"), refusal(/^--a-ca \S+: holds no certificate in PEM \(/));
  const pair = (key: string) => () => readPair({ cert: server.certFile, key }, "--a");
  assert.throws(pair(text), refusal(/^--a-key \S+text\.pem: holds no private key in PEM/));
  assert.throws(pair(other.keyFile), refusal(/^--a-key \S+other\.key: is not the key of the certificate in \S+server/));
});
