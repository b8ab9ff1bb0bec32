import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import tls from "node:tls";
import type { RunSummary } from "../../tape/index.js";
import { CertificateMaker } from "../support/certificates.js";
import { startChild } from "../support/child.js";
import { type Finished, type Home, newHome, tapeloop, tapeloopJsonLines } from "../support/command-line.js";
import { startCouponShop } from "../support/coupon-shop.js";
import { listenOnLoopback } from "../support/loopback.js";
import { startRecorderProcess } from "../support/recorder-process.js";

interface Call {
  method: string;
  path: string;
  body?: string;
  host?: string;
}

/** One connection, one call after the other. */
async function send(origin: string, calls: readonly Call[]): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (const { method, path, body, host } of calls) {
    await new Promise<void>((resolve, reject) => {
      const length = body === undefined ? {} : { "content-length": String(body.length) };
      const headers = host === undefined ? length : { ...length, host };
      const request = http.request(`${origin}${path}`, { method, agent, headers }, (response) => {
        response.resume().on("end", resolve).on("error", reject);
      });
      request.on("error", reject).end(body);
    });
  }
  agent.destroy();
}

/** Of 1,000 calls numbers 318 and 901 are the cause; the others are much like them. */
function thousandCalls(): Call[] {
  return Array.from({ length: 1000 }, (_, at): Call => {
    if (at === 317) return { method: "PUT", path: "/coupons/SPRING", body: '{"percent":120}' };
    if (at === 900) return { method: "GET", path: "/quotes/SPRING" };
    if (at % 9 === 0) return { method: "PUT", path: `/coupons/OTHER${at % 4}`, body: `{"percent":${at % 90}}` };
    if (at % 9 === 1) return { method: "GET", path: `/quotes/OTHER${at % 4}` };
    if (at % 9 === 2) return { method: "POST", path: "/notes", body: "{}" };
    return { method: "GET", path: `/items/${at % 50}` };
  });
}

interface Scene {
  home: Home;
  target: string;
  reset: string;
}

/** Records the calls before the old version, replays them to the new one: the run is in `out/run.db` of the home. */
async function divergedRun(t: TestContext, calls: readonly Call[]): Promise<Scene> {
  const home = newHome(t);
  const old = await startCouponShop(t, "old");
  const more = ["--mode", "inbound", "--upstream", old, "--service", "shop"];
  const recorder = await startRecorderProcess(t, home, { tape: "tape/", more });
  await send(`http://127.0.0.1:${recorder.port}`, calls);
  await recorder.stop();
  const target = await startCouponShop(t, "new");
  const words = ["replay", "tape/", "--target", target, "--allow-writes", "--order", "serial", "--report", "out/"];
  const replayed = await tapeloop(t, home, words);
  assert.equal(replayed.code, 1, replayed.stdout + replayed.stderr);
  return { home, target, reset: `curl -sSf -o /dev/null -X DELETE ${target}/state` };
}

