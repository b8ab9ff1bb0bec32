import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Answer, TlsFiles } from "../../tape/index.js";
import {
  curlScript,
  type ReproducedDivergence,
  reproducedCalls,
  testFile,
  whyUntestable,
} from "../../tape/reproduction/index.js";
import { CertificateMaker } from "../support/certificates.js";
import { startChild } from "../support/child.js";
import { grpcFrame } from "../support/grpc.js";
import { listenOnLoopback } from "../support/loopback.js";
import { type TapeCall, tapeOf } from "../support/replay-tape.js";
import { tempFolder } from "../support/temp.js";
import { startService } from "../support/upstream.js";

const calls: TapeCall[] = [
  {
    startMs: 0,
    method: "POST",
    path: "/echo/a?b=1",
    body: '{"n":1}',
    headers: ["host", "shop:80", "content-type", "application/json", "x-dup", "1", "x-dup", "2"],
  },
  { startMs: 10, path: "/gzip" },
  { startMs: 20, path: "/chunks" },
  {
    ...{ startMs: 30, method: "POST", path: "/test.Echo/Missing", protocol: "h2", body: grpcFrame(Buffer.from("x")) },
    headers: ["content-type", "application/grpc", "te", "trailers"],
  },
];

type Saying = { body?: string; cookies?: string[] };
type Response = Extract<Answer, { kind: "response" }>;

const response = (changes: Partial<Response> & { json?: unknown }): Answer => {
  const { json, ...rest } = changes;
  const bytes = Buffer.from(json === undefined ? "" : JSON.stringify(json));
  return {
    kind: "response",
    status: 200,
    end: "complete",
    headers: [],
    trailers: [],
    body: { kind: "whole", bytes, hash: "00" },
    ...rest,
  };
};

/** Writes the test of a divergence at one of the calls, and runs it against a real service, or what is named. */
async function run(
  t: TestContext,
  at: number,
  divergence: Pick<ReproducedDivergence, "place" | "kind" | "reference"> & { redacted?: string[] },
  target?: string,
  sending: readonly TapeCall[] = calls,
  { tls = {}, env = {} }: { tls?: TlsFiles; env?: Record<string, string> } = {},
) {
  const url = target ?? (await startService(t)).url;
  const tape = await tapeOf(sending);
  const ids: number[] = [];
  for await (const { id } of tape.skim()) ids.push(id);
  const sent = await reproducedCalls(tape, ids, { target: url });
  const file = join(tempFolder(t), "calls.test.mjs");
  writeFileSync(
    file,
    testFile(sent, { target: url }, { title: "as before", target: ids[at]!, redacted: [], ...divergence }, tls),
  );
  const child = startChild(t, process.execPath, ["--test", file], { env: { PATH: process.env.PATH, ...env } });
  const { code } = await child.ended;
  return { passed: code === 0, said: child.stdout };
}

const cases: [
  what: string,
  at: number,
  place: string,
  kind: ReproducedDivergence["kind"],
  same: Answer,
  other: Answer,
][] = [
  ["a status", 1, "status", "status", response({}), response({ status: 500 })],
  [
    "a header",
    1,
    "header:content-encoding",
    "changed-header",
    response({ headers: [["Content-Encoding", "gzip"]] }),
    response({}),
  ],
  [
    "a trailer",
    2,
    "trailer:x-checksum",
    "changed-trailer",
    response({ trailers: [["x-checksum", "abc123"]] }),
    response({ trailers: [["x-checksum", "no"]] }),
  ],
  [
    "a value in a coded body",
    1,
    "body:/times",
    "changed-value",
    response({ json: { times: 3 } }),
    response({ json: { times: 4 } }),
  ],
  [
    "a field that is missing",
    1,
    "body:/zipped",
    "missing-field",
    response({ json: { zipped: true } }),
    response({ json: {} }),
  ],
  [
    "a type",
    0,
    "body:/bodyBytes",
    "changed-type",
    response({ json: { bodyBytes: 9 } }),
    response({ json: { bodyBytes: "9" } }),
  ],
  [
    "repeated fields of the request",
    0,
    "body:/dup/*",
    "changed-value",
    response({ json: { dup: ["1", "2"] } }),
    response({ json: { dup: ["1"] } }),
  ],
  [
    "the length of an array",
    0,
    "body:/dup",
    "array-length",
    response({ json: { dup: [0, 0] } }),
    response({ json: { dup: [0] } }),
  ],
  [
    "a status of gRPC",
    3,
    "header:grpc-status",
    "changed-header",
    response({ headers: [["grpc-status", "5"]] }),
    response({ headers: [["grpc-status", "0"]] }),
  ],
];

for (const [what, at, place, kind, same, other] of cases) {
  test(`a written test sees ${what}`, async (t) => {
    const good = await run(t, at, { place, kind, reference: same });
    assert.ok(good.passed, good.said);
    const bad = await run(t, at, { place, kind, reference: other });
    assert.ok(!bad.passed);
    assert.match(bad.said, new RegExp(`at ${place.replaceAll("*", "\\*")}`));
  });
}

