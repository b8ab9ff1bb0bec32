import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import {
  type Exchange,
  keyOfCopy,
  openTape,
  openTapeWriter,
  pseudonymOf,
  type RedactionSpec,
  redactionKey,
  redactTape,
} from "../../../tape/index.js";
import { batchOf, callPart, capturedRequest, capturedResponse, testKey, testRecorder } from "../../support/captured.js";
import { tempFolder } from "../../support/temp.js";

const p = (secret: string) => pseudonymOf(secret, testKey);
const spec: RedactionSpec = { names: [{ name: "ref" }], patterns: [{ name: "ticket", regex: "TCK-\\d+" }] };

function call(sequence: number, text: string) {
  const headers = ["content-type", "application/json"];
  return callPart(sequence, {
    request: capturedRequest({ text, headers, path: `/a?ref=ref-${sequence}`, startedMs: sequence, endedMs: sequence }),
    answer: capturedResponse(`{"ok":"TCK-${sequence}0000"}`, {
      headers,
      startedMs: sequence + 1,
      endedMs: sequence + 2,
    }),
  });
}

/** Two recorders that append in turns; a folder rolls to a new segment after each close. */
async function recorded(path: string): Promise<string> {
  for (const [name, sequences] of [
    ["one", [1, 3]],
    ["two", [2, 4]],
  ] as const) {
    const writer = await openTapeWriter({ path, recorder: testRecorder(name, { service: "shop" }), key: testKey });
    for (const sequence of sequences) {
      await writer.append(batchOf(call(sequence, `{"password":"abcdef","ref":"ref-${sequence}"}`)));
    }
    await writer.count(1_700_000_000_000_000_000n, { seen: 7, dropped: 5, kept: 2 });
    await writer.close();
  }
  return path;
}

async function read(
  path: string,
): Promise<{ exchanges: Exchange[]; keyId: string; stats: unknown; redaction: unknown }> {
  const tape = await openTape([path]);
  const exchanges: Exchange[] = [];
  for await (const exchange of tape.read()) exchanges.push(exchange);
  const { bodies: _, segments, recorders, ...stats } = await tape.stats();
  const parts = segments.map(({ number, createdNs, sealedNs, exchanges: count }) => ({
    number,
    createdNs,
    sealedNs,
    count,
  }));
  const known = recorders.map(({ redaction: _redaction, ...recorder }) => recorder);
  const all = { ...stats, parts, known, ledger: await tape.ledger() };
  await tape.close();
  return { exchanges, keyId: tape.keyId, stats: all, redaction: recorders[0]!.redaction };
}

function textsOf({ request, answer }: Exchange): string[] {
  assert.ok(request.body.kind === "whole" && answer.kind === "response" && answer.body.kind === "whole");
  return [request.path, Buffer.from(request.body.bytes).toString(), Buffer.from(answer.body.bytes).toString()];
}

