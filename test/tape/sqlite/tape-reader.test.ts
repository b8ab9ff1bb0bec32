import assert from "node:assert/strict";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  createRun,
  type Exchange,
  openTape,
  openTapeWriter,
  parseWhere,
  type RecorderDescription,
  redactionKey,
  type Selection,
  type TapeReader,
} from "../../../tape/index.js";
import { listQuery, listShapesQuery, SegmentReader } from "../../../tape/sqlite/segment-reader.js";
import { openSqlite } from "../../../tape/sqlite/sqlite.js";
import { StoredBlocks } from "../../../tape/sqlite/stored-blocks.js";
import {
  allOf,
  batchOf,
  callPart,
  capturedRequest,
  capturedResponse,
  testEpochNs,
  testKey,
  testRecorder,
} from "../../support/captured.js";
import { startChild } from "../../support/child.js";
import { tempFolder } from "../../support/temp.js";

/** How many blocks are unpacked while something is read. */
async function lookedAt<T>(t: TestContext, work: () => Promise<T>): Promise<{ result: T; blocks: number }> {
  const holding = t.mock.method(StoredBlocks.prototype, "holding");
  const result = await work();
  const blocks = holding.mock.callCount();
  holding.mock.restore();
  return { result, blocks };
}

async function writeTape(path: string, sequences: readonly number[], recorder: RecorderDescription = testRecorder()) {
  const writer = await openTapeWriter({ path, recorder, key: testKey });
  for (let at = 0; at < sequences.length; at += 500) {
    await writer.append(batchOf(...sequences.slice(at, at + 500).map((sequence) => callPart(sequence))));
  }
  await writer.close();
  return path;
}

function refuses(paths: readonly string[], message: RegExp) {
  return assert.rejects(
    openTape(paths).then((reader) => reader.close()),
    (thrown: Error) => {
      assert.equal(thrown.name, "TapeError");
      assert.match(thrown.message, message);
      assert.doesNotMatch(thrown.message, /\n/);
      return true;
    },
  );
}

test("a copy beside what it is of is refused, whatever it is called; segments of one recorder that lie close are not", async (t) => {
  const folder = tempFolder(t);
  const recorder = testRecorder();
  const first = await writeTape(join(folder, "first.db"), [1, 2, 4], recorder);
  const copy = join(folder, "copy.db");
  copyFileSync(first, copy);
  await refuses(
    [first, copy],
    /first\.db" with ".*copy\.db"|copy\.db" with ".*first\.db": .*the same calls.*leave the copy out/,
  );
  const part = await writeTape(join(folder, "part.db"), [2], recorder);
  await refuses([first, part], /the same calls of one recorder/);
  const between = await writeTape(join(folder, "between.db"), [3, 5], recorder);
  const reader = await openTape([first, between]);
  assert.equal((await allOf(reader.skim())).length, 5);
  await reader.close();
});

