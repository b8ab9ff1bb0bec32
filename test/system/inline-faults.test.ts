import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { setPriority } from "node:os";
import { dirname, join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openSqlite } from "../../tape/sqlite/sqlite.js";
import { startChild } from "../support/child.js";
import { newHome } from "../support/command-line.js";
import { limitedDisk, mountSmallDisk } from "../support/full-disk.js";
import { soundTape, startLoadedInline } from "../support/loaded-inline.js";

// What happens to recording, and to the calls, when something of the recorder's own goes wrong while calls pass through
// it. In every case no call fails and every call seen is counted: `endLoad` and `soundTape` see to that.

const failing = { status: 200, text: "ready, but the tape takes nothing\n" };
const fine = { status: 200, text: "ready\n" };
const ended = { code: 0, signal: null };

describe("an inline recorder", { concurrency: 4 }, () => {
  for (const { title, disk, kind } of [
    {
      title: "a disk that is full (tape file)",
      disk: (t: TestContext) => mountSmallDisk(t, 8 * 2 ** 20),
      kind: "tape.db",
    },
    {
      title: "a disk that is full (tape folder)",
      disk: (t: TestContext) => mountSmallDisk(t, 8 * 2 ** 20),
      kind: "tape/",
    },
    { title: "files that may not grow", disk: (t: TestContext) => limitedDisk(t), kind: "tape.db" },
  ]) {
    test(`${title} costs recording until there is room, and no call`, async (t) => {
      const small = disk(t);
      if (small === undefined) return;
      const home = newHome(t);
      const tape = join(small.folder, kind);
      const inline = await startLoadedInline(t, { home, tape });
      await inline.untilMore("kept", 50);
      small.fill(inline.recorder.pid);
      await inline.untilMore("store_errors", 5);
      assert.deepEqual(await inline.readiness(), failing);
      small.empty(inline.recorder.pid);
      await inline.untilMore("kept", 50);
      assert.deepEqual(await inline.readiness(), fine);
      await inline.endLoad();
      assert.deepEqual(await inline.recorder.stop(), ended, inline.recorder.stderr);
      const { counts, gaps } = await soundTape(t, home, tape);
      assert.ok(counts.dropped > 0 && counts.storeErrors >= 5, JSON.stringify(counts));
      assert.deepEqual(gaps, []);
    });
  }

  test("a recorder stopped while its disk is full ends, and says what it could not store", async (t) => {
    // On a file system that is full the tape's log may still have room within it, and take the last counts.
    const disk = limitedDisk(t, { fileBytes: 0 });
    if (disk === undefined) return;
    const home = newHome(t);
    const inline = await startLoadedInline(t, { home, tape: join(disk.folder, "tape.db") });
    await inline.untilMore("kept", 20);
    disk.fill(inline.recorder.pid);
    await inline.untilMore("store_errors", 2);
    await inline.endLoad();
    const { code } = await inline.recorder.stop();
    assert.equal(code, 2, inline.recorder.stderr);
    assert.match(inline.recorder.stderr, /the ledger was not told these counts/);
    assert.match(inline.recorder.stderr.trim().split("\n").at(-1)!, /cannot write tape ".*": the disk .*full/);
  });

  for (const { kind, removed } of [
    { kind: "tape.db", removed: "file" },
    { kind: "tape/", removed: "file" },
    { kind: "tape/", removed: "folder" },
  ]) {
    test(`a ${removed} of ${kind} that is deleted is begun anew, and the ledger says what went with it`, async (t) => {
      const home = newHome(t);
      const tape = join(home.folder, kind);
      const file = kind === "tape/" ? join(tape, "segment-000001.db") : tape;
      const inline = await startLoadedInline(t, { home, tape });
      await inline.untilMore("kept", 50);
      const keptBefore = await inline.count("kept");
      rmSync(removed === "file" ? file : dirname(file), { recursive: true });
      const keptAfter = await inline.count("kept");
      await inline.untilMore("kept", 50);
      const { answered } = await inline.endLoad();
      assert.equal(await inline.count("dropped"), 0, "what came later is kept");
      assert.deepEqual(await inline.recorder.stop(), ended, inline.recorder.stderr);
      const { counts, gaps } = await soundTape(t, home, tape);
      assert.equal(counts.seen, answered);
      assert.equal(gaps.length, 1);
      const { lostExchanges, fromNs, toNs } = gaps[0]!;
      assert.equal(counts.dropped, lostExchanges);
      // What was being stored at that moment may have gone with it, too.
      assert.ok(lostExchanges! >= keptBefore && lostExchanges! <= keptAfter + 100, `${keptBefore} ${lostExchanges}`);
      assert.ok(fromNs < toNs!);
    });
  }

  test("a folder that cannot be made again costs recording until it can, and no call", async (t) => {
    const home = newHome(t);
    const folder = join(home.folder, "tapes");
    const tape = join(folder, "tape.db");
    mkdirSync(folder);
    const inline = await startLoadedInline(t, { home, tape });
    await inline.untilMore("kept", 50);
    rmSync(folder, { recursive: true });
    await inline.untilMore("store_errors", 2);
    assert.deepEqual(await inline.readiness(), failing);
    mkdirSync(folder);
    await inline.untilMore("kept", 50);
    const { answered } = await inline.endLoad();
    assert.deepEqual(await inline.recorder.stop(), ended, inline.recorder.stderr);
    const { counts, gaps } = await soundTape(t, home, tape);
    assert.equal(counts.seen, answered);
    assert.deepEqual([gaps.length, gaps[0]!.lostExchanges! > 0], [1, true]);
    assert.ok(counts.dropped > gaps[0]!.lostExchanges!, "what the missing folder refused, too");
  });

  test("a tape locked by another process waits for the lock; what it refuses in the end is counted", async (t) => {
    const home = newHome(t);
    const tape = join(home.folder, "tape.db");
    const inline = await startLoadedInline(t, { home, tape });
    await inline.untilMore("kept", 50);
    const other = openSqlite(tape);
    other.exec("BEGIN IMMEDIATE");
    await inline.untilMore("seen", 100);
    other.exec("COMMIT");
    await inline.untilMore("kept", 150);
    assert.equal(await inline.count("dropped"), 0, "a lock of about a second costs nothing");
    other.exec("BEGIN IMMEDIATE");
    await inline.untilMore("store_errors", 1);
    other.exec("COMMIT");
    other.close();
    await inline.untilMore("kept", 50);
    await inline.endLoad();
    assert.deepEqual(await inline.recorder.stop(), ended, inline.recorder.stderr);
    const { counts, gaps } = await soundTape(t, home, tape);
    assert.ok(counts.dropped > 0);
    assert.deepEqual(gaps, []);
  });

  test("a writing thread that dies is started again, and what it had in hand is counted", async (t) => {
    const home = newHome(t);
    const tape = join(home.folder, "tape/");
    const killsWriter = fileURLToPath(new URL("../support/writer-killing-process.js", import.meta.url));
    const env = { ...home.env, NODE_OPTIONS: `--import ${killsWriter}` };
    const inline = await startLoadedInline(t, { home: { ...home, env }, tape });
    for (let death = 0; death < 3; death++) {
      await inline.untilMore("kept", 50);
      process.kill(inline.recorder.pid, "SIGUSR2");
    }
    await inline.untilMore("kept", 50);
    await inline.endLoad();
    assert.deepEqual(await inline.recorder.stop(), ended, inline.recorder.stderr);
    assert.deepEqual((await soundTape(t, home, tape)).gaps, []);
  });

  test("a queue too small for what comes drops whole calls, counts them, and delays none", async (t) => {
    const home = newHome(t);
    const tape = join(home.folder, "tape.db");
    const inline = await startLoadedInline(t, { home, tape, more: ["--queue", "72KiB"], bodyBytes: 20_000 });
    await inline.untilMore("dropped", 50);
    await inline.endLoad();
    assert.deepEqual(await inline.recorder.stop(), ended, inline.recorder.stderr);
    assert.ok((await soundTape(t, home, tape)).counts.dropped >= 50);
  });
});

test("a recorder that hardly gets any CPU fails no call", async (t) => {
  const home = newHome(t);
  const tape = join(home.folder, "tape.db");
  const inline = await startLoadedInline(t, { home, tape });
  await inline.untilMore("kept", 20);
  setPriority(inline.recorder.pid, 19);
  const busy = Array.from({ length: 3 }, () => startChild(t, process.execPath, ["-e", "for (;;);"]));
  await inline.untilMore("seen", 100);
  await Promise.all(busy.map((one) => one.end("SIGKILL")));
  await inline.endLoad();
  assert.deepEqual(await inline.recorder.stop(), ended, inline.recorder.stderr);
  const { gaps } = await soundTape(t, home, tape);
  assert.deepEqual(gaps, []);
});
