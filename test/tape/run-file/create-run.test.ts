import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Worker } from "node:worker_threads";
import {
  type Answer,
  createRun,
  type Difference,
  type Outcome,
  openRun,
  openTapeWriter,
  type RunHeader,
  type RunSummary,
  type SentRequest,
  type StepRecord,
} from "../../../tape/index.js";
import { openSqlite } from "../../../tape/sqlite/sqlite.js";
import { testKey, testRecorder } from "../../support/captured.js";
import { tempFolder } from "../../support/temp.js";

const header: RunHeader = {
  run: "4f2a",
  tapeloop: "0.1.0",
  startedAt: "2026-01-01T00:00:00.000Z",
  tapePaths: ["monday.db"],
  keyId: testKey.id,
  lanes: [{ name: "candidate", role: "candidate", target: "http://127.0.0.1:1" }],
};

function stepRecord(step: number, over: Partial<StepRecord> = {}): StepRecord {
  const { callee, route, method, path } = {
    callee: "reviews",
    route: "GET /reviews/{id}",
    method: "GET",
    path: `/reviews/${step}`,
  };
  return {
    step,
    exchangeId: step + 1,
    callee,
    route,
    method,
    path,
    protocol: "http/1.1",
    recordedAtMs: step / 2,
    ...over,
  };
}

function outcome(step: number, answer: Answer, lane = "candidate"): Outcome {
  return { step, lane, answer, dueMs: step, sentMs: step + 0.25, answeredMs: step + 3.5 };
}

function response(text: string, over: Partial<Extract<Answer, { kind: "response" }>> = {}): Answer {
  // A piece of a pool, as bodies from a socket are.
  const bytes = Buffer.from(text);
  const body = { kind: "whole", bytes, hash: "ab".repeat(16) } as const;
  return { kind: "response", status: 200, end: "complete", headers: [["x", "\xe9"]], trailers: [], body, ...over };
}

const bytesOf = (found: Outcome | undefined) =>
  found?.answer.kind === "response" && "bytes" in found.answer.body && Buffer.from(found.answer.body.bytes).toString();

// What is read is compared as plain values: bytes come back in another kind of array.
const plain = (value: unknown) =>
  JSON.parse(
    JSON.stringify(value, (_, inner: unknown) =>
      isBytes(inner) ? Buffer.from(bytesIn(inner)).toString("hex") : inner,
    ),
  );
const isBytes = (value: unknown): boolean =>
  value instanceof Uint8Array || (value as { type?: unknown } | null)?.type === "Buffer";
const bytesIn = (value: unknown) => (value instanceof Uint8Array ? value : (value as { data: number[] }).data);

test("a run is read back as it was written", async (t) => {
  const path = join(tempFolder(t), "run.db");
  const run = createRun(path, header);
  const steps = [stepRecord(0), stepRecord(1, { recordedMs: 4.5, recordedStatus: 404, protocol: "h2" })];
  const cut = { kind: "cut", bytes: Buffer.from("first"), fullBytes: 900, hash: "cd".repeat(16) } as const;
  const withheld = { kind: "unredactable", fullBytes: 77, hash: "ef".repeat(16) } as const;
  const outcomes = [
    outcome(0, response("hello")),
    outcome(0, response("", { body: cut, status: 500, end: "reset", trailers: [["grpc-status", "13"]] }), "recorded"),
    outcome(1, { kind: "failure", reason: "refused", afterMs: 1.25 }),
    outcome(1, response("", { body: withheld }), "baseline"),
    outcome(2, response("", { body: { kind: "empty" }, headers: [] })),
    outcome(3, { kind: "unknown" }),
    outcome(4, { kind: "status-only", status: 204 }),
  ];
  const found: Difference[] = [{ place: "body:/a", severity: "high", kind: "missing-field", expected: "1" }];
  run.steps(steps);
  run.outcomes(outcomes);
  run.differences(1, "reviews", found);
  run.differences(1, "ratings", [{ place: "status", severity: "high", kind: "status", expected: 200, actual: 500 }]);
  const summary = { format: 1, run: "4f2a", verdict: "diverged" } as RunSummary;
  await run.finish(summary);
  await run.close();
  assert.equal(existsSync(`${path}-wal`), false);

  const reader = openRun(path);
  assert.deepEqual(reader.header, header);
  assert.deepEqual(reader.summary(), summary);
  assert.deepEqual([...reader.steps()], steps);
  for (const one of outcomes) assert.deepEqual(plain(reader.outcome(one.step, one.lane)), plain(one));
  assert.equal(reader.outcome(0, "baseline"), undefined);
  assert.deepEqual(reader.differencesOf(1), [
    { ...found[0], hop: "reviews" },
    { place: "status", severity: "high", kind: "status", expected: 200, actual: 500, hop: "ratings" },
  ]);
  assert.deepEqual(reader.differencesOf(0), []);
  reader.close();
});

