import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { openTape, openTapeWriter, redactionKey } from "../../../tape/index.js";
import { openSqlite } from "../../../tape/sqlite/sqlite.js";
import { tapeStoreContract } from "../../contracts/tape-store.js";
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
import { needs } from "../../support/real-parts.js";
import { tempFolder } from "../../support/temp.js";
import { until } from "../../support/until.js";

tapeStoreContract("one file", {
  begin: (t) => {
    const path = join(tempFolder(t), "tape.db");
    return {
      write: (recorder, keep) => openTapeWriter({ path, recorder, key: testKey, ...(keep && { keep }) }),
      read: () => openTape([path]),
    };
  },
});

tapeStoreContract("a folder", {
  begin: (t) => {
    const path = join(tempFolder(t), "tape");
    return {
      write: (recorder, keep) => openTapeWriter({ path, recorder, key: testKey, ...(keep && { keep }) }),
      read: () => openTape([path]),
    };
  },
});

const appendingProcess = fileURLToPath(new URL("../../support/appending-process.js", import.meta.url));

function startAppending(t: TestContext, path: string, name: string, ...last: string[]) {
  return startChild(t, process.execPath, [appendingProcess, path, name, ...last]);
}

async function sequencesIn(path: string, name?: string): Promise<number[]> {
  const reader = await openTape([path]);
  const heads = await allOf(reader.skim(name === undefined ? {} : { where: ({ recorder }) => recorder.name === name }));
  await reader.close();
  return heads.map(({ sequence }) => sequence);
}

for (const kind of ["tape.db", "tape/"]) {
  test(`after kill -9 the tape ${kind} opens, holds all that was acknowledged, and says where the gap is`, async (t) => {
    const path = join(tempFolder(t), kind);
    const child = startAppending(t, path, "reviews-1");
    await until("some batches", () => child.stdout.split("\n").length > 5, { seen: () => child.stderr });
    await child.end("SIGKILL");
    const acknowledged = Number(child.stdout.trim().split("\n").at(-1));
    assert.ok(acknowledged >= 100);

    const sequences = await sequencesIn(path);
    assert.deepEqual(
      sequences,
      sequences.map((_, at) => at + 1),
    );
    assert.ok(sequences.length >= acknowledged, `${sequences.length} of ${acknowledged} are there`);
    const reader = await openTape([path]);
    const { gaps, recorders } = await reader.stats();
    assert.deepEqual(gaps, [
      { recorder: "reviews-1", afterIncarnation: recorders[0]!.id.incarnation, fromNs: recorders[0]!.aliveNs },
    ]);
    await reader.close();

    const next = await openTapeWriter({
      path,
      recorder: testRecorder("reviews-1", { epochNsAtZero: 2n ** 62n }),
      key: testKey,
    });
    await next.append(batchOf(callPart(1)));
    await next.close();
    const again = await openTape([path]);
    const after = await again.stats();
    assert.equal(after.exchanges, sequences.length + 1);
    assert.deepEqual(after.gaps, [{ ...gaps[0], toNs: after.recorders[1]!.startedNs }]);
    // What the dead process left open is sealed by the one that found it.
    if (kind === "tape/")
      assert.deepEqual(
        after.segments.map(({ sealedNs }) => sealedNs !== undefined),
        [true, true],
      );
    await again.close();
  });

  test(`several processes append to ${kind} at once and nothing is lost`, async (t) => {
    const path = join(tempFolder(t), kind);
    const names = ["a", "b", "c"];
    const endings = await Promise.all(names.map((name) => startAppending(t, path, name, "400").ended));
    assert.deepEqual(
      endings.map(({ code }) => code),
      [0, 0, 0],
    );
    const all = Array.from({ length: 400 }, (_, at) => at + 1);
    for (const name of names) assert.deepEqual(await sequencesIn(path, name), all);
    const reader = await openTape([path]);
    const { segments, gaps } = await reader.stats();
    assert.equal(segments.length, kind === "tape/" ? 3 : 1);
    assert.deepEqual(gaps, []);
    await reader.close();
  });
}

