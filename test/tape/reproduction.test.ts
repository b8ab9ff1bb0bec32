import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Answer } from "../../tape/index.js";
import { curlScript, type ReproducedDivergence, reproducedCalls, testFile } from "../../tape/reproduction/index.js";
import { startChild } from "../support/child.js";
import { grpcFrame } from "../support/grpc.js";
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

/** Writes the test of a divergence at one of the calls, and runs it against a real service. */
async function run(
  t: TestContext,
  at: number,
  divergence: Pick<ReproducedDivergence, "place" | "kind" | "reference"> & { redacted?: string[] },
) {
  const { url } = await startService(t);
  const tape = await tapeOf(calls);
  const ids: number[] = [];
  for await (const { id } of tape.skim()) ids.push(id);
  const sent = await reproducedCalls(tape, ids, url);
  const file = join(tempFolder(t), "calls.test.mjs");
  writeFileSync(file, testFile(sent, url, { title: "as before", target: ids[at]!, redacted: [], ...divergence }));
  const child = startChild(t, process.execPath, ["--test", file], { env: { PATH: process.env.PATH } });
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

test("where a pseudonym stands, the type alone is compared", async (t) => {
  const reference = response({ json: { path: "/x" } });
  const { passed, said } = await run(t, 0, {
    place: "body:/path",
    kind: "changed-value",
    reference,
    redacted: ["body:/path"],
  });
  assert.ok(passed, said);
});

test("the curl script goes to the target, and its comments hold nothing that ends a line", async () => {
  const tape = await tapeOf(calls.slice(0, 1));
  const sent = await reproducedCalls(tape, [1], "http://127.0.0.1:8080");
  const script = curlScript(sent, ["one\ntwo"]);
  assert.match(script, /^#!\/bin\/sh\n# one\?two\n\n# 1\ncurl .*'?http:\/\/127\.0\.0\.1:8080\/echo\/a\?b=1'?\necho\n$/);
  assert.doesNotMatch(script, /shop:80/);
});