test("Steps that ended in any order are read in tape order, with the Outcomes that were the same as others", async (t) => {
  const path = join(tempFolder(t), "run.db");
  const run = createRun(path, header);
  // Of 5,000 Steps, each hundred backwards, one that ended far too late, and two lanes.
  const order = Array.from({ length: 5000 }, (_, at) => at - (at % 100) + (99 - (at % 100)));
  order.push(...order.splice(order.indexOf(7), 1));
  const sameOf = (step: number, lane: string, as: string): Outcome => ({
    ...outcome(step, { kind: "unknown" }, lane),
    answer: { kind: "same", as, status: 200 + (step % 3) },
  });
  for (const step of order) {
    run.steps([
      stepRecord(step, step % 2 === 0 ? {} : { recordedMs: step / 3, recordedStatus: 200, callee: `c${step % 5}` }),
    ]);
    run.outcomes([sameOf(step, "baseline", "recorded"), sameOf(step, "candidate", "baseline")]);
  }
  await run.close();
  const reader = openRun(path);
  const steps = [...reader.steps()];
  assert.deepEqual(
    steps.map(({ step }) => step),
    Array.from({ length: 5000 }, (_, at) => at),
  );
  assert.deepEqual(steps[7], stepRecord(7, { recordedMs: 7 / 3, recordedStatus: 200, callee: "c2" }));
  for (const step of [0, 7, 99, 2500, 4999]) {
    assert.deepEqual(reader.outcome(step, "baseline"), sameOf(step, "baseline", "recorded"));
    assert.deepEqual(reader.outcome(step, "candidate"), sameOf(step, "candidate", "baseline"));
  }
  assert.equal(reader.outcome(5000, "candidate"), undefined);
  reader.close();
  const rows = openSqlite(path, { readonly: true }).prepare("SELECT count(*) FROM step_block").pluck().get() as number;
  assert.ok(rows < 100, `${rows} blocks`);
});

test("what was sent for a Step is read back, with the names of the operator's fields", async (t) => {
  const path = join(tempFolder(t), "run.db");
  const run = createRun(path, header);
  const body = { kind: "whole", bytes: Buffer.from("{}"), hash: "ab".repeat(16) } as const;
  const sent: SentRequest[] = [
    {
      step: 3,
      headers: [
        ["x", "\xe9"],
        ["x", ""],
      ],
      given: ["Authorization"],
      body,
    },
    { step: 4, headers: [], given: [], body: { kind: "empty" } },
  ];
  run.requests(sent);
  await run.close();
  const reader = openRun(path);
  assert.deepEqual(plain([reader.request(3), reader.request(4)]), plain(sent));
  assert.equal(reader.request(5), undefined);
  reader.close();
});

test("many Outcomes with few bodies keep each body once", async (t) => {
  const path = join(tempFolder(t), "run.db");
  const run = createRun(path, header);
  const texts = ["one body ".repeat(40), "another body ".repeat(40)];
  for (let step = 0; step < 3000; step++) {
    run.steps([stepRecord(step)]);
    run.outcomes([outcome(step, response(texts[step % 2]!))]);
  }
  await run.close();
  const reader = openRun(path);
  assert.equal([...reader.steps()].length, 3000);
  for (const step of [0, 1, 1999, 2998]) assert.equal(bytesOf(reader.outcome(step, "candidate")), texts[step % 2]);
  assert.equal(reader.summary(), undefined);
  reader.close();
  assert.equal(openSqlite(path, { readonly: true }).prepare("SELECT count(*) FROM body").pluck().get(), 2);
});

