import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { OperatorError } from "../../base/index.js";
import { unknownHash } from "../../message/index.js";
import { importFiles, openTape, openTapeWriter, parseWhere, redactionKey } from "../../tape/index.js";
import { allOf, batchOf, callPart, testKey, testRecorder } from "../support/captured.js";
import { projectFolder } from "../support/project.js";
import { tempFolder } from "../support/temp.js";

const golden = (name: string) => join(projectFolder, "test/fixtures/har", `${name}.har`);
const separator = "\n🐵🙈🙉\n";
const gorCall = (id: number) =>
  `1 ${id} ${id}000 5\nGET /${id} HTTP/1.1\r\nHost: a\r\n\r\n${separator}2 ${id} ${id}100 7\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok${separator}`;

function file(t: TestContext, name: string, bytes: string | Uint8Array): string {
  const path = join(tempFolder(t), name);
  writeFileSync(path, bytes);
  return path;
}

async function pathsOn(tape: string): Promise<string[]> {
  const reader = await openTape([tape]);
  const found = (await allOf(reader.skim())).map(({ request }) => request.path);
  await reader.close();
  return found;
}

test("calls of several files come onto one tape of vantage import, secrets replaced, counted in its ledger", async (t) => {
  const tape = join(tempFolder(t), "tape");
  const summary = await importFiles({ files: [golden("chrome"), golden("firefox")], tape, key: testKey });
  assert.equal(summary.kept, 9);
  assert.deepEqual(summary.notes, { cached: 2, "not-http": 1, "as-h2": 1, "missing-body": 1 });
  const reader = await openTape([tape]);
  const exchanges = await allOf(reader.read());
  assert.ok(exchanges.every(({ vantage }) => vantage === "import"));
  assert.ok(exchanges.some(({ redacted }) => redacted.request.includes("body:/password")));
  const { counts, truncated, gaps, recorders } = await reader.stats();
  assert.deepEqual([counts.seen, counts.kept, counts.truncated, truncated], [9, 9, 1, 1]);
  assert.deepEqual([gaps.length, recorders.length, recorders[0]!.stoppedNs !== undefined], [0, 1, true]);
  const font = exchanges.find(({ request }) => request.path === "/tea.woff2");
  assert.ok(font?.answer.kind === "response" && font.answer.body.kind === "cut");
  assert.deepEqual([font.answer.body.hash, font.answer.body.fullBytes], [unknownHash, 18_444], "no hash is made up");
  await reader.close();
  const bytes = readdirSync(tape).map((name) => readFileSync(join(tape, name)).toString("latin1"));
  for (const secret of ["correct-horse-9", "s3cr3t-t0k3n-value", "4f1d2c9a7b", "9a8b7c6d5e", "a1b2c3xx"]) {
    assert.ok(!bytes.some((text) => text.includes(secret)), secret);
  }
});

test("rules of one's own are followed beside those that need no asking, and stand on the tape", async (t) => {
  const path = file(t, "a.gor", gorCall(1).replace("GET /1 ", "GET /1?ref=inner-77&q=tea&token=zz91kk72 "));
  const tape = join(tempFolder(t), "a.db");
  const redaction = { names: [{ name: "ref" }] };
  await importFiles({ files: [path], tape, key: testKey, redaction });
  const reader = await openTape([tape]);
  const [exchange] = await allOf(reader.read());
  const { recorders } = await reader.stats();
  await reader.close();
  assert.match(exchange!.request.path, /^\/1\?ref=(?!inner-77)[^&]+&q=tea&token=(?!zz91kk72)[^&]+$/);
  assert.deepEqual(exchange!.redacted.request, ["query:ref", "query:token"]);
  assert.deepEqual(recorders[0]!.redaction, [redaction]);
});

test("times are exact to the nanosecond, however long ago", async (t) => {
  const path = file(t, "a.gor", `1 a 1234567890123456789 5\nGET / HTTP/1.1\r\n\r\n${separator}`);
  const tape = join(tempFolder(t), "a.db");
  await importFiles({ files: [path], tape, key: testKey });
  const reader = await openTape([tape]);
  const [exchange] = await allOf(reader.read());
  assert.deepEqual(
    [exchange!.startedNs, exchange!.requestEndedNs],
    [1_234_567_890_123_456_789n, 1_234_567_890_123_456_794n],
  );
  await reader.close();
});

test("--where decides which calls come in", async (t) => {
  const folder = tempFolder(t);
  const which = parseWhere('method = POST and body ~ "user"');
  const summary = await importFiles({
    files: [golden("chrome"), golden("firefox")],
    tape: join(folder, "a.db"),
    key: testKey,
    which,
  });
  assert.deepEqual([summary.kept, summary.deselected], [1, 8]);
  assert.deepEqual(summary.notes, { cached: 2, "not-http": 1 }, "what is said is about what was taken");
  assert.deepEqual(await pathsOn(join(folder, "a.db")), ["/api/login"]);
});

