import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { stringify } from "yaml";
import { runCommandLine } from "../../cli/run.js";
import { experimentJsonSchema } from "../../experiment/index.js";
import { CertificateMaker } from "../support/certificates.js";
import { service, virtualService } from "../support/cluster.js";
import { fakeIo } from "../support/io.js";
import { listenOnLoopback } from "../support/loopback.js";
import { serveMemoryCluster } from "../support/memory-api.js";
import { tapeOf } from "../support/service-tape.js";
import { tempFolder } from "../support/temp.js";

/** A shop with a service `reviews`, an experiment file beside a tape, and the command line before it. */
async function shop(t: TestContext, spec: object = {}) {
  const { cluster, kubeconfig } = await serveMemoryCluster(t);
  const labels = { "tapeloop.io/allow-faults": "true" };
  await cluster.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels } });
  await cluster.create(service("shop", "reviews"));
  await cluster.create(virtualService("shop", "reviews"));
  let requests = 0;
  const server = http.createServer((_request, response) => {
    requests++;
    response.setHeader("content-type", "application/json");
    response.end("{}");
  });
  const target = `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
  const tape = await tapeOf(t, [{ service: "shop", path: "/", at: [0, 5] }]);
  const folder = tempFolder(t);
  const faults = [{ name: "down", service: "reviews", abort: 503, mark: "feed0001" }];
  const experiment = {
    ...{ apiVersion: "tapeloop.io/v1alpha1", kind: "Experiment", metadata: { name: "trial" } },
    spec: { tape, mesh: { namespace: "shop" }, faults, skipRedacted: true, settle: "0", ...spec },
  };
  writeFileSync(join(folder, "trial.yaml"), stringify(experiment));
  const run = async (...words: string[]) => {
    const io = fakeIo({ folder });
    const code = await runCommandLine(["experiment", ...words, "--kubeconfig", kubeconfig], io);
    return { code, stdout: io.out(), stderr: io.err() };
  };
  return { cluster, run, target, tape, requests: () => requests };
}

test("a plan shows each object as a diff and sends and changes nothing", async (t) => {
  const { cluster, run, target, requests } = await shop(t);
  const reviews = { apiVersion: "networking.istio.io/v1", kind: "VirtualService", namespace: "shop", name: "reviews" };
  const before = await cluster.read(reviews);
  const { code, stdout, stderr } = await run("plan", "trial.yaml", "--target", target);
  assert.deepEqual([code, stderr, requests()], [0, "", 0]);
  assert.match(stdout, /^VirtualService shop\/reviews\n/);
  assert.match(stdout, /\n {2}\+ {5}- match:\n/);
  assert.match(stdout, /\n {2}\+ .*prefix: feed0001\n/);
  assert.match(stdout, /\n {2}\+ .*httpStatus: 503\n/);
  assert.doesNotMatch(stdout, /\n {2}- /, "nothing is taken away");
  assert.match(stdout, /fault down on reviews: answers a call with 503 itself, for all Steps, marked feed0001\n/);
  assert.match(stdout, /1 Steps to candidate, candidate\+faults; longest chain 1/);
  assert.match(stdout, /note: fault down: retries and timeout of its routes are not obeyed/);
  assert.deepEqual(await cluster.read(reviews), before);
});

test("a bad file is one line, and exit code 2", async (t) => {
  const { run, target, requests } = await shop(t, { thresholdz: [] });
  const { code, stdout, stderr } = await run("run", "trial.yaml", "--target", target);
  assert.deepEqual([code, stdout, requests()], [2, "", 0]);
  assert.equal(stderr, 'tapeloop: trial.yaml: unknown key "spec.thresholdz" (did you mean "thresholds"?)\n');
  assert.match((await run("run", "none.yaml")).stderr, /^tapeloop: cannot read experiment none\.yaml: .*\n$/);
});

test("a page is never written over a tape", async (t) => {
  const { run, target, tape, requests } = await shop(t);
  const segment = join(tape, readdirSync(tape).find((name) => name.endsWith(".db"))!);
  const before = readFileSync(segment);
  for (const flag of ["--json", "--html"]) {
    const { code, stderr } = await run("run", "trial.yaml", "--target", target, flag, segment);
    assert.deepEqual([code, requests()], [2, 0]);
    assert.equal(stderr, `tapeloop: cannot write to ${segment}: it is a tape; name another file\n`);
  }
  assert.deepEqual(readFileSync(segment), before);
});

test("the schema is printed as it is published", async () => {
  const io = fakeIo();
  assert.equal(await runCommandLine(["experiment", "schema"], io), 0);
  assert.equal(io.out(), experimentJsonSchema());
});

test("files of TLS towards its targets are read before anything is sent", async (t) => {
  const { run, target, requests } = await shop(t);
  const { caFile } = new CertificateMaker();
  const bad = await run("plan", "trial.yaml", "--target", target, "--target-ca", "nowhere.pem");
  assert.deepEqual([bad.code, bad.stdout, requests()], [2, "", 0]);
  assert.match(bad.stderr, /^tapeloop: --target-ca nowhere\.pem: cannot be read: .*\n$/);
  assert.equal((await run("plan", "trial.yaml", "--target", target, "--target-ca", caFile)).code, 0);
});
