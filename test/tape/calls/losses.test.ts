import assert from "node:assert/strict";
import { test } from "node:test";
import { lossesOf } from "../../../tape/calls/losses.js";
import { noCounts } from "../../../tape/index.js";

const minute = 60_000_000_000n;
const recorder = { name: "stock", incarnation: "a".repeat(16) };

test("calls may be missing in minutes with drops, and in gaps between incarnations", () => {
  const entries = [
    { recorder, minuteNs: 5n * minute, counts: { ...noCounts(), dropped: 1 } },
    { recorder, minuteNs: 9n * minute, counts: { ...noCounts(), sampledOut: 7 } },
  ];
  const gaps = [{ recorder: "stock", afterIncarnation: recorder.incarnation, fromNs: 20n * minute }];
  const lost = lossesOf({ entries, gaps })!;
  assert.equal(lost(recorder, 5n * minute + 1n, 5n * minute + 2n), true);
  assert.equal(lost(recorder, 4n * minute, 6n * minute), true);
  assert.equal(lost(recorder, 9n * minute, 10n * minute), false);
  assert.equal(lost({ ...recorder, incarnation: "b".repeat(16) }, 5n * minute, 6n * minute), false);
  assert.equal(lost(recorder, 21n * minute, 22n * minute), true);
  assert.equal(lost({ name: "shop", incarnation: "c" }, 21n * minute, 22n * minute), false);
});

test("a tape that lacks nothing has no losses", () => {
  assert.equal(lossesOf({ entries: [{ recorder, minuteNs: 0n, counts: noCounts() }], gaps: [] }), undefined);
});
