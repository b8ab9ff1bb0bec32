import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openTape } from "../../../tape/index.js";
import { RecordingTape, type RecordingTapeOptions } from "../../../tape/sqlite/recording-tape.js";
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
import { tempFolder } from "../../support/temp.js";

const hourMs = 3_600_000;
const at = (ms: number) => testEpochNs + BigInt(ms) * 1_000_000n;

function folderTape(t: TestContext, over: Partial<RecordingTapeOptions> = {}) {
  const path = join(tempFolder(t), "tape");
  const options: RecordingTapeOptions = {
    place: { kind: "folder", path },
    recorder: testRecorder(),
    key: testKey,
    segmentBytes: 2 ** 30,
    segmentAgeMs: hourMs,
    ...over,
  };
  return {
    path,
    tape: new RecordingTape(options),
    next: (more: Partial<RecordingTapeOptions>) => new RecordingTape({ ...options, ...more }),
  };
}

async function segmentsOf(path: string) {
  const reader = await openTape([path]);
  const { segments } = reader;
  const sequences = (await allOf(reader.skim())).map(({ sequence }) => sequence);
  const ids = (await allOf(reader.skim())).map(({ id }) => id);
  await reader.close();
  return { segments, sequences, ids };
}

test("a segment that is too large is sealed and the next one begun", async (t) => {
  const { path, tape } = folderTape(t, { segmentBytes: 100_000 });
  for (let sequence = 1; sequence <= 40; sequence++) {
    tape.append(
      batchOf(callPart(sequence, { answer: capturedResponse(`${Math.random()}`.repeat(500)) })),
      at(sequence),
    );
  }
  tape.close(at(50));
  const { segments, sequences, ids } = await segmentsOf(path);
  assert.ok(segments.length > 2, `${segments.length} segments`);
  assert.deepEqual(
    sequences,
    Array.from({ length: 40 }, (_, index) => index + 1),
  );
  assert.equal(new Set(ids).size, 40);
  assert.equal(ids.filter((id) => id > 100_000_000 && id < 200_000_000).length, segments[1]!.exchanges);
  for (const segment of segments) {
    assert.notEqual(segment.sealedNs, undefined);
    assert.equal(statSync(segment.path).mode & 0o222, 0);
    assert.equal(existsSync(`${segment.path}-wal`), false);
  }
});

test("a segment that is too old is sealed, one without Exchanges goes on", async (t) => {
  const { path, tape } = folderTape(t);
  tape.open(at(0));
  tape.count(at(2 * hourMs), { seen: 1 });
  assert.deepEqual(
    readdirSync(path).filter((name) => name.endsWith(".db")),
    ["segment-000001.db"],
  );
  tape.append(batchOf(callPart(1)), at(2 * hourMs));
  tape.append(batchOf(callPart(2)), at(4 * hourMs));
  tape.close(at(4 * hourMs));
  const { segments, sequences } = await segmentsOf(path);
  assert.deepEqual(
    segments.map(({ exchanges, sealedNs }) => [exchanges, sealedNs]),
    [
      [1, at(4 * hourMs)],
      [1, at(4 * hourMs)],
    ],
  );
  assert.deepEqual(sequences, [1, 2]);
});

test("sealed segments past their time are deleted whole, open ones are not", async (t) => {
  const { path, tape, next } = folderTape(t, { retentionMs: 2 * hourMs });
  const other = next({ recorder: testRecorder("another") });
  other.append(batchOf(callPart(100)), at(0));
  for (const hour of [0, 1, 2, 3, 4, 5]) tape.append(batchOf(callPart(hour + 1)), at(hour * hourMs));
  tape.close(at(5 * hourMs));
  const { sequences } = await segmentsOf(path);
  // Sealed at hours 1 to 5; at hour 5, when the last one was begun, those of hours 1 and 2 were older than two hours.
  assert.deepEqual(sequences, [3, 4, 5, 6, 100]);
  other.close(at(6 * hourMs));
});

test("numbers are never shared by recorders of one folder", async (t) => {
  const { path, tape, next } = folderTape(t);
  const other = next({ recorder: testRecorder("another") });
  tape.open(at(0));
  other.open(at(0));
  tape.append(batchOf(callPart(1)), at(0));
  other.append(batchOf(callPart(2)), at(0));
  other.close(at(1));
  tape.close(at(2));
  assert.deepEqual(
    (await segmentsOf(path)).segments.map(({ number, exchanges }) => [number, exchanges]),
    [
      [1, 1],
      [2, 1],
    ],
  );
});

test("a call that is open when its segment is sealed is completed in the next one, under its first id", async (t) => {
  const { path, tape } = folderTape(t);
  const identity = { sequence: 2, vantage: "inbound" } as const;
  const request = capturedRequest({ text: "half", end: "open", startedMs: 2 });
  tape.append(batchOf(callPart(1), { ...identity, part: "request", request }), at(0));
  const whole = capturedRequest({ text: "half and half", startedMs: 2 });
  const answer = { ...identity, part: "answer", request: whole, answer: capturedResponse("done") } as const;
  const receipt = tape.append(batchOf(answer, callPart(3)), at(2 * hourMs));
  assert.equal(receipt.kept, 1);
  tape.close(at(3 * hourMs));

  const reader = await openTape([path]);
  assert.equal(reader.segments.length, 2);
  const exchanges = await allOf(reader.read());
  assert.deepEqual(
    exchanges.map(({ id, sequence }) => [id, sequence]),
    [
      [1, 1],
      [2, 2],
      [100_000_002, 3],
    ],
  );
  assert.equal(exchanges[1]!.answer.kind, "response");
  assert.equal(exchanges[1]!.request.end, "complete");
  assert.deepEqual(await reader.find(2), exchanges[1]);
  assert.deepEqual(
    (await allOf(reader.skim({ ids: [2] }))).map(({ id, answer: { kind } }) => [id, kind]),
    [[2, "response"]],
  );
  const stats = await reader.stats();
  assert.deepEqual([stats.exchanges, stats.answers.unknown, stats.truncated], [3, 0, 0]);
  assert.equal(stats.recorders[0]!.exchanges, 3);
  await reader.close();
});

test("another recorder's damaged or empty segment stops nobody", async (t) => {
  const { path, tape, next } = folderTape(t, { retentionMs: 1 });
  tape.append(batchOf(callPart(1)), at(0));
  writeFileSync(join(path, "segment-000002.db"), "");
  writeFileSync(join(path, "segment-000003.db"), "no database at all, only text".repeat(100));
  const other = next({ recorder: testRecorder("another") });
  other.append(batchOf(callPart(2)), at(1));
  other.close(at(2));
  tape.close(at(2));
  assert.deepEqual(
    readdirSync(path).sort(),
    [1, 2, 3, 4].map((number) => `segment-00000${number}.db`),
  );
});

test("a trouble leaves nothing of its batch, and the same batch can be given again", (t) => {
  const { tape } = folderTape(t);
  const batch = batchOf(callPart(1), callPart(2), callPart(3));
  const broken = { ...batch, buffer: batch.buffer.slice(0) };
  new DataView(broken.buffer).setUint8(new DataView(batch.buffer).getUint32(0, true) + 5, 99);
  assert.throws(() => tape.append(broken, at(0)), { name: "TapeError" });
  assert.deepEqual(tape.append(batch, at(1)), { kept: 3, unredactable: 0 });
  assert.deepEqual(tape.append(batch, at(2)), { kept: 0, unredactable: 0 });
  tape.close(at(3));
});
