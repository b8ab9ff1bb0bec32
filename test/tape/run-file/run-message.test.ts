import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../../../tape/index.js";
import { packRecords, type RunRecord, type RunRow, unpackRows } from "../../../tape/run-file/run-message.js";

function outcomeRecord(step: number, answer: Answer): RunRecord {
  return { kind: "outcome", outcome: { step, lane: "candidate", answer, dueMs: 0, sentMs: 1, answeredMs: 2 } };
}

function response(text: string): Answer {
  const body = { kind: "whole", bytes: new Uint8Array(Buffer.from(text)), hash: "00" } as const;
  return { kind: "response", status: 200, end: "complete", headers: [["a", "\xe9"]], trailers: [], body };
}

function outcomeRows(rows: readonly RunRow[]) {
  return rows.flatMap((row) => (row.table === "outcome" ? [row.columns] : []));
}

test("records come out as rows in their order, each outcome with its own bytes and fields", () => {
  const empty = { ...response(""), body: { kind: "empty" } } as Answer;
  const difference = { kind: "status", place: "status", severity: "high", expected: 200, actual: 500 } as const;
  const rows = unpackRows(
    packRecords([
      outcomeRecord(0, response("first")),
      { kind: "differences", step: 0, hop: "reviews", found: [difference] },
      outcomeRecord(1, { kind: "failure", reason: "refused", afterMs: 3 }),
      outcomeRecord(2, empty),
      outcomeRecord(3, response("")),
      outcomeRecord(4, response("second")),
    ]),
  );
  const outcomes = outcomeRows(rows);
  assert.deepEqual(
    rows.map(({ table }) => table),
    ["outcome", "difference", "outcome", "outcome", "outcome", "outcome"],
  );
  assert.deepEqual(rows[1]!.columns, [0, "reviews", JSON.stringify(difference)]);
  assert.deepEqual(
    outcomes.map(({ plain }) => plain.slice(0, 5)),
    [0, 1, 2, 3, 4].map((step) => [step, "candidate", 0, 1, 2]),
  );
  assert.deepEqual(
    outcomes.map(({ body }) => body && Buffer.from(body).toString()),
    ["first", undefined, undefined, "", "second"],
  );
  const fields = ["a", "\xe9"];
  assert.deepEqual(
    outcomes.map(({ headers }) => headers),
    [fields, undefined, fields, fields, fields],
  );
  assert.deepEqual(
    outcomes.map(({ trailers }) => trailers),
    [[], undefined, [], [], []],
  );
});

test("a body that is a piece of a pool is handed over alone", () => {
  const pooled = Buffer.from("piece of a pool");
  assert.ok(pooled.buffer.byteLength > pooled.length);
  const answer = { ...response(""), body: { kind: "whole", bytes: pooled, hash: "00" } } as Answer;
  const packed = packRecords([outcomeRecord(0, answer)]);
  assert.equal(packed.bodies.byteLength, pooled.length);
  assert.ok(packed.rows.length < 400);
});