for (const [kind, name] of [
  ["one file", "tape.db"],
  ["a folder of segments", "tape/"],
] as const) {
  test(`${kind} is redacted by newer rules: ids, times, ledger and what was replaced stay`, async (t) => {
    const folder = tempFolder(t);
    const [old, out] = [await recorded(join(folder, name)), join(folder, `new-${name}`)];
    const before = await read(old);
    const progress: number[] = [];
    const onProgress = (done: number) => progress.push(done);
    const summary = await redactTape({ paths: [old], out, spec, key: testKey, onProgress });
    assert.deepEqual(summary, {
      exchanges: 4,
      changed: 4,
      found: [
        { rule: "name ref", place: "body:/ref", count: 4 },
        { rule: "ticket", place: "body:/ok", count: 4 },
        { rule: "name ref", place: "query:ref", count: 4 },
      ].sort((a, b) => (a.place < b.place ? -1 : 1)),
      interrupted: false,
    });
    const after = await read(out);
    assert.deepEqual(after.stats, before.stats);
    assert.equal(after.keyId, testKey.id);
    assert.deepEqual(after.redaction, [{}, spec]);
    assert.deepEqual(
      after.exchanges.map(({ id, sequence, startedNs, recorder }) => ({ id, sequence, startedNs, recorder })),
      before.exchanges.map(({ id, sequence, startedNs, recorder }) => ({ id, sequence, startedNs, recorder })),
    );
    for (const [at, exchange] of after.exchanges.entries()) {
      const { sequence } = exchange;
      assert.deepEqual(textsOf(exchange), [
        `/a?ref=${p(`ref-${sequence}`)}`,
        `{"password":"${p("abcdef")}","ref":"${p(`ref-${sequence}`)}"}`,
        `{"ok":"${p(`TCK-${sequence}0000`)}"}`,
      ]);
      assert.deepEqual(exchange.redacted, {
        request: ["body:/password", "query:ref", "body:/ref"],
        answer: ["body:/ok"],
      });
      // The hash is of what came on the wire, whatever was replaced since.
      assert.deepEqual(
        (exchange.request.body as { hash: string }).hash,
        (before.exchanges[at]!.request.body as { hash: string }).hash,
      );
    }
    assert.equal(progress.at(-1), 4);
    assert.deepEqual(
      readdirSync(folder).filter((one) => one.startsWith(".")),
      [],
      "no draft is left",
    );
  });
}

test("what was redacted so is not changed again by the same rules", async (t) => {
  const folder = tempFolder(t);
  const old = await recorded(join(folder, "a.db"));
  await redactTape({ paths: [old], out: join(folder, "b.db"), spec, key: testKey });
  const again = await redactTape({ paths: [join(folder, "b.db")], out: join(folder, "c.db"), spec, key: testKey });
  assert.deepEqual([again.changed, again.found], [0, []]);
  assert.deepEqual(
    (await read(join(folder, "c.db"))).exchanges.map(textsOf),
    (await read(join(folder, "b.db"))).exchanges.map(textsOf),
  );
});

test("without a place to write to it only counts; what is there is refused and stays", async (t) => {
  const folder = tempFolder(t);
  const old = await recorded(join(folder, "a.db"));
  const bytes = readFileSync(old);
  const { changed } = await redactTape({ paths: [old], spec, key: testKey });
  assert.equal(changed, 4);
  await assert.rejects(redactTape({ paths: [old], out: old, spec, key: testKey }), /it is there already/);
  await assert.rejects(
    redactTape({ paths: [old], out: join(folder, "none/b.db"), spec, key: testKey }),
    /there is no folder/,
  );
  assert.deepEqual(readFileSync(old), bytes);
  assert.deepEqual(readdirSync(folder), ["a.db"]);
});

test("several segments are not put into one file; an interrupted run leaves nothing", async (t: TestContext) => {
  const folder = tempFolder(t);
  const old = await recorded(join(folder, "tape/"));
  await assert.rejects(redactTape({ paths: [old], out: join(folder, "b.db"), spec, key: testKey }), /name a folder/);
  const stop = new AbortController();
  const out = join(folder, "c/");
  const summary = await redactTape({
    ...{ paths: [old], out, spec, key: testKey, signal: stop.signal },
    onProgress: () => stop.abort(),
  });
  assert.equal(summary.interrupted, true);
  assert.equal(existsSync(out), false);
  assert.deepEqual(readdirSync(folder), ["tape"]);
});

test("with another key the new tape has a key id that no key has", async (t) => {
  const folder = tempFolder(t);
  const old = await recorded(join(folder, "a.db"));
  const fresh = redactionKey(new Uint8Array(32).fill(9));
  await redactTape({ paths: [old], out: join(folder, "b.db"), spec, key: fresh });
  const { keyId, exchanges } = await read(join(folder, "b.db"));
  assert.ok(keyId !== testKey.id && keyId !== fresh.id && /^[0-9a-f]{16}$/.test(keyId), keyId);
  assert.equal(keyId, keyOfCopy(testKey.id, fresh).id);
  assert.equal(textsOf(exchanges[0]!)[1], `{"password":"${p("abcdef")}","ref":"${pseudonymOf("ref-1", fresh)}"}`);
});