async function listening(t: TestContext, listener: http.RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listenOnLoopback(t, http.createServer(listener))}`;
}

const shrinkWords = (reset: string, ...more: string[]) => [
  ...["shrink", "out/run.db", "--divergence", "1", "--reset-command", reset, ...more],
];

async function runsAlone(t: TestContext, home: Home, file: string, target: string): Promise<Finished> {
  const child = startChild(t, process.execPath, ["--test", file], {
    env: { ...home.env, TARGET: target },
    cwd: home.folder,
  });
  const { code } = await child.ended;
  return { code, stdout: child.stdout, stderr: child.stderr };
}

test("a run that kept the recorded hosts is shrunk with them, and what is written says them", async (t) => {
  const home = newHome(t);
  const serve =
    (answerOf: (host: string) => string) => (request: http.IncomingMessage, response: http.ServerResponse) =>
      void response.writeHead(200, { "content-type": "application/json" }).end(answerOf(request.headers.host ?? ""));
  const known = ["alpha.example", "beta.example"];
  const old = await listening(
    t,
    serve((host) => JSON.stringify({ tenant: known.indexOf(host) })),
  );
  const target = await listening(
    t,
    serve((host) => JSON.stringify({ tenant: Math.min(0, known.indexOf(host)) })),
  );
  const more = ["--mode", "inbound", "--upstream", old, "--service", "shop"];
  const recorder = await startRecorderProcess(t, home, { tape: "tape/", more });
  for (const host of known) await send(`http://127.0.0.1:${recorder.port}`, [{ method: "GET", path: "/host", host }]);
  await recorder.stop();
  const replayed = await tapeloop(t, home, ["replay", "tape/", "--target", target, "--keep-host", "--report", "out/"]);
  assert.match(replayed.stdout, /GET \/host: .*1 → 0, 1 of 2/);
  const shrunk = await tapeloop(t, home, shrinkWords("true"));
  assert.match(shrunk.stdout, /^1 of 2 calls show it/, shrunk.stdout + shrunk.stderr);
  assert.match(readFileSync(join(home.folder, "shrunk/calls.sh"), "latin1"), /-H 'host: beta\.example'/);
  assert.match(readFileSync(join(home.folder, "shrunk/calls.har"), "utf8"), /"url":"http:\/\/beta\.example\/host"/);
  assert.equal((await runsAlone(t, home, "shrunk/calls.test.mjs", target)).code, 1);
  assert.equal((await runsAlone(t, home, "shrunk/calls.test.mjs", old)).code, 0);
});

test("a 1,000-exchange tape with a cause of two requests is shrunk to those two", async (t) => {
  const { home, target, reset } = await divergedRun(t, thousandCalls());
  const shrunk = await tapeloop(t, home, shrinkWords(reset));
  assert.equal(shrunk.code, 0, shrunk.stderr);
  const [, left, of, replays, ids] = /^(\d+) of (\d+) calls show it, after (\d+) replays: (.*)\n/.exec(shrunk.stdout)!;
  assert.deepEqual([left, of, ids], ["2", "1000", "318, 901"]);
  // k = 1 beside the call it shows at, n = 999: 2 (log2 999 + 1) + 1 + 9.
  assert.ok(Number(replays) <= 32, `${replays} replays`);
  assert.match(shrunk.stdout, /none of them can be left out/);
  assert.doesNotMatch(shrunk.stdout, /flaky/);
  t.diagnostic(`${replays} replays`);

  await t.test("written as a tape that keeps the ids and shows the same", async () => {
    const listed = await tapeloopJsonLines<{ id: number; path: string }>(t, home, [
      "tape",
      "ls",
      "shrunk/tape",
      "--json",
    ]);
    assert.deepEqual(
      listed.map(({ id, path }) => [id, path]),
      [
        [318, "/coupons/SPRING"],
        [901, "/quotes/SPRING"],
      ],
    );
    await fetch(`${target}/state`, { method: "DELETE" });
    const again = await tapeloop(t, home, [
      ...["replay", "shrunk/tape", "--target", target, "--allow-writes", "--json"],
    ]);
    const { divergences } = JSON.parse(again.stdout) as RunSummary;
    assert.deepEqual(
      divergences.map(({ place }) => place),
      ["body:/price"],
    );
  });

  await t.test("as a test that fails on the new version and passes on the old one", async () => {
    const file = "shrunk/calls.test.mjs";
    await fetch(`${target}/state`, { method: "DELETE" });
    const failed = await runsAlone(t, home, file, target);
    assert.equal(failed.code, 1);
    assert.match(failed.stdout, /at body:\/price/);
    const passed = await runsAlone(t, home, file, await startCouponShop(t, "old"));
    assert.equal(passed.code, 0, passed.stdout);
  });

  await t.test("as a curl script that shows the price below nothing, and as HAR", async () => {
    await fetch(`${target}/state`, { method: "DELETE" });
    const child = startChild(t, "sh", ["shrunk/calls.sh"], { env: home.env, cwd: home.folder });
    assert.equal((await child.ended).code, 0);
    assert.match(child.stdout, /"price":-20/);
    const har = JSON.parse(readFileSync(join(home.folder, "shrunk/calls.har"), "utf8")) as {
      log: { entries: { request: { method: string } }[] };
    };
    assert.deepEqual(
      har.log.entries.map((entry) => entry.request.method),
      ["PUT", "GET"],
    );
  });
});

