import assert from "node:assert/strict";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { RecordingTape, type RecordingTapeOptions } from "../../../tape/sqlite/recording-tape.js";
import { removeSurplus } from "../../../tape/sqlite/retention.js";
import { openSqlite } from "../../../tape/sqlite/sqlite.js";
import { batchOf, callPart, capturedResponse, testEpochNs, testKey, testRecorder } from "../../support/captured.js";
import { tempFolder } from "../../support/temp.js";

const hourMs = 3_600_000;
const at = (ms: number) => testEpochNs + BigInt(ms) * 1_000_000n;

function newFolder(t: TestContext): string {
  return join(tempFolder(t), "tape");
}

function tapeIn(path: string, over: Partial<RecordingTapeOptions> = {}): RecordingTape {
  return new RecordingTape({
    place: { kind: "folder", path },
    recorder: testRecorder(),
    key: testKey,
    segmentBytes: 2 ** 30,
    segmentAgeMs: hourMs,
    ...over,
  });
}

/** Numbers of the segments, and of the SQLite files beside them. */
function filesIn(path: string): string[] {
  return readdirSync(path).map((name) => name.replace(/segment-0*(\d+)\.db/, "$1"));
}

function bytesIn(path: string): number {
  return readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
}

/** One sealed segment of about so many bytes. */
function addSegment(path: string, ms: number, bytes = 50_000): void {
  const tape = tapeIn(path);
  const text = Array.from({ length: bytes / 20 }, () => Math.random().toString(36).padEnd(20, "x")).join("");
  tape.append(batchOf(callPart(1, { answer: capturedResponse(text.slice(0, bytes)) })), at(ms));
  tape.close(at(ms));
}

test("sealed segments go by age, whole; open ones stay, however old", (t) => {
  const path = newFolder(t);
  const old = tapeIn(path, { recorder: testRecorder("slow") });
  old.append(batchOf(callPart(1)), at(0));
  addSegment(path, 1 * hourMs);
  addSegment(path, 2 * hourMs);
  removeSurplus(path, { sealedBeforeNs: at(2 * hourMs) });
  assert.deepEqual(
    filesIn(path).filter((name) => !name.includes("-")),
    ["1", "3"],
  );
  old.close(at(3 * hourMs));
});

test("the oldest sealed segments go until all together fit the bound, and no more", (t) => {
  const path = newFolder(t);
  for (const hour of [1, 2, 3, 4]) addSegment(path, hour * hourMs);
  const one = statSync(join(path, "segment-000001.db")).size;
  removeSurplus(path, { mostBytes: bytesIn(path) });
  assert.deepEqual(filesIn(path), ["1", "2", "3", "4"]);
  removeSurplus(path, { mostBytes: Math.floor(one * 2.5) });
  assert.deepEqual(filesIn(path), ["3", "4"]);
});

test("what is open counts and is never deleted, another recorder's neither, with its log", (t) => {
  const path = newFolder(t);
  const other = tapeIn(path, { recorder: testRecorder("other") });
  other.append(batchOf(callPart(1, { answer: capturedResponse("x".repeat(200_000)) })), at(0));
  addSegment(path, hourMs);
  const mine = tapeIn(path);
  mine.append(batchOf(callPart(2)), at(2 * hourMs));
  removeSurplus(path, { mostBytes: 1, sealedBeforeNs: at(100 * hourMs) });
  assert.deepEqual(
    filesIn(path).filter((name) => !name.includes("-")),
    ["1", "3"],
  );
  assert.deepEqual(other.append(batchOf(callPart(3)), at(3)).kept, 1);
  mine.close(at(3 * hourMs));
  other.close(at(3 * hourMs));
});

test("a damaged neighbour is left alone and counted", (t) => {
  const path = newFolder(t);
  addSegment(path, hourMs);
  writeFileSync(join(path, "segment-000002.db"), "no database ".repeat(1000));
  removeSurplus(path, { mostBytes: 12_001 });
  assert.deepEqual(filesIn(path), ["2"]);
});

test("a recorder that sees nothing still rolls, seals and deletes, by the counts it tells", (t) => {
  const path = newFolder(t);
  const tape = tapeIn(path, { retentionMs: 2 * hourMs });
  tape.append(batchOf(callPart(1)), at(0));
  const segments = () => filesIn(path).filter((name) => !name.includes("-"));
  for (let minute = 1; minute < 60; minute++) tape.count(at(minute * 60_000), {});
  assert.deepEqual(segments(), ["1"]);
  // Sealed after an hour, gone two hours later; the one that took its place is empty and stays.
  for (let minute = 60; minute < 180; minute++) tape.count(at(minute * 60_000), {});
  assert.deepEqual(segments(), ["1", "2"]);
  for (let minute = 180; minute < 183; minute++) tape.count(at(minute * 60_000), {});
  assert.deepEqual(segments(), ["2"]);
  tape.close(at(4 * hourMs));
});

test("a recorder keeps its folder within the bound while it writes", (t) => {
  const path = newFolder(t);
  const mostBytes = 2 ** 20;
  const tape = tapeIn(path, { mostBytes, segmentBytes: mostBytes / 4 });
  let largest = 0;
  for (let sequence = 1; sequence <= 60; sequence++) {
    const text = Array.from({ length: 2500 }, () => Math.random().toString(36).padEnd(20, "x")).join("");
    tape.append(batchOf(callPart(sequence, { answer: capturedResponse(text) })), at(sequence));
    largest = Math.max(largest, bytesIn(path));
  }
  tape.close(at(100));
  // One segment may fill before the oldest one goes.
  assert.ok(largest > mostBytes / 2 && largest < mostBytes * 1.6, `${largest}`);
  assert.ok(!filesIn(path).includes("1"));
});

test("what a recorder of another host left open is sealed once it has been silent for a day, and goes by age from then", (t) => {
  const path = newFolder(t);
  const dayMs = 24 * hourMs;
  const gone = tapeIn(path, { recorder: testRecorder("gone") });
  gone.append(batchOf(callPart(1)), at(0));
  const db = openSqlite(join(path, "segment-000001.db"));
  db.prepare("UPDATE recorder SET process = 'another-host 17 4711'").run();
  db.close();
  const sealed = () => (statSync(join(path, "segment-000001.db")).mode & 0o222) === 0;
  const nextAt = (ms: number) => {
    const tape = tapeIn(path, { retentionMs: 7 * dayMs });
    tape.append(batchOf(callPart(2)), at(ms));
    tape.close(at(ms));
  };
  nextAt(dayMs - 1);
  assert.equal(sealed(), false);
  nextAt(dayMs + 1);
  assert.equal(sealed(), true);
  nextAt(7 * dayMs);
  assert.ok(filesIn(path).includes("1"));
  nextAt(8 * dayMs + 2);
  assert.ok(!filesIn(path).includes("1"));
});
