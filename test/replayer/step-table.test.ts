import assert from "node:assert/strict";
import { test } from "node:test";
import { StepTable } from "../../replayer/step-table.js";

test("a table gives back what was put in, however many, and from its end", () => {
  const table = new StepTable();
  for (let at = 0; at < 1_000; at++) {
    table.add(
      {
        exchangeId: at + 1,
        startedNs: at * 10,
        open: at % 2 === 1,
        clock: at % 3,
        ...(at % 2 === 0 && { endedNs: at * 10 + 5, recordedStatus: 200 }),
      },
      { connection: at, session: 7, resource: 9, writes: at % 2 === 0 },
    );
  }
  assert.equal(table.length, 1_000);
  assert.deepEqual(table.at(0), { step: 0, exchangeId: 1, startedNs: 0, endedNs: 5, open: false, recordedStatus: 200 });
  assert.deepEqual(table.at(-1), { step: 999, exchangeId: 1_000, startedNs: 9_990, open: true });
  assert.deepEqual(table.at(1), { step: 1, exchangeId: 2, startedNs: 10, open: true, clock: 1 });
  assert.deepEqual([table.at(1_000), table.at(-1_001)], [undefined, undefined]);
  assert.deepEqual(table.tiesOf(600), { connection: 600, session: 7, resource: 9, writes: true });
  assert.equal([...table].length, 1_000);
});

test("each further pass begins after all of the one before had ended", () => {
  const table = new StepTable();
  table.add({ exchangeId: 1, startedNs: 0, endedNs: 500, open: false });
  table.add({ exchangeId: 2, startedNs: 10, open: true });
  table.repeat(3, 100);
  assert.deepEqual(
    Array.from(table, ({ exchangeId, startedNs, endedNs }) => [exchangeId, startedNs, endedNs]),
    [
      [1, 0, 500],
      [2, 10, undefined],
      [1, 600, 1_100],
      [2, 610, undefined],
      [1, 1_200, 1_700],
      [2, 1_210, undefined],
    ],
  );
  assert.equal(table.passes, 3);
});
