import assert from "node:assert/strict";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { type TestContext, test } from "node:test";
import type { ReplayOptions } from "../../replayer/index.js";
import { curlLine } from "../../report/curl.js";
import { CertificateMaker } from "../support/certificates.js";
import { listenOnLoopback } from "../support/loopback.js";
import { type TapeCall, tapeOf } from "../support/replay-tape.js";
import { replayed, replayOptions } from "../support/replaying.js";
import { senderTo, wireRequest } from "../support/wire-request.js";

const json = { "content-type": "application/json" };
const tenantOf = (authority = "") => JSON.stringify({ tenant: authority.split(".")[0] });

/** One server for all hosts, HTTP/1.1, that answers with the first label of the host it was asked for. */
const gateway = async (t: TestContext) => {
  const server = http.createServer((request, response) => {
    request.resume().once("end", () => response.writeHead(200, json).end(tenantOf(request.headers.host)));
  });
  return `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
};

const gateway2 = async (t: TestContext) => {
  const server = http2.createServer((request, response) => {
    request.resume().once("end", () => response.writeHead(200, json).end(tenantOf(request.authority)));
  });
  return `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
};

const call = (startMs: number, authority: string, more: Partial<TapeCall> = {}): TapeCall => ({
  ...{ startMs, endMs: startMs + 5, authority, path: "/host", answerBody: tenantOf(authority) },
  ...more,
});

const ofTwoHosts = (more: Partial<TapeCall> = {}) =>
  tapeOf([call(0, "alpha.example", more), call(10, "beta.example", more), call(20, "alpha.example", more)]);

const keeping = (target: string, changes: Partial<ReplayOptions> = {}) =>
  replayOptions(target, { keepHost: true, allowWrites: true, ...changes });

const sendings: [what: string, more: Partial<TapeCall>, serve: typeof gateway][] = [
  ["a plain request", {}, gateway],
  ["a request that a full client writes", { method: "PROPFIND" }, gateway],
  ["a request with trailers", { method: "POST", body: "x", trailers: ["x-sum", "1"] }, gateway],
  ["a request over HTTP/2", { protocol: "h2", headers: [] }, gateway2],
];
for (const [what, more, serve] of sendings) {
  test(`${what} goes to the target with the host it was recorded with, where that is kept`, async (t) => {
    const { summary } = await replayed(await ofTwoHosts(more), keeping(await serve(t)));
    assert.deepEqual([summary.verdict, summary.sent, summary.warnings], ["passed", 3, []]);
  });
}

test("else it goes out with the target's own, and the run says what to do about several", async (t) => {
  const { summary } = await replayed(await ofTwoHosts(), replayOptions(await gateway(t)));
  assert.equal(summary.verdict, "diverged");
  assert.deepEqual(summary.warnings, [
    "calls were recorded to 2 hosts (alpha.example, beta.example) and go out with the target's own; where it answers by host, send each with the recorded one: --keep-host",
  ]);
});

test("names of one Service, ports and addresses are no other hosts; a host of the operator's is a choice", async (t) => {
  const target = await gateway(t);
  const warningsOf = async (authorities: readonly string[], changes: Partial<ReplayOptions> = {}) => {
    const tape = await tapeOf(authorities.map((authority, at) => call(10 * at, authority)));
    return (await replayed(tape, replayOptions(target, changes))).summary.warnings;
  };
  const names = ["reviews", "Reviews:9080", "reviews.shop:9080", "reviews.shop.svc.cluster.local", "10.0.0.7:9080"];
  assert.deepEqual(await warningsOf(names), []);
  assert.deepEqual(await warningsOf(["a.example", "b.example"], { headers: [["Host", "a.example"]] }), []);
});

test("every lane keeps the host", async (t) => {
  const asked: string[] = [];
  const listener: http.RequestListener = ({ headers: { host } }, response) => {
    asked.push(host!);
    response.writeHead(200, json).end(tenantOf(host));
  };
  const serve = async () => `http://127.0.0.1:${await listenOnLoopback(t, http.createServer(listener))}`;
  const options = keeping(await serve(), { baseline: await serve(), aa: true });
  const { summary } = await replayed(await ofTwoHosts(), options);
  assert.deepEqual([summary.verdict, summary.divergences.length], ["passed", 0]);
  assert.equal(asked.filter((host) => host === "alpha.example").length, 6);
  assert.equal(asked.filter((host) => host === "beta.example").length, 3);
});

test("a request that was recorded with no host has the target's", async (t) => {
  const tape = await tapeOf([call(0, "", { protocol: "http/1.0", headers: [], answerBody: tenantOf("127") })]);
  const { summary } = await replayed(tape, keeping(await gateway(t)));
  assert.deepEqual([summary.verdict, summary.sent], ["passed", 1]);
});

