import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Exchange, excerptTape, openTape, openTapeWriter } from "../../../tape/index.js";
import { allOf, batchOf, callPart, testKey, testRecorder } from "../../support/captured.js";
import { tempFolder } from "../../support/temp.js";

/** Two recorders, a segment each, with three calls in each. */
async function recorded(path: string): Promise<string> {
  for (const name of ["one", "two"]) {
    const writer = await openTapeWriter({ path, recorder: testRecorder(name, { service: name }), key: testKey });
    await writer.append(batchOf(callPart(1), callPart(2), callPart(3)));
    await writer.count(1_700_000_000_000_000_000n, { seen: 9, dropped: 6, kept: 3 });
    await writer.close();
  }
  return path;
}

async function read(
  path: string,
): Promise<{ exchanges: Exchange[]; dropped: number; gaps: number; keyId: string; names: string[] }> {
  const tape = await openTape([path]);
  const exchanges = await allOf(tape.read());
  const { dropped, gaps, recorders } = await tape.stats();
  const { keyId } = tape;
  await tape.close();
  return { exchanges, dropped, gaps: gaps.length, keyId, names: recorders.map(({ id }) => id.name) };
}

test("chosen Exchanges become a tape of their own, just as they were, with their ids", async (t) => {
  const folder = tempFolder(t);
  const old = await recorded(`${join(folder, "tape")}/`);
  const before = await read(old);
  const ids = [100_000_003, 2, 3];
  const out = `${join(folder, "some")}/`;
  assert.deepEqual(await excerptTape({ paths: [old], out, ids }), { exchanges: 3 });
  const after = await read(out);
  assert.deepEqual(
    after.exchanges,
    before.exchanges.filter(({ id }) => ids.includes(id)),
  );
  // What is not there was left out by choice: nothing is said to be lost.
  assert.deepEqual([after.dropped, after.gaps, after.keyId, after.names.sort()], [0, 0, before.keyId, ["one", "two"]]);
});

test("what lies in one segment goes onto one file", async (t) => {
  const folder = tempFolder(t);
  const old = await recorded(`${join(folder, "tape")}/`);
  const out = join(folder, "some.db");
  await excerptTape({ paths: [old], out, ids: [100_000_001] });
  assert.deepEqual(
    (await read(out)).exchanges.map(({ id }) => id),
    [100_000_001],
  );
  await assert.rejects(
    excerptTape({ paths: [old], out: join(folder, "all.db"), ids: [1, 100_000_001] }),
    /name a folder/,
  );
});

test("an id that is not there, none at all and a place that is taken are refused, and nothing is left", async (t) => {
  const folder = tempFolder(t);
  const old = await recorded(`${join(folder, "tape")}/`);
  const out = `${join(folder, "some")}/`;
  const refusals: [number[], string, RegExp][] = [
    [[1, 77], out, /77 is not on the tape/],
    [[1, 900_000_001], out, /900000001 is not on the tape/],
    [[], out, /no Exchange is chosen/],
    [[1], old, /it is there already/],
  ];
  for (const [ids, path, said] of refusals) await assert.rejects(excerptTape({ paths: [old], out: path, ids }), said);
  assert.ok(!existsSync(out));
  assert.deepEqual(readdirSync(folder), ["tape"]);
});