test("a file that was closed is one file, and a later recorder appends to it", async (t) => {
  const path = join(tempFolder(t), "tape.db");
  for (const name of ["a", "b"]) {
    const writer = await openTapeWriter({ path, recorder: testRecorder(name), key: testKey });
    await writer.append(batchOf(callPart(1)));
    assert.ok(existsSync(`${path}-wal`));
    await writer.close();
    assert.equal(existsSync(`${path}-wal`), false);
  }
  const reader = await openTape([path]);
  assert.equal((await reader.stats()).exchanges, 2);
  assert.equal(reader.segments[0]!.sealedNs, undefined);
  await reader.close();
});

test("when the writing thread dies, what it had in hand is refused and the next append goes on", async (t) => {
  for (const kind of ["tape.db", "tape/"]) {
    const path = join(tempFolder(t), kind);
    const workers: Worker[] = [];
    const remember = (worker: Worker) => workers.push(worker);
    process.on("worker", remember);
    t.after(() => process.off("worker", remember));
    const recorder = testRecorder();
    const writer = await openTapeWriter({ path, recorder, key: testKey });
    await writer.append(batchOf(callPart(1)));

    const gone = workers[0]!.terminate();
    await assert.rejects(writer.append(batchOf(callPart(2))), {
      name: "TapeError",
      message: /cannot write tape .*its thread ended/,
    });
    await gone;
    assert.equal((await writer.append(batchOf(callPart(3)))).kept, 1);
    await writer.close();
    assert.equal(workers.length, 2);
    const reader = await openTape([path]);
    assert.deepEqual(
      (await allOf(reader.skim())).map(({ sequence }) => sequence),
      [1, 3],
    );
    // It went on in the segment it had, as the same incarnation.
    assert.equal(reader.segments.length, 1);
    assert.deepEqual((await reader.stats()).gaps, []);
    await reader.close();
  }
});

test("a file removed under the writer is noticed: the next one begins anew and says what went with the other", async (t) => {
  const removals = [(path: string) => rmSync(path), (path: string) => renameSync(path, `${path}.moved`)];
  const folderRemoval = (path: string) => rmSync(dirname(path), { recursive: true });
  for (const [kind, remove] of [
    ...removals.map((removal) => ["tape.db", removal] as const),
    ...[...removals, folderRemoval].map((removal) => ["tape/", removal] as const),
  ]) {
    const path = join(tempFolder(t), kind);
    const file = kind === "tape/" ? join(path, "segment-000001.db") : path;
    const writer = await openTapeWriter({ path, recorder: testRecorder(), key: testKey });
    const identity = { sequence: 2, vantage: "inbound" } as const;
    const open = { ...identity, part: "request", request: capturedRequest({ end: "open" }) } as const;
    const ended = { ...identity, part: "answer", request: capturedRequest(), answer: capturedResponse("ok") } as const;
    await writer.append(batchOf(callPart(1), open, callPart(3)));
    await writer.count(testEpochNs, { seen: 5, kept: 2, sampledOut: 1 }); // of three that are stored two are told
    remove(file);
    assert.equal((await writer.append(batchOf(callPart(4)))).kept, 1);
    await writer.append(batchOf(ended));
    await writer.count(testEpochNs, { seen: 0, kept: 2 });
    await writer.close();

    assert.deepEqual(await sequencesIn(path), [2, 4]);
    const reader = await openTape([path]);
    const { gaps, counts, recorders } = await reader.stats();
    const { seen, kept, dropped, sampledOut } = counts;
    assert.deepEqual({ seen, kept, dropped, sampledOut }, { seen: 5, kept: 2, dropped: 2, sampledOut: 1 });
    const { name: recorder, incarnation: afterIncarnation } = recorders[0]!.id;
    assert.equal(gaps.length, 1);
    const { fromNs, toNs, ...gap } = gaps[0]!;
    assert.deepEqual(gap, { recorder, afterIncarnation, lostExchanges: 2 });
    assert.ok(fromNs < toNs! && toNs! <= recorders[0]!.startedNs, `${fromNs} ${toNs} ${recorders[0]!.startedNs}`);
    await reader.close();
  }
});

