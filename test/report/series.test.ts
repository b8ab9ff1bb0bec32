import assert from "node:assert/strict";
import { test } from "node:test";
import { seriesOf, statusesOf } from "../../report/series.js";
import { lane, runSummary } from "../support/run-summary.js";

test("the recording comes first, then baselines, then candidates", () => {
  const lanes = [lane({ name: "new" }), lane({ name: "old", role: "baseline" })];
  assert.deepEqual(
    seriesOf(runSummary({ lanes })).map(({ name }) => name),
    ["recorded", "old", "new"],
  );
});

test("a recording without answers is no series", () => {
  const { recordedLatency, recordedStatuses, ...mirror } = runSummary();
  assert.deepEqual(
    seriesOf(mirror).map(({ name }) => name),
    ["candidate"],
  );
});

test("statuses come by number, failures after them", () => {
  const lanes = [lane({ statuses: { reset: 1, "500": 2 } }), lane({ statuses: { refused: 1, "200": 2 } })];
  const { recordedStatuses, ...rest } = runSummary({ lanes });
  assert.deepEqual(statusesOf(seriesOf(rest)), ["200", "500", "refused", "reset"]);
});

test("each lane's latency is held against the lane of the old version under the same faults", () => {
  const plain = [
    lane({ name: "old", role: "baseline" }),
    lane({ name: "again", role: "baseline", repeat: true }),
    lane({ name: "new" }),
  ];
  const faulty = [lane({ name: "old+f", role: "baseline", faults: "f" }), lane({ name: "new+f", faults: "f" })];
  const series = seriesOf(runSummary({ lanes: [...faulty, ...plain] }));
  assert.deepEqual(
    series.map(({ name, against, ordinal }) => [name, against, ordinal]),
    [
      ["recorded", undefined, 1],
      ["old+f", "old", 1],
      ["old", "recorded", 2],
      ["again", "old", 3],
      ["new+f", "old+f", 1],
      ["new", "old", 2],
    ],
  );
});