const fewCalls: Call[] = [
  { method: "GET", path: "/items/1" },
  { method: "PUT", path: "/coupons/SPRING", body: '{"percent":120}' },
  { method: "GET", path: "/items/2" },
  { method: "GET", path: "/quotes/SPRING" },
];

/** TLS before a service that has none. */
async function secured(t: TestContext, origin: string, certificate: { cert: string; key: string }): Promise<string> {
  const { hostname, port } = new URL(origin);
  const server = tls.createServer(certificate, (socket) => {
    const behind = net.connect(Number(port), hostname);
    socket.on("error", () => behind.destroy());
    behind.on("error", () => socket.destroy());
    socket.pipe(behind).pipe(socket);
  });
  return `https://127.0.0.1:${await listenOnLoopback(t, server)}`;
}

test("files of TLS are the run's own, and stand in script and test", async (t) => {
  const { home, target, reset } = await divergedRun(t, fewCalls);
  const certificates = new CertificateMaker();
  const secure = await secured(t, target, certificates.make("shop", "IP:127.0.0.1"));
  await fetch(`${target}/state`, { method: "DELETE" });
  const to = ["--target", secure, "--target-ca", certificates.caFile, "--allow-writes", "--order", "serial"];
  const run = await tapeloop(t, home, ["replay", "tape/", ...to, "--report", "out/"]);
  assert.equal(run.code, 1, run.stdout + run.stderr);
  const shrunk = await tapeloop(t, home, shrinkWords(reset));
  assert.equal(shrunk.code, 0, shrunk.stderr);
  await fetch(`${target}/state`, { method: "DELETE" });
  const script = startChild(t, "sh", ["shrunk/calls.sh"], { env: home.env, cwd: home.folder });
  assert.equal((await script.ended).code, 0, script.stderr);
  assert.match(script.stdout, /"price":-20/);
  const failed = await runsAlone(t, home, "shrunk/calls.test.mjs", secure);
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /at body:\/price/);
});

test("what ends a search early, or before it begins, is said in a line", async (t) => {
  const { home, reset } = await divergedRun(t, fewCalls);

  await t.test("--max-replays: what was found by then, and that it may not be the least", async () => {
    const shrunk = await tapeloop(t, home, shrinkWords(reset, "--max-replays", "5"));
    assert.equal(shrunk.code, 0, shrunk.stderr);
    assert.match(
      shrunk.stdout,
      /^\d of 4 calls show it, after 5 replays: .*\n--max-replays 5 was reached: fewer may do/,
    );
  });

  await t.test("a divergence that does not show any more", async () => {
    const old = await startCouponShop(t, "old");
    const gone = await tapeloop(t, home, shrinkWords(reset, "--target", old, "--out", "gone"));
    assert.equal(gone.code, 3);
    assert.match(
      gone.stderr,
      /^tapeloop: cannot shrink divergence 1 .*2 replays of the same 4 calls did not show it.*\n$/m,
    );
  });

  await t.test("a number that no divergence has, and a folder that is not empty", async () => {
    const unknown = await tapeloop(t, home, ["shrink", "out/run.db", "--divergence", "7"]);
    assert.deepEqual([unknown.code, unknown.stdout], [2, ""]);
    assert.match(unknown.stderr, /it has 1 to 1; `tapeloop report out\/run\.db` lists them/);
    const taken = await tapeloop(t, home, shrinkWords(reset, "--out", "tape"));
    assert.equal(taken.code, 2);
    assert.match(taken.stderr, /cannot write to tape: it is not empty/);
  });

  await t.test("a reset that fails", async () => {
    const failing = await tapeloop(t, home, shrinkWords("echo no database >&2; exit 4", "--out", "failing"));
    assert.equal(failing.code, 2);
    assert.match(failing.stderr, /no database[\s\S]*--reset-command .*: exit code 4/);
  });
});