test("a locked file refuses the batch whole and takes the next when the lock is gone", {
  timeout: 60_000,
}, async (t) => {
  const path = join(tempFolder(t), "tape.db");
  const writer = await openTapeWriter({ path, recorder: testRecorder(), key: testKey });
  await writer.append(batchOf(callPart(1)));
  const other = openSqlite(path);
  other.exec("BEGIN IMMEDIATE");
  await assert.rejects(writer.append(batchOf(callPart(2), callPart(3))), { name: "TapeError", message: /lock/ });
  other.exec("COMMIT");
  other.close();
  assert.equal((await writer.append(batchOf(callPart(3)))).kept, 1);
  await writer.close();
  assert.deepEqual(await sequencesIn(path), [1, 3]);
});

test("a part larger than a batch, and a batch that cannot be read, do what they should", async (t) => {
  const path = join(tempFolder(t), "tape.db");
  const writer = await openTapeWriter({ path, recorder: testRecorder(), key: testKey });
  const large = "x".repeat(3 * 1024 * 1024);
  assert.equal((await writer.append(batchOf(callPart(1, { answer: capturedResponse(large) })))).kept, 1);
  const broken = batchOf(callPart(2), callPart(3));
  new DataView(broken.buffer).setUint8(5, 99);
  await assert.rejects(writer.append(broken), { name: "TapeError", message: /99/ });
  assert.equal((await writer.append(batchOf(callPart(4)))).kept, 1);
  await writer.close();
  assert.deepEqual(await sequencesIn(path), [1, 4]);
});

test("what cannot be written is refused with one line", async (t) => {
  const folder = tempFolder(t);
  const tape = join(folder, "tape.db");
  const writer = await openTapeWriter({ path: tape, recorder: testRecorder(), key: testKey });
  await writer.close();
  const open = (path: string, key = testKey) => openTapeWriter({ path, recorder: testRecorder(), key });
  const foreign = join(folder, "foreign.db");
  openSqlite(foreign).exec("CREATE TABLE t (x)").close();
  await assert.rejects(open(foreign), {
    name: "TapeError",
    message: /^cannot open tape ".*foreign.db": .*another program$/,
  });
  await assert.rejects(open(tape, redactionKey(new Uint8Array(32))), { name: "TapeError", message: /redaction key/ });
  await assert.rejects(open(join(folder, "missing", "tape.db")), { name: "TapeError", message: /^cannot write tape/ });
});

test("on a full disk batches are refused whole, and taken again when there is room", { timeout: 60_000 }, async (t) => {
  const hasPrlimit = existsSync("/usr/bin/prlimit");
  if (!needs(t, "prlimit", hasPrlimit, "package util-linux")) return;
  const path = join(tempFolder(t), "tape.db");
  // A limit on the size of files is a full disk for this process alone. 400 blocks of 1 KiB, to be raised from outside.
  const script = 'ulimit -S -f 400; exec "$0" "$@"';
  const child = startChild(t, "bash", ["-c", script, process.execPath, appendingProcess, path, "a"]);
  const lines = () => child.stdout.split("\n").slice(0, -1);
  await until("a refusal", () => lines().some((line) => line.startsWith("refused")), { seen: () => child.stderr });
  assert.match(lines().find((line) => line.startsWith("refused"))!, /refused: cannot write tape ".*tape.db": the disk/);
  execFileSync("/usr/bin/prlimit", ["--pid", String(child.pid), "--fsize=unlimited"]);
  const refusals = lines().length;
  await until("a batch that is kept", () =>
    lines()
      .slice(refusals)
      .some((line) => /^\d+$/.test(line)),
  );
  await child.end("SIGKILL");

  const stored = await sequencesIn(path);
  const kept = lines()
    .filter((line) => /^\d+$/.test(line))
    .map(Number);
  const sure = kept.flatMap((upTo) => Array.from({ length: 20 }, (_, at) => upTo - 19 + at));
  assert.deepEqual(
    sure.filter((sequence) => !stored.includes(sequence)),
    [],
  );
  // All or nothing: every batch there is whole.
  assert.equal(stored.length % 20, 0);
  // The last one stored may be one that was not told before the end.
  assert.ok(stored.length < Math.max(...stored), "some were refused");
});