test("where a target stands for many, each with a host of its own, the recorded one still goes before it", async (t) => {
  const [alpha, beta] = [await gateway(t), await gateway(t)];
  const byAuthority = {
    "namespace shop": {
      "alpha.example": { url: alpha, authority: "a.shop.svc" },
      "beta.example": { url: beta, authority: "b.shop.svc" },
    },
  };
  const { summary } = await replayed(await ofTwoHosts(), keeping("namespace shop", { byAuthority }));
  assert.deepEqual([summary.verdict, summary.sent], ["passed", 3]);
});

test("a tape that is followed is sent with its hosts", async (t) => {
  const tape = await ofTwoHosts();
  const { summary } = await replayed(tape, keeping(await gateway(t), { follow: true }));
  assert.deepEqual([summary.verdict, summary.sent], ["passed", 3]);
});

test("the line that sends a call again by hand says the host", async (t) => {
  const server = http.createServer((_request, response) => void response.writeHead(500).end());
  const target = `http://127.0.0.1:${await listenOnLoopback(t, server)}`;
  const { kept, summary } = await replayed(await ofTwoHosts(), keeping(target));
  assert.equal(summary.settings.keepHost, true);
  assert.match(curlLine(kept.steps[1]!, { target }, kept.requests[1])!, /-H 'host: beta\.example' /);
});

test("a host from the operator and the recorded ones are not both to be had", async () => {
  const options = keeping("http://127.0.0.1:1", { headers: [["Host", "a.example"]] });
  await assert.rejects(replayed(await ofTwoHosts(), options), {
    name: "OperatorError",
    message: "--keep-host and --header host: contradict each other: give one of them",
  });
});

const certificates = new CertificateMaker();

/** A server over TLS, and the names that it was asked for. */
async function namedGateway(t: TestContext, protocol: "h1" | "h2"): Promise<{ port: number; asked: Set<string> }> {
  const { cert, key } = certificates.make("gateway", "DNS:alpha.example,DNS:beta.example");
  const asked = new Set<string>();
  const SNICallback = (name: string, done: (error: null) => void) => {
    asked.add(name);
    done(null);
  };
  const options = { cert, key, SNICallback };
  const server = protocol === "h1" ? https.createServer(options) : http2.createSecureServer(options);
  // Nobody here trusts the certificate: what is asked for comes before.
  server.on("tlsClientError", () => {});
  return { port: await listenOnLoopback(t, server), asked };
}

for (const [what, more] of [
  ["a client", {}],
  ["trailers", { method: "POST", body: "x", trailers: ["x-sum", "1"] }],
] as const) {
  test(`over TLS an address is asked for the host that goes out, a name for itself (${what})`, async (t) => {
    const { port, asked } = await namedGateway(t, "h1");
    const askedBy = async (options: ReplayOptions) => {
      asked.clear();
      await replayed(await ofTwoHosts(more), options);
      return [...asked].sort();
    };
    assert.deepEqual(await askedBy(keeping(`https://127.0.0.1:${port}`)), ["alpha.example", "beta.example"]);
    assert.deepEqual(await askedBy(keeping(`https://localhost:${port}`)), ["localhost"]);
    assert.deepEqual(await askedBy(replayOptions(`https://127.0.0.1:${port}`, { allowWrites: true })), []);
  });
}

test("over TLS HTTP/2 is asked for by the same name, first to know whether it is spoken", async (t) => {
  const { port, asked } = await namedGateway(t, "h2");
  const origin = `https://127.0.0.1:${port}`;
  await replayed(await ofTwoHosts({ protocol: "h2", headers: [] }), keeping(origin));
  assert.deepEqual([...asked], ["alpha.example"]);
  const sender = senderTo(t, origin, { http2: true, secure: { servername: "beta.example" } });
  await sender.send(wireRequest({ protocol: "h2" }), 30_000);
  assert.deepEqual([...asked], ["alpha.example", "beta.example"]);
});

test("over TLS with a CA of one's own each recorded host is asked for, trusted and answered", async (t) => {
  const secure = certificates.make("gateway", "DNS:alpha.example,DNS:beta.example");
  const server = https.createServer(secure, (request, response) => {
    request.resume().once("end", () => response.writeHead(200, json).end(tenantOf(request.headers.host)));
  });
  const target = `https://127.0.0.1:${await listenOnLoopback(t, server)}`;
  const options = keeping(target, { tls: { ca: certificates.ca, files: {} } });
  const { summary } = await replayed(await ofTwoHosts(), options);
  assert.deepEqual([summary.verdict, summary.sent, summary.warnings], ["passed", 3, []]);
});
