import assert from "node:assert/strict";
import { test } from "node:test";
import { countInWords, durationInWords, msDigits, percentInWords, plural } from "../../report/numbers.js";

test("counts are grouped by thousands", () => {
  assert.deepEqual([0, 999, 1204, 1_234_567].map(countInWords), ["0", "999", "1,204", "1,234,567"]);
  assert.equal(plural(1, "Step"), "1 Step");
  assert.equal(plural(0, "Step"), "0 Steps");
});

test("milliseconds keep the digits that matter", () => {
  assert.deepEqual([0, 0.0842, 0.524, 3.214, 48.26, 1204.4].map(msDigits), [
    "0",
    "0.084",
    "0.52",
    "3.21",
    "48.3",
    "1,204",
  ]);
});

test("a share just below another is never shown as that one", () => {
  assert.deepEqual([0, 0.3, 0.8999, 0.9, 0.9996, 1].map(percentInWords), [
    "0%",
    "30%",
    "89.9%",
    "90%",
    "99.9%",
    "100%",
  ]);
});

test("durations are said as people say them", () => {
  const said = [840, 12_340, 59_960, 125_000, 3_720_000].map(durationInWords);
  assert.deepEqual(said, ["840 ms", "12.3 s", "1 min 00 s", "2 min 05 s", "1 h 02 min"]);
});
