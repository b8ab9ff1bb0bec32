import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { CapturedCall, CapturedPart, CapturedStatus } from "../../../tape/index.js";
import { openTape } from "../../../tape/index.js";
import { RecordingTape } from "../../../tape/sqlite/recording-tape.js";
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

const mirrored = (sequence: number) => callPart(sequence, { vantage: "mirror", answer: { kind: "unknown" } });
const told = (sequence: number, status: number): CapturedStatus => ({
  part: "status",
  sequence,
  vantage: "mirror",
  answer: { kind: "status-only", status },
  endedAfterMs: 7,
});
const request = (sequence: number): CapturedCall => ({
  part: "request",
  sequence,
  vantage: "mirror",
  request: capturedRequest({ end: "open", startedMs: sequence }),
});
const ended = (sequence: number, answer: Extract<CapturedCall, { part: "answer" }>["answer"]): CapturedCall => ({
  part: "answer",
  sequence,
  vantage: "mirror",
  request: capturedRequest({ startedMs: sequence }),
  answer,
});

/** A folder in which each batch is a segment of its own. */
function tapeOf(t: Parameters<typeof tempFolder>[0], batches: readonly (readonly CapturedPart[])[]): string {
  const path = join(tempFolder(t), "tape");
  const options = { place: { kind: "folder", path }, recorder: testRecorder(), key: testKey } as const;
  const tape = new RecordingTape({ ...options, segmentBytes: 2 ** 30, segmentAgeMs: 1000 });
  const at = (batch: number) => testEpochNs + BigInt(batch) * 2_000_000_000n;
  for (const [batch, parts] of batches.entries()) tape.append(batchOf(...parts), at(batch));
  tape.close(at(batches.length));
  return path;
}

async function answersOf(path: string) {
  const reader = await openTape([path]);
  const exchanges = await allOf(reader.read());
  const heads = await allOf(reader.skim());
  const stats = await reader.stats();
  for (const exchange of exchanges) assert.deepEqual(await reader.find(exchange.id), exchange);
  await reader.close();
  assert.deepEqual(
    heads.map(({ id, answer }) => [id, answer.kind]),
    exchanges.map(({ id, answer }) => [id, answer.kind]),
  );
  const counted = { response: 0, failure: 0, "status-only": 0, unknown: 0 };
  for (const { answer } of exchanges) counted[answer.kind]++;
  assert.deepEqual(stats.answers, counted);
  assert.equal(stats.exchanges, exchanges.length);
  return {
    answers: exchanges.map(({ answer }) => ("status" in answer ? answer.status : answer.kind)),
    exchanges,
    stats,
  };
}

test("a status that came after its call's segment was sealed is found from there", async (t) => {
  const path = tapeOf(t, [[mirrored(1), mirrored(2)], [mirrored(3)], [told(2, 503), told(3, 200)]]);
  const { answers, exchanges, stats } = await answersOf(path);
  assert.equal(stats.segments.length, 3);
  assert.deepEqual(answers, ["unknown", 503, 200]);
  assert.equal(exchanges[1]!.answerEndedNs, exchanges[1]!.startedNs + 7_000_000n);
});

test("a status that came before its call, which went into the next segment, is found, too", async (t) => {
  assert.deepEqual((await answersOf(tapeOf(t, [[told(1, 404)], [mirrored(1)]]))).answers, [404]);
});

test("request, status and end in three segments are one Exchange with that status", async (t) => {
  const path = tapeOf(t, [[request(1)], [told(1, 204)], [ended(1, { kind: "unknown" })]]);
  assert.deepEqual((await answersOf(path)).answers, [204]);
});

test("an answer that was seen, in whichever segment, is never replaced by a status", async (t) => {
  const path = tapeOf(t, [
    [callPart(1), request(2)],
    [told(1, 500), told(2, 500)],
    [ended(2, capturedResponse("seen"))],
  ]);
  assert.deepEqual((await answersOf(path)).answers, [200, 200]);
});

test("a status whose call is gone with its segment is of no harm", async (t) => {
  assert.deepEqual((await answersOf(tapeOf(t, [[told(9, 500), mirrored(1)]]))).answers, ["unknown"]);
});
