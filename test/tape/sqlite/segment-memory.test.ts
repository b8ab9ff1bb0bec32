import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { type CapturedCall, openTape } from "../../../tape/index.js";
import { sightingOf } from "../../../tape/sighting/sighting.js";
import { SegmentWriter } from "../../../tape/sqlite/segment-writer.js";
import {
  allOf,
  callPart,
  capturedRequest,
  capturedResponse,
  testEpochNs,
  testKey,
  testRecorder,
} from "../../support/captured.js";
import { tempFolder } from "../../support/temp.js";

const recorder = testRecorder();
const seen = (part: CapturedCall) => sightingOf(part, recorder, testKey);

test("what a writer remembers is read from the file again: parts, open calls, bodies and statuses", async (t) => {
  const path = join(tempFolder(t), "tape.db");
  const open = () => new SegmentWriter({ path, number: 1, recorder, key: testKey, nowNs: testEpochNs });
  const long = "the same long answer ".repeat(20);
  const copied = (sequence: number) => callPart(sequence, { vantage: "mirror", answer: { kind: "unknown" } });
  const asked = {
    part: "request",
    sequence: 3,
    vantage: "inbound",
    request: capturedRequest({ text: "half", end: "open" }),
  } as const;
  const status = (sequence: number) =>
    ({ part: "status", sequence, vantage: "mirror", answer: { kind: "status-only", status: 204 } }) as const;

  const first = open();
  first.inTransaction(testEpochNs, () => {
    first.keep(seen(callPart(1, { answer: capturedResponse(long) })));
    first.keep(seen(copied(2)));
    first.keep(seen(asked));
    first.keepStatus(status(4));
  });
  first.abandon();

  const second = open();
  second.inTransaction(testEpochNs, () => {
    assert.equal(second.keep(seen(callPart(1))), "ignored");
    assert.equal(second.keep(seen(callPart(5, { answer: capturedResponse(long) }))), "new");
    assert.equal(second.keepStatus(status(2)), "kept");
    assert.equal(second.keepStatus(status(1)), "ignored");
    assert.equal(second.keep(seen(copied(4))), "new");
    const answered = {
      ...asked,
      part: "answer",
      request: capturedRequest({ text: "half and half" }),
      answer: capturedResponse("done"),
    } as const;
    assert.equal(second.keep(seen(answered)), "completed");
  });
  second.close();

  const reader = await openTape([path]);
  const exchanges = await allOf(reader.read());
  const answers = new Map(exchanges.map(({ sequence, answer }) => [sequence, answer]));
  assert.equal(exchanges.length, 5);
  assert.deepEqual(
    [answers.get(2), answers.get(4)],
    [
      { kind: "status-only", status: 204 },
      { kind: "status-only", status: 204 },
    ],
  );
  assert.equal(answers.get(3)!.kind, "response");
  const { bodies, answers: counted } = await reader.stats();
  // The long answer, "half and half", "done".
  assert.equal(bodies.stored, 3);
  assert.deepEqual(counted, { response: 3, failure: 0, "status-only": 2, unknown: 0 });
  await reader.close();
});

test("what was taken back with its transaction was never there", async (t) => {
  const path = join(tempFolder(t), "tape.db");
  const writer = new SegmentWriter({ path, number: 1, recorder, key: testKey, nowNs: testEpochNs });
  const text = "an answer that is stored once ".repeat(10);
  const request = { part: "request", sequence: 9, vantage: "inbound", request: capturedRequest() } as const;
  assert.throws(
    () =>
      writer.inTransaction(testEpochNs, () => {
        writer.keep(seen(callPart(1, { answer: capturedResponse(text) })));
        writer.keep(seen(request));
        throw new Error("a trouble");
      }),
    /a trouble/,
  );
  writer.inTransaction(testEpochNs, () => {
    assert.equal(writer.keep(seen(callPart(1, { answer: capturedResponse(text) }))), "new");
    assert.equal(writer.keep(seen({ ...request, part: "answer", answer: capturedResponse(text) })), "new");
  });
  writer.close();
  const reader = await openTape([path]);
  const exchanges = await allOf(reader.read());
  assert.deepEqual(exchanges.map(({ id, sequence }) => [id, sequence]).sort(), [
    [1, 1],
    [2, 9],
  ]);
  for (const { answer } of exchanges) {
    assert.equal(
      answer.kind === "response" && answer.body.kind === "whole" && Buffer.from(answer.body.bytes).toString(),
      text,
    );
  }
  assert.equal((await reader.stats()).bodies.stored, 1);
  await reader.close();
});

test("a segment of more kinds of calls than it has shapes for tells them apart all the same", {
  timeout: 60_000,
}, async (t) => {
  const path = join(tempFolder(t), "tape.db");
  const writer = new SegmentWriter({ path, number: 1, recorder, key: testKey, nowNs: testEpochNs });
  const hosts = Array.from({ length: 5000 }, (_, at) => `host-${at}.example:80`);
  writer.inTransaction(testEpochNs, () => {
    for (const [at, authority] of hosts.entries()) {
      writer.keep(seen(callPart(at, { request: capturedRequest({ authority, startedMs: at }) })));
    }
  });
  writer.close();
  const reader = await openTape([path]);
  const heads = await allOf(reader.skim());
  assert.deepEqual(
    heads.map(({ request }) => request.authority),
    hosts,
  );
  assert.deepEqual(
    heads.map(({ callee }) => callee),
    hosts.map((host) => host.slice(0, -3)),
  );
  await reader.close();
});