test("a run file is replaced, a tape or any other file never", async (t) => {
  const folder = tempFolder(t);
  const path = join(folder, "run.db");
  await createRun(path, header).close();
  await createRun(path, { ...header, run: "second" }).close();
  const reader = openRun(path);
  assert.equal(reader.header.run, "second");
  reader.close();
  const tape = join(folder, "tape.db");
  await (await openTapeWriter({ path: tape, recorder: testRecorder(), key: testKey })).close();
  assert.throws(() => createRun(tape, header), { name: "TapeError", message: /is no run file/ });
  writeFileSync(join(folder, "notes.txt"), "notes ".repeat(50));
  assert.throws(() => createRun(join(folder, "notes.txt"), header), { name: "TapeError", message: /is no run file/ });
  assert.throws(() => createRun(join(folder, "none", "run.db"), header), {
    name: "TapeError",
    message: /^cannot write run/,
  });
  assert.throws(() => openRun(tape), { name: "TapeError", message: /it is a tape file$/ });
  assert.throws(() => openRun(join(folder, "none.db")), { name: "TapeError", message: /no such file/ });
});

test("a trouble of the writing thread is told at the end, whatever is given after it", async (t) => {
  const run = createRun(join(tempFolder(t), "run.db"), header);
  const started = once(process, "worker") as Promise<[Worker]>;
  for (let step = 0; step < 600; step++) run.steps([stepRecord(step)]);
  const [worker] = await started;
  await worker.terminate();
  for (let step = 600; step < 1200; step++) run.steps([stepRecord(step)]);
  await assert.rejects(run.finish({ format: 1 } as RunSummary), { name: "TapeError", message: /cannot write run/ });
  await assert.rejects(run.close(), { name: "TapeError" });
});

test("closing twice is as closing once, and a closed run takes nothing more", async (t) => {
  const run = createRun(join(tempFolder(t), "run.db"), header);
  await Promise.all([run.close(), run.close()]);
  assert.throws(() => run.steps([stepRecord(0)]), { name: "TapeError", message: /closed/ });
});

test("one Step, all Differences and the calls below a Step are read back, however many there are", async (t) => {
  const path = join(tempFolder(t), "run.db");
  const run = createRun(path, header);
  const steps = Array.from({ length: 3000 }, (_, at) => stepRecord(at));
  run.steps(steps);
  const difference = (step: number, at: number): Difference => ({
    kind: "changed-value",
    place: `body:/a/${at}`,
    severity: "medium",
    expected: String(step),
    actual: "x",
  });
  // Steps land out of order; more rows than are read at once.
  for (const { step } of steps.toReversed())
    run.differences(
      step,
      "reviews",
      [0, 1].map((at) => difference(step, at)),
    );
  run.differences(2999, "ratings", [difference(2999, 9)], "GET /ratings/{id}");
  const hops = {
    step: 7,
    lane: "candidate",
    reference: "recorded",
    calls: [
      {
        depth: 1,
        callee: "ratings",
        route: "GET /ratings/{id}",
        differs: true,
        expected: { method: "GET", path: "/ratings/7", status: "200", tookMs: 2.5 },
      },
    ],
  };
  run.pairedHops([hops]);
  await run.close();
  const kept = openRun(path);
  t.after(() => kept.close());
  assert.deepEqual(kept.step(2500), steps[2500]);
  assert.equal(kept.step(3000), undefined);
  const read = [...kept.differences()];
  assert.deepEqual(
    read.slice(0, -1).map(({ step, hop, difference: { place } }) => [step, hop, place]),
    steps.flatMap(({ step }) => [0, 1].map((at) => [step, "reviews", `body:/a/${at}`])),
  );
  const below = { step: 2999, hop: "ratings", route: "GET /ratings/{id}", difference: difference(2999, 9) };
  assert.deepEqual(read.at(-1), below);
  assert.deepEqual(kept.differencesOf(2999).at(-1), { ...difference(2999, 9), hop: "ratings" });
  for (const { step } of kept.differences()) {
    assert.equal(kept.differencesOf(step).length, 2, "other questions are answered meanwhile");
    break;
  }
  assert.deepEqual(kept.pairedHops(7, "candidate"), hops);
  assert.equal(kept.pairedHops(7, "baseline"), undefined);
});
