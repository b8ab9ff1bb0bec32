import assert from "node:assert/strict";
import { chmodSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openTapeWriter, SealedSegments } from "../../../tape/index.js";
import { batchOf, callPart, testKey, testRecorder } from "../../support/captured.js";
import { tempFolder } from "../../support/temp.js";

test("rolling seals what was stored, and a copy by another name is known by its id", async (t) => {
  const folder = join(tempFolder(t), "tape");
  const elsewhere = tempFolder(t);
  const writer = await openTapeWriter({ path: `${folder}/`, recorder: testRecorder(), key: testKey });
  const segments = new SealedSegments(folder);
  await writer.roll();
  assert.deepEqual(await segments.list(), [], "an empty one is not sealed");
  await writer.append(batchOf(callPart(1)));
  assert.deepEqual(await segments.list(), []);
  await writer.roll();
  await writer.roll();
  const [first, ...more] = await segments.list();
  assert.deepEqual([first!.number, first!.keyId, more], [1, testKey.id, []]);
  await writer.append(batchOf(callPart(2)));
  await writer.close();
  const both = await segments.list();
  assert.deepEqual(
    both.map(({ number }) => number),
    [1, 2],
  );
  assert.notEqual(both[0]!.id, both[1]!.id);
  copyFileSync(both[1]!.path, join(elsewhere, "segment-000009.db"));
  const [copy] = await new SealedSegments(elsewhere).list();
  assert.deepEqual([copy!.id, copy!.number], [both[1]!.id, 2]);
});

test("what is damaged or only looks sealed is left out", async (t) => {
  const folder = tempFolder(t);
  const path = join(folder, "segment-000001.db");
  writeFileSync(path, "no database");
  chmodSync(path, 0o444);
  assert.deepEqual(await new SealedSegments(folder).list(), []);
});
