import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";
import { test } from "node:test";
import { CertificateMaker } from "../../support/certificates.js";
import { startChild } from "../../support/child.js";
import { askHttp1 } from "../../support/clients.js";
import { mainFile, newHome, tapeloop, tapeloopJsonLines } from "../../support/command-line.js";
import { listenOnLoopback } from "../../support/loopback.js";

test("both sides of a service are recorded by one process, the routes' files beside the routes", async (t) => {
  const home = newHome(t);
  const certificates = new CertificateMaker();
  const service = https.createServer(certificates.make("ratings", "DNS:ratings.test"), (_q, r) => r.end("stars"));
  const ratings = await listenOnLoopback(t, service);
  writeFileSync(join(home.folder, "ca.pem"), certificates.ca);
  const route = `{ host: ratings, upstream: "https://127.0.0.1:${ratings}", tls: { ca: ca.pem, serverName: ratings.test } }`;
  writeFileSync(join(home.folder, "routes.yaml"), `routes:\n  - ${route}\n`);
  const outbound = { port: 0 };
  const reviews = http.createServer((_request, response) => {
    const ask = { host: "127.0.0.1", port: outbound.port, path: "/ratings", headers: { host: "ratings" } };
    http.get(ask, (answer) => answer.pipe(response));
  });
  const upstream = `http://127.0.0.1:${await listenOnLoopback(t, reviews)}`;
  const words = ["record", "--mode", "inbound", "--listen", "127.0.0.1:0", "--upstream", upstream, "--tape", "tape.db"];
  const more = [
    "--service",
    "reviews",
    "--outbound",
    "127.0.0.1:0",
    "--outbound-routes",
    join(home.folder, "routes.yaml"),
  ];
  const child = startChild(t, process.execPath, [mainFile, ...words, ...more], { env: home.env, cwd: home.folder });
  const ready = JSON.parse(await child.firstLine()) as { ready: true; listen: string; outbound: string };
  outbound.port = Number(ready.outbound.split(":").at(-1));
  const got = await askHttp1(Number(ready.listen.split(":").at(-1)), { method: "GET", path: "/reviews" });
  assert.equal(got.body.toString(), "stars");
  assert.equal((await child.end("SIGTERM")).code, 0);
  const lines = await tapeloopJsonLines<Record<string, unknown>>(t, home, ["tape", "ls", "tape.db", "--json"]);
  assert.deepEqual(
    lines
      .map(({ vantage, caller, callee }) => ({ vantage, caller, callee }))
      .sort((a, b) => (String(a.vantage) < String(b.vantage) ? -1 : 1)),
    [
      { vantage: "inbound", caller: undefined, callee: "reviews" },
      { vantage: "outbound", caller: "reviews", callee: "ratings" },
    ],
  );
});

test("routes that cannot be read, and an open proxy, are refused in one line", async (t) => {
  const home = newHome(t);
  writeFileSync(join(home.folder, "routes.yaml"), 'routes: [{ host: a, upstream: "http://a", tls: { ca: none.pem } }]');
  const words = ["record", "--mode", "outbound", "--tape", "tape.db", "--listen"];
  for (const [flags, said] of [
    [["127.0.0.1:0", "--outbound-routes", "none.yaml"], /--outbound-routes none\.yaml: cannot be read/],
    [["127.0.0.1:0", "--outbound-routes", "routes.yaml"], /none\.pem: cannot be read/],
    [["0.0.0.0:0"], /forwarded for anyone who reaches it/],
    [["0.0.0.0:0", "--allow-remote-clients"], /which hosts may be reached/],
  ] as const) {
    const { code, stderr } = await tapeloop(t, home, [...words, ...flags]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
    assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
  }
});
