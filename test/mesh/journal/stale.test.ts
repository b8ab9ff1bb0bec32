import assert from "node:assert/strict";
import { test } from "node:test";
import type { JournalEntry } from "../../../mesh/journal/entry.js";
import { thisHolder } from "../../../mesh/journal/holder.js";
import { isAlive, isStale } from "../../../mesh/journal/stale.js";

const now = new Date("2026-03-01T12:00:00Z");
const entry = (changes: Partial<JournalEntry>): JournalEntry => ({
  ...{ format: 1, id: "a", kind: "test", subject: "reviews", what: "try", by: "tester", changes: [] },
  at: "2026-03-01T11:59:00Z",
  ...changes,
});
const ahead = "2026-03-01T12:00:30Z";
const gone = { ...thisHolder()!, pid: 2 ** 22 + 1 };

for (const [what, changes, alive, stale] of [
  ["what is to stay until it is put back is neither alive nor stale", {}, false, false],
  ["a lease that runs is alive", { leaseUntil: ahead }, true, false],
  ["a lease that ran out is stale", { leaseUntil: "2026-03-01T12:00:00Z" }, false, true],
  ["a lease that runs, held by a process that is over, is stale", { leaseUntil: ahead, holder: gone }, false, true],
  [
    "a lease that runs, held by a process elsewhere, is alive",
    { leaseUntil: ahead, holder: { ...gone, system: "another" } },
    true,
    false,
  ],
] as const) {
  test(what, { skip: process.platform !== "linux" }, () => {
    assert.deepEqual([isAlive(entry(changes), now), isStale(entry(changes), now)], [alive, stale]);
  });
}