test("a file that breaks off leaves nothing, or with partial what came before", async (t) => {
  const whole = gorCall(1) + gorCall(2);
  const path = file(t, "cut.gor", whole + gorCall(3).slice(0, 20));
  for (const target of ["folder", "file.db"]) {
    const folder = tempFolder(t);
    const tape = join(folder, target);
    const refused = importFiles({ files: [path], tape, key: testKey });
    await assert.rejects(refused, /cut\.gor": it ends inside a record, after 4 records, at byte \d+$/);
    assert.deepEqual(readdirSync(folder), [], "nothing is left behind");
    const summary = await importFiles({ files: [path], tape, key: testKey, partial: true });
    assert.match(String((summary.stoppedBy as Error).message), /cut\.gor/);
    assert.deepEqual(await pathsOn(tape), ["/1", "/2"]);
  }
});

test("a folder gets further segments and keeps those it has as they are", async (t) => {
  const tape = join(tempFolder(t), "tape");
  const writer = await openTapeWriter({ path: `${tape}/`, recorder: testRecorder(), key: testKey });
  await writer.append(batchOf(callPart(1)));
  await writer.close();
  const before = readFileSync(join(tape, "segment-000001.db"));
  await importFiles({ files: [file(t, "a.gor", gorCall(1))], tape, key: testKey });
  await importFiles({ files: [file(t, "b.gor", gorCall(2))], tape, key: testKey });
  assert.deepEqual(readdirSync(tape).sort(), ["segment-000001.db", "segment-000002.db", "segment-000003.db"]);
  assert.deepEqual(readFileSync(join(tape, "segment-000001.db")), before);
  assert.equal(statSync(join(tape, "segment-000003.db")).mode & 0o222, 0, "they are sealed");
  const reader = await openTape([tape]);
  assert.deepEqual(
    reader.segments.map(({ number }) => number),
    [1, 2, 3],
  );
  await reader.close();
});

test("a file that is there, another key and a missing file are refused before anything is read", async (t) => {
  const path = file(t, "a.gor", gorCall(1));
  const tape = join(tempFolder(t), "tape.db");
  await importFiles({ files: [path], tape, key: testKey });
  await assert.rejects(
    importFiles({ files: [path], tape, key: testKey }),
    /it is there already; name a new file, or a folder/,
  );
  const folder = join(tempFolder(t), "tape");
  await importFiles({ files: [path], tape: folder, key: testKey });
  const other = redactionKey(new Uint8Array(32).fill(9));
  await assert.rejects(importFiles({ files: [path], tape: folder, key: other }), /it was recorded with redaction key/);
  await assert.rejects(
    importFiles({ files: ["/nowhere/x.har"], tape: join(folder, "x.db"), key: testKey }),
    /"\/nowhere\/x\.har": no such file/,
  );
  assert.deepEqual(readdirSync(folder), ["segment-000001.db"]);
});

test("a file of neither format is refused by its first bytes, unless it is said what it is", async (t) => {
  const tape = join(tempFolder(t), "a.db");
  const path = file(t, "a.txt", "hello");
  await assert.rejects(
    importFiles({ files: [path], tape, key: testKey }),
    /begins with "hello", neither HAR nor GoReplay; --format says/,
  );
  await assert.rejects(importFiles({ files: [path], tape, key: testKey, format: "gor" }), /ends inside a record/);
  await assert.rejects(importFiles({ files: [file(t, "b", "")], tape, key: testKey }), /it is empty/);
});

test("an import that is interrupted leaves nothing", async (t) => {
  const folder = tempFolder(t);
  const stop = new AbortController();
  const summary = await importFiles({
    files: [file(t, "a.gor", gorCall(1) + gorCall(2) + gorCall(3))],
    tape: join(folder, "tape"),
    key: testKey,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  assert.deepEqual([summary.interrupted, summary.paths], [true, []]);
  assert.ok(!existsSync(join(folder, "tape")));
});

test("whatever the files are, an import ends with a tape or with one line and nothing left behind", async (t) => {
  const whole = Buffer.from(gorCall(1) + gorCall(2));
  const chrome = readFileSync(golden("chrome"));
  const cut = (bytes: Buffer) => fc.nat(bytes.length).map((end) => bytes.subarray(0, end));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        cut(whole),
        cut(chrome),
        fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
      ),
      async (bytes) => {
        const folder = tempFolder(t);
        writeFileSync(join(folder, "in"), bytes);
        try {
          await importFiles({ files: [join(folder, "in")], tape: join(folder, "tape"), key: testKey });
        } catch (thrown) {
          assert.ok(thrown instanceof OperatorError && !thrown.message.includes("\n"), String(thrown));
          assert.deepEqual(readdirSync(folder), ["in"]);
        }
      },
    ),
    { numRuns: 25 },
  );
});