/** A service that always answers so: `cookies` and `body` are what it says. */
async function startAnswering(t: TestContext, answer: Saying): Promise<string> {
  const server = http.createServer((_request, response) => {
    response.setHeader("content-type", "application/json");
    if (answer.cookies !== undefined) response.setHeader("set-cookie", answer.cookies);
    response.end(answer.body ?? "{}");
  });
  return listenFor(t, server);
}

async function listenFor(t: TestContext, server: http.Server | http2.Http2Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const told: [what: string, place: string, kind: ReproducedDivergence["kind"], same: Saying, other: Saying][] = [
  [
    "an attribute of a cookie",
    ...(["header:set-cookie/aaa/httponly", "missing-header"] as const),
    { cookies: ["aaa=1; Path=/; HttpOnly", "b=2"] },
    { cookies: ["aaa=1; path=/", "b=2; HttpOnly"] },
  ],
  [
    "the value of a cookie",
    ...(["header:set-cookie/aaa", "changed-header"] as const),
    { cookies: ["aaa=1; Secure"] },
    { cookies: ["aaa=2; Secure"] },
  ],
  [
    "a key that comes twice",
    ...(["body:/a", "duplicate-key"] as const),
    { body: '{"b":2, "a":1}' },
    { body: '{"a":1,"a":1,"b":2}' },
  ],
  [
    "an integer beyond 2^53",
    ...(["body:/list/*/n", "changed-value"] as const),
    { body: '{"list":[{"n":9007199254740993,"s":"\\u00e9\\"}"}]}' },
    { body: '{"list":[{"n":9007199254740992,"s":"é\\"}"}]}' },
  ],
  [
    "an object, whatever the order of its members",
    ...(["body:/o", "changed-value"] as const),
    { body: '{"o":{"x":[],"y":{"z":null}}}' },
    { body: '{"o":{"y":{"z":true},"x":[]}}' },
  ],
  ["a byte order mark", ...(["body", "body-format"] as const), { body: '{"a":1}' }, { body: '\ufeff{"a":1}' }],
];

for (const [what, place, kind, same, other] of told) {
  test(`a written test tells ${what}`, async (t) => {
    const reference = response({
      headers: [
        ["content-type", "application/json"],
        ...(same.cookies ?? []).map((one) => ["set-cookie", one] as const),
      ],
      body: { kind: "whole", bytes: Buffer.from(same.body ?? "{}"), hash: "00" },
    });
    const divergence = { place, kind, reference };
    const good = await run(t, 1, divergence, await startAnswering(t, same));
    assert.ok(good.passed, good.said);
    const bad = await run(t, 1, divergence, await startAnswering(t, other));
    assert.ok(!bad.passed, bad.said);
  });
}

test("a written test sends a body without a stated length in chunks", async (t) => {
  const server = http.createServer((request, answer) => {
    request.resume().on("end", () => answer.end(JSON.stringify(request.headers)));
  });
  const reference = response({ json: { "transfer-encoding": "chunked" } });
  const divergence = { place: "body:/transfer-encoding", kind: "changed-value" as const, reference };
  const { passed, said } = await run(t, 0, divergence, await listenFor(t, server));
  assert.ok(passed, said);
});

test("a test of an https target reads the files it was replayed with, or those of the environment", async (t) => {
  const certificates = new CertificateMaker();
  const secure = certificates.make("service", "IP:127.0.0.1");
  const ours = certificates.make("replayer", "DNS:replayer");
  const asking = { ...secure, ca: certificates.ca, requestCert: true, allowHTTP1: true };
  const server = http2.createSecureServer(asking, (_request, response) => void response.end());
  const url = `https://127.0.0.1:${await listenOnLoopback(t, server as unknown as Server)}`;
  const files = { ca: certificates.caFile, cert: ours.certFile, key: ours.keyFile };
  const divergence = { place: "status", kind: "status" as const, reference: response({}) };
  for (const at of [0, 3]) {
    const { passed, said } = await run(t, at, divergence, url, calls, { tls: files });
    assert.ok(passed, said);
  }
  const env = { TARGET_CA: files.ca, TARGET_CERT: files.cert, TARGET_KEY: files.key };
  const { passed, said } = await run(t, 0, divergence, url, calls, { env });
  assert.ok(passed, said);
  assert.ok(!(await run(t, 0, divergence, url)).passed);
});

test("a written test sends a request without a body over HTTP/2", async (t) => {
  const server = http2.createServer((request, answer) => {
    answer.setHeader("content-type", "application/json");
    answer.end(JSON.stringify({ method: request.method }));
  });
  const target = await listenFor(t, server);
  const only: TapeCall[] = [{ startMs: 0, path: "/x", protocol: "h2", headers: [] }];
  const seen = (method: string) =>
    run(
      t,
      0,
      { place: "body:/method", kind: "changed-value", reference: response({ json: { method } }) },
      target,
      only,
    );
  const good = await seen("GET");
  assert.ok(good.passed, good.said);
  assert.ok(!(await seen("PUT")).passed);
});

test("where no test can tell the divergence, why is said", () => {
  const why = (place: string, kind: ReproducedDivergence["kind"], ...redacted: string[]) =>
    whyUntestable({ title: "", target: 1, place, kind, reference: response({}), redacted });
  assert.match(why("body:/token", "changed-value", "body:/token")!, /a pseudonym at body:\/token/);
  assert.match(why("body:/list/*/token", "changed-value", "body:/list/0/token")!, /pseudonym/);
  assert.match(why("header:set-cookie/sid", "changed-header", "set-cookie:sid")!, /pseudonym/);
  assert.match(why("timing", "slower")!, /how long/);
  assert.match(why("hop", "missing-call")!, /hop below/);
  assert.equal(why("body:/token", "missing-field", "body:/token"), undefined);
  assert.equal(why("body:/name", "changed-value", "body:/token"), undefined);
});

test("where a pseudonym stands, what is told by the type is compared", async (t) => {
  const reference = response({ json: { path: "/x" } });
  const divergence = { place: "body:/path", kind: "changed-type", reference, redacted: ["body:/path"] } as const;
  const { passed, said } = await run(t, 0, { ...divergence, redacted: [...divergence.redacted] });
  assert.ok(passed, said);
});

test("where the recorded host was kept, test and script say it, over HTTP/2 too", async (t) => {
  const asked: (string | undefined)[] = [];
  const h1 = http.createServer((request, response) => {
    asked.push(request.headers.host);
    response.writeHead(200).end();
  });
  const h2 = http2.createServer((request, response) => {
    asked.push(request.authority);
    response.writeHead(200).end();
  });
  const divergence = { place: "status", kind: "status", reference: response({}), target: 1, redacted: [] } as const;
  for (const [server, protocol] of [
    [h1, "http/1.1"],
    [h2, "h2"],
  ] as const) {
    const target = await listenFor(t, server);
    const tape = await tapeOf([{ startMs: 0, authority: "alpha.example", protocol }]);
    const sent = await reproducedCalls(tape, [1], { target, keepHost: true });
    assert.match(curlScript(sent, []), /-H 'host: alpha\.example' .*http:\/\/127\.0\.0\.1:/);
    const file = join(tempFolder(t), "calls.test.mjs");
    writeFileSync(file, testFile(sent, { target }, { title: "as before", ...divergence }));
    const child = startChild(t, process.execPath, ["--test", file], { env: { PATH: process.env.PATH } });
    assert.equal((await child.ended).code, 0, child.stdout);
  }
  assert.deepEqual(asked, ["alpha.example", "alpha.example"]);
});

test("keys of idempotency are other ones in the script, and in the test each time it is run", async (t) => {
  const recorded = "8e03978e-40d5-43e8-bc93-6894a57f9324";
  const asked: (string | undefined)[] = [];
  const server = http.createServer((request, response) => {
    asked.push(String(request.headers["idempotency-key"]));
    request.resume().once("end", () => response.writeHead(200).end());
  });
  const target = await listenFor(t, server);
  const pay = { method: "POST", path: "/pay", headers: ["Idempotency-Key", recorded], body: "{}" };
  const tape = await tapeOf([0, 10].map((startMs) => ({ startMs, ...pay })));
  const divergence = { place: "status", kind: "status", reference: response({}), target: 1, redacted: [] } as const;
  const runWritten = async (at: Parameters<typeof reproducedCalls>[2]) => {
    const sent = await reproducedCalls(tape, [1, 2], at);
    const file = join(tempFolder(t), "calls.test.mjs");
    writeFileSync(file, testFile(sent, at, { title: "as before", ...divergence }));
    for (let times = 0; times < 2; times++) {
      const child = startChild(t, process.execPath, ["--test", file], { env: { PATH: process.env.PATH } });
      assert.equal((await child.ended).code, 0, child.stdout);
    }
    return curlScript(sent, []);
  };
  const script = await runWritten({ target });
  const [first, , second] = asked;
  assert.deepEqual(asked, [first, first, second, second]);
  for (const key of [first!, second!])
    assert.match(key, /^8[0-9a-f]{7}-[0-9a-f]{4}-4[0-9a-f]{3}-b[0-9a-f]{3}-[0-9a-f]{12}$/);
  const scripted = [...script.matchAll(/Idempotency-Key: ([^']*)'/g)].map(([, key]) => key);
  assert.equal(new Set([recorded, first, second, scripted[0]]).size, 4);
  assert.deepEqual(scripted, [scripted[0], scripted[0]]);
  asked.length = 0;
  assert.match(await runWritten({ target, keepIdempotencyKeys: true }), new RegExp(recorded));
  assert.deepEqual(new Set(asked), new Set([recorded]));
});

test("the curl script goes to the target, and its comments hold nothing that ends a line", async () => {
  const tape = await tapeOf(calls.slice(0, 1));
  const sent = await reproducedCalls(tape, [1], { target: "http://127.0.0.1:8080" });
  const script = curlScript(sent, ["one\ntwo"]);
  assert.match(script, /^#!\/bin\/sh\n# one\?two\n\n# 1\ncurl .*'?http:\/\/127\.0\.0\.1:8080\/echo\/a\?b=1'?\necho\n$/);
  assert.doesNotMatch(script, /shop:80/);
});
