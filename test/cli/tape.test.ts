import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { runCommandLine } from "../../cli/run.js";
import { openTapeWriter } from "../../tape/index.js";
import { batchOf, callPart, capturedRequest, capturedResponse, testKey, testRecorder } from "../support/captured.js";
import { fakeIo } from "../support/io.js";
import { tempFolder } from "../support/temp.js";

/** A tape with a GET of 200, a POST with a secret of 503, and one request of which no answer is known. */
async function smallTape(t: TestContext): Promise<string> {
  const path = join(tempFolder(t), "tape.db");
  const writer = await openTapeWriter({
    path,
    recorder: testRecorder("reviews-1", { service: "reviews" }),
    key: testKey,
  });
  const login = capturedRequest({
    method: "POST",
    path: "/login",
    headers: ["host", "reviews", "content-type", "application/json"],
    text: '{"password":"hunter2"}',
    startedMs: 20,
  });
  await writer.append(
    batchOf(
      callPart(10),
      callPart(20, { request: login, answer: capturedResponse("busy", { status: 503, startedMs: 21, endedMs: 22 }) }),
      callPart(30, { vantage: "mirror", answer: { kind: "unknown" } }),
    ),
  );
  await writer.count(1_700_000_000_000_000_000n, { seen: 4, kept: 3, dropped: 1 });
  await writer.close();
  return path;
}

async function printed(...words: string[]): Promise<string> {
  const io = fakeIo();
  assert.equal(await runCommandLine(["tape", ...words], io), 0, io.err());
  return io.out();
}

test("ls lists Exchanges in tape order, a line each", async (t) => {
  const lines = (await printed("ls", await smallTape(t))).trimEnd().split("\n");
  assert.equal(lines.length, 3);
  assert.match(lines[0]!, /^ +1 .* inbound +reviews +200 .*GET \/reviews\/1$/);
  assert.match(lines[1]!, /503 .*POST \/login$/);
});

test("ls --json prints one object a line, selected by --where and --limit", async (t) => {
  const tape = await smallTape(t);
  const failing = (await printed("ls", tape, "--json", "--where", "status >= 500")).trimEnd().split("\n");
  assert.deepEqual(
    failing.map((line) => JSON.parse(line)).map(({ id, method, status, vantage }) => ({ id, method, status, vantage })),
    [{ id: 2, method: "POST", status: 503, vantage: "inbound" }],
  );
  assert.equal((await printed("ls", tape, "--json", "--limit", "2")).trimEnd().split("\n").length, 2);
  const byBody = (await printed("ls", tape, "--json", "--where", 'answer.body ~ "busy"')).trimEnd().split("\n");
  assert.equal(byBody.length, 1);
});

test("show prints one Exchange with bodies, and never a secret", async (t) => {
  const tape = await smallTape(t);
  const shown = JSON.parse(await printed("show", tape, "2", "--json"));
  assert.equal(shown.request.body.kind, "whole");
  assert.match(shown.request.body.text, /^\{"password":"\w{7}"\}$/);
  assert.doesNotMatch(shown.request.body.text, /hunter2/);
  assert.deepEqual(shown.redacted.request, ["body:/password"]);
  assert.equal(shown.answer.body.text, "busy");
  assert.match(
    await printed("show", tape, "2"),
    /POST \/login http\/1\.1[\s\S]*503[\s\S]*busy[\s\S]*redacted: body:\/password/,
  );
});

test("show undoes content codings, as --where does", async (t) => {
  const path = join(tempFolder(t), "coded.db");
  const writer = await openTapeWriter({ path, recorder: testRecorder(), key: testKey });
  const coded = (coding: string, bytes: Uint8Array) => {
    const headers = ["content-type", "application/json", "content-encoding", coding];
    return capturedResponse("", { headers, body: { pieces: [bytes], fullBytes: bytes.length } });
  };
  await writer.append(
    batchOf(
      callPart(1, { answer: coded("gzip", gzipSync('{"zipped":"gz"}')) }),
      callPart(2, { answer: coded("br", brotliCompressSync('{"zipped":"br"}')) }),
    ),
  );
  await writer.close();
  assert.match(await printed("show", path, "1"), /\n\{"zipped":"gz"\}\n/);
  assert.match(await printed("show", path, "2"), /\n\{"zipped":"br"\}\n/);
});

test("show of an id that is not there says so", async (t) => {
  const io = fakeIo();
  assert.equal(await runCommandLine(["tape", "show", await smallTape(t), "99"], io), 2);
  assert.match(io.err(), /cannot show Exchange 99: .* has none with that id/);
});

test("stats counts what is there and what is missing", async (t) => {
  const tape = await smallTape(t);
  const stats = JSON.parse(await printed("stats", tape, "--json"));
  assert.equal(stats.exchanges, 3);
  assert.deepEqual(stats.byVantage, { inbound: 2, mirror: 1 });
  assert.deepEqual([stats.answers.response, stats.answers.failure, stats.answers.unknown], [2, 0, 1]);
  assert.equal(stats.dropped, 1);
  assert.equal(typeof stats.firstNs, "string");
  assert.match(await printed("stats", tape), /3 Exchanges[\s\S]*dropped 1/);
});