test("what is no tape is refused with one line that says what was seen", async (t) => {
  const folder = tempFolder(t);
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  await refuses([], /no file or folder was named/);
  await refuses([join(folder, "none.db")], /none.db": no such file or folder$/);
  mkdirSync(join(folder, "empty"));
  await refuses([join(folder, "empty")], /holds no segment/);
  await refuses([file("zero.db", "")], /the file is empty$/);
  await refuses([file("text.db", "some text, and more of it\n".repeat(100))], /not a SQLite file/);
  const foreign = join(folder, "foreign.db");
  openSqlite(foreign).exec("CREATE TABLE t (x)").close();
  await refuses([foreign], /another program$/);
  const run = join(folder, "run.db");
  await createRun(run, { run: "r", tapeloop: "0", startedAt: "", tapePaths: [], keyId: "", lanes: [] }).close();
  await refuses([run], /it is a run file$/);
});

test("a tape of a newer format version is refused with both versions, one of no version too", async (t) => {
  const path = await writeTape(join(tempFolder(t), "tape.db"), [1]);
  for (const [version, message] of [
    [7, /format version 7, this tapeloop reads up to 1/],
    [0, /format version 0, this tapeloop reads 1 to 1/],
  ] as const) {
    const db = openSqlite(path);
    db.pragma(`user_version = ${version}`);
    db.close();
    await refuses([path], message);
  }
});

test("damage is named with its file, at opening or when it is met", async (t) => {
  const path = await writeTape(
    join(tempFolder(t), "tape.db"),
    Array.from({ length: 3000 }, (_, at) => at + 1),
  );
  const whole = readFileSync(path);
  const damaged = (from: number, to: number) => {
    const bytes = Buffer.from(whole);
    bytes.fill(0x5a, from, to);
    writeFileSync(path, bytes);
  };
  damaged(0, 16);
  await refuses([path], /tape.db": it is not a SQLite file/);
  damaged(100, 4096);
  await refuses([path], /tape.db": .*damaged/);
  damaged(8 * 4096, whole.length);
  const reader = await openTape([path]);
  await assert.rejects(allOf(reader.read()), {
    name: "TapeError",
    message: /^cannot read tape ".*tape.db": the file is damaged/,
  });
  await assert.rejects(reader.stats(), { name: "TapeError", message: /damaged/ });
  await reader.close();
  writeFileSync(path, whole.subarray(0, whole.length / 2));
  await assert.rejects(
    openTape([path]).then((cut) => allOf(cut.read())),
    { name: "TapeError", message: /damaged/ },
  );
});

test("nonsense inside a sound database is damage too", async (t) => {
  const folder = tempFolder(t);
  const spoil = async (name: string, sql: string) => {
    const path = await writeTape(join(folder, name), [1]);
    openSqlite(path).exec(sql).close();
    return path;
  };
  const met = async (path: string) => {
    const reader = await openTape([path]);
    await assert.rejects(allOf(reader.read()), { name: "TapeError", message: /the file is damaged/ });
    await reader.close();
  };
  await met(await spoil("code.db", "UPDATE shape SET vantage = 99"));
  await met(await spoil("shape.db", "DELETE FROM shape"));
  await met(await spoil("recorder.db", "UPDATE block SET recorder = 99"));
  await met(await spoil("count.db", "UPDATE block SET exchanges = 2"));
  await met(await spoil("block.db", "UPDATE block SET codec = 0, plain_bytes = 3, bytes = x'010203'"));
  await met(await spoil("bodies.db", "DELETE FROM body_shelf"));
  await met(await spoil("directory.db", "UPDATE body_shelf SET directory = x'6162'"));
  await met(await spoil("deflated.db", "UPDATE body_shelf SET codec = 1, bytes = x'ffffffff'"));
  await met(await spoil("codec.db", "UPDATE body_shelf SET codec = 9"));
  await met(await spoil("dictionary.db", "UPDATE block SET codec = 2, dictionary = 7"));
  await refuses([await spoil("meta.db", "DELETE FROM meta WHERE key = 'number'")], /damaged/);
  await refuses([await spoil("table.db", "DROP TABLE frames")], /no such table/);
});

test("tapes recorded with different redaction keys are not opened as one", async (t) => {
  const folder = tempFolder(t);
  const one = await writeTape(join(folder, "one.db"), [1]);
  const other = join(folder, "other.db");
  const key = redactionKey(new Uint8Array(32).fill(1));
  await (await openTapeWriter({ path: other, recorder: testRecorder(), key })).close();
  await refuses([one, other], new RegExp(`${key.id} and ${testKey.id} differ`));
});

test("files and folders open as one tape, in tape order, under ids that do not meet", async (t) => {
  const folder = tempFolder(t);
  const a = await writeTape(join(folder, "a.db"), [1, 4, 7], testRecorder("a"));
  const b = await writeTape(join(folder, "b.db"), [2, 5, 8], testRecorder("b"));
  const c = await writeTape(join(folder, "c/"), [3, 6, 9], testRecorder("c"));
  const reader = await openTape([b, c, a, a]);
  const exchanges = await allOf(reader.read());
  assert.deepEqual(
    exchanges.map(({ sequence }) => sequence),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  // All three have number 1: the oldest keeps it.
  assert.deepEqual(
    reader.segments.map(({ path, number }) => [path, number]),
    [
      [a, 1],
      [b, 2],
      [join(c, "segment-000001.db"), 3],
    ],
  );
  assert.deepEqual(
    exchanges.slice(0, 4).map(({ id }) => id),
    [1, 100_000_001, 200_000_001, 2],
  );
  assert.equal((await reader.find(100_000_002))!.sequence, 5);
  assert.equal((await reader.stats()).exchanges, 9);
  await reader.close();
});

test("a tape can be read while it is written", async (t) => {
  const path = join(tempFolder(t), "tape.db");
  const writer = await openTapeWriter({ path, recorder: testRecorder(), key: testKey });
  await writer.append(batchOf(callPart(1)));
  const reader = await openTape([path]);
  const seen = async (from: TapeReader) => (await allOf(from.read())).map(({ sequence }) => sequence);
  assert.deepEqual(await seen(reader), [1]);
  await writer.append(batchOf(callPart(2)));
  assert.deepEqual(await seen(reader), [1, 2]);
  const half = reader.read()[Symbol.asyncIterator]();
  assert.equal((await half.next()).value?.sequence, 1);
  await writer.append(batchOf(callPart(3)));
  await writer.close();
  await half.return?.();
  assert.deepEqual(await seen(reader), [1, 2, 3]);
  await reader.close();
});

test("listing walks the index on the start time and sorts nothing, selecting goes by the index on shapes", async (t) => {
  const path = await writeTape(join(tempFolder(t), "tape.db"), [1]);
  const db = openSqlite(path, { readonly: true });
  const planOf = (query: string, ...params: unknown[]) =>
    db
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${query}`)
      .all(...params)
      .map(({ detail }) => detail);
  assert.deepEqual(planOf(listQuery, 9n, 0n), ["SEARCH block USING COVERING INDEX block_started (first_ns<?)"]);
  assert.deepEqual(planOf(listShapesQuery, "[1]", 9n, 0n), [
    "SCAN wanted VIRTUAL TABLE INDEX 1:",
    "SEARCH shape_block USING PRIMARY KEY (shape=?)",
    "SEARCH block USING INTEGER PRIMARY KEY (rowid=?)",
    // Of the blocks that were found: a few hundred Exchanges each.
    "USE TEMP B-TREE FOR DISTINCT",
    "USE TEMP B-TREE FOR ORDER BY",
  ]);
  db.close();
});

test("a selection finds through the index what it finds without, and looks at few blocks", async (t) => {
  const path = join(tempFolder(t), "tape.db");
  const writer = await openTapeWriter({ path, recorder: testRecorder(), key: testKey });
  for (let batch = 0; batch < 20; batch++) {
    const parts = Array.from({ length: 30 }, (_, at) => batch * 30 + at).map((number) =>
      callPart(number, {
        request: capturedRequest({
          method: number % 300 === 7 ? "DELETE" : "GET",
          path: batch === 5 ? `/health/${number}` : `/items/${number}?page=1`,
          authority: number === 311 ? "ratings:80" : "reviews:9080",
          startedMs: number,
        }),
        answer: capturedResponse("ok", {
          status: number % 200 === 3 ? 503 : 200,
          startedMs: number + 1,
          endedMs: number + 2,
        }),
      }),
    );
    await writer.append(batchOf(...parts));
  }
  await writer.close();
  const db = openSqlite(path, { readonly: true });
  const total = db.prepare("SELECT count(*) FROM block").pluck().get();
  db.close();
  assert.equal(total, 20);
  const idsIn = async (reader: TapeReader, which: Selection) => (await allOf(reader.read(which))).map(({ id }) => id);
  const startedAt = (ms: number) => String(testEpochNs + BigInt(ms) * 1_000_000n);
  const selections: [text: string, found: number, blocks: number][] = [
    ["status = 503", 3, 3],
    ["status >= 500 and method = get", 3, 3],
    ["method = DELETE", 2, 2],
    ["callee = ratings", 1, 1],
    ["host = ratings:80 or method = DELETE", 3, 2],
    ['path ^= "/health/"', 30, 1],
    ["path = /items/77", 1, 19],
    ["path = /nowhere/77", 0, 0],
    [`started >= ${startedAt(300)} and started < ${startedAt(310)}`, 10, 2],
    ["not vantage = inbound", 0, 0],
    ["header.host = reviews:9080", 600, 20],
  ];
  for (const [text, found, blocks] of selections) {
    const { narrow, ...rest } = parseWhere(text);
    const reader = await openTape([path]);
    const looked = await lookedAt(t, () => idsIn(reader, { ...rest, ...(narrow && { narrow }) }));
    const slowly = await idsIn(reader, rest);
    assert.deepEqual([looked.result, slowly.length], [slowly, found], text);
    assert.equal(looked.blocks, blocks, text);
    await reader.close();
  }
});

test("many Exchanges that began at the same time come in order across pages", async (t) => {
  const path = join(tempFolder(t), "tape.db");
  const writer = await openTapeWriter({ path, recorder: testRecorder(), key: testKey });
  const sequences = Array.from({ length: 700 }, (_, at) => at + 1);
  const shuffled = sequences.map((sequence) => (sequence * 379) % 701);
  await writer.append(
    batchOf(...shuffled.map((sequence) => callPart(sequence, { request: capturedRequest({ startedMs: 5 }) }))),
  );
  await writer.close();
  const reader = await openTape([path]);
  assert.deepEqual(
    (await allOf(reader.skim())).map(({ sequence }) => sequence),
    sequences,
  );
  await reader.close();
});

test("reading changes nothing in the file", async (t) => {
  const path = await writeTape(join(tempFolder(t), "tape.db"), [1, 2, 3]);
  const before = readFileSync(path);
  const reader = await openTape([path]);
  await allOf(reader.read());
  await reader.stats();
  await reader.ledger();
  await reader.close();
  assert.deepEqual(readFileSync(path), before);
});

test("a tape that its recorder left in the middle can be copied with its log and read from there", async (t) => {
  const folder = tempFolder(t);
  const path = join(folder, "tape.db");
  const writer = await openTapeWriter({ path, recorder: testRecorder(), key: testKey });
  await writer.append(batchOf(callPart(1, { answer: capturedResponse("x".repeat(5000)) })));
  const copy = join(folder, "copy.db");
  for (const suffix of ["", "-wal"]) copyFileSync(path + suffix, copy + suffix);
  await writer.close();
  assert.ok(statSync(`${copy}-wal`).size > 0);
  const reader = await openTape([copy]);
  assert.equal((await allOf(reader.read())).length, 1);
  await reader.close();
});

test("a tape in a folder that cannot be written to is read, or refused with what to look at", async (t) => {
  const folder = tempFolder(t);
  const readingProcess = fileURLToPath(new URL("../../support/reading-process.js", import.meta.url));
  const read = (path: string) => startChild(t, process.execPath, [readingProcess, path]).firstLine();
  const closed = await writeTape(join(folder, "closed.db"), [1, 2]);
  const inWalMode = await writeTape(join(folder, "wal-mode.db"), [3, 4]);
  const db = openSqlite(inWalMode);
  db.pragma("journal_mode = WAL");
  db.close();
  const left = join(folder, "left.db");
  const writer = await openTapeWriter({ path: left, recorder: testRecorder(), key: testKey });
  await writer.append(batchOf(callPart(5)));
  copyFileSync(`${left}-wal`, join(folder, "copy.db-wal"));
  copyFileSync(left, join(folder, "copy.db"));
  await writer.close();
  chmodSync(folder, 0o555);
  try {
    assert.equal(await read(closed), "1 2");
    assert.equal(await read(inWalMode), "3 4");
    assert.match(
      await read(join(folder, "copy.db")),
      /^refused: cannot open tape ".*copy.db": it cannot be opened; .*writable$/,
    );
  } finally {
    chmodSync(folder, 0o755);
  }
});

test("a call that is completed between the look at its head and at the whole of it comes whole", async (t) => {
  const path = join(tempFolder(t), "tape.db");
  const writer = await openTapeWriter({ path, recorder: testRecorder(), key: testKey });
  const identity = { sequence: 2, vantage: "inbound" } as const;
  const open = capturedRequest({ text: "half", end: "open", startedMs: 2 });
  await writer.append(batchOf(callPart(1), { ...identity, part: "request", request: open }));
  const reader = await openTape([path]);
  const exchanges = reader.read()[Symbol.asyncIterator]();
  await exchanges.next();
  const request = capturedRequest({ text: "half and half", startedMs: 2 });
  await writer.append(batchOf({ ...identity, part: "answer", request, answer: capturedResponse("done") }));
  const second = (await exchanges.next()).value as Exchange;
  assert.equal(second.answer.kind, "response");
  assert.equal(
    second.request.body.kind === "whole" && Buffer.from(second.request.body.bytes).toString(),
    "half and half",
  );
  await exchanges.return?.();
  await reader.close();
  await writer.close();
});

test("blocks that hold nothing of what is asked are passed by one at a time, so that others may have their turn", async (t) => {
  const path = join(tempFolder(t), "a.db");
  await writeTape(
    path,
    Array.from({ length: 3000 }, (_, at) => at + 1),
  );
  const segment = new SegmentReader(path);
  const { result: looks, blocks } = await lookedAt(t, async () => {
    const walk = segment.exchanges({ texts: ["is nowhere"] });
    let vain = 0;
    for (let found = walk.next(); found !== undefined; found = walk.next()) {
      assert.equal(found, null);
      vain++;
    }
    return vain;
  });
  segment.close();
  assert.ok(blocks >= 3, `${blocks} blocks`);
  assert.equal(looks, blocks);
});
