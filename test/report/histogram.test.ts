import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sharedBars } from "../../report/histogram.js";
import { latencyOf } from "../support/run-summary.js";

test("the bars of several series share their bounds, from the smallest to the largest", () => {
  const bars = sharedBars([latencyOf([1, 10]), latencyOf([100])], 2);
  assert.deepEqual(
    bars.map(({ counts }) => counts),
    [
      [2, 0],
      [0, 1],
    ],
  );
  assert.equal(bars[0]?.fromMs, 1);
  assert.equal(bars.at(-1)?.toMs, 100);
});

test("a wide bucket is spread over the bars it spans", () => {
  const wide = { ...latencyOf([1, 100]), count: 100, buckets: [{ upToMs: 100, count: 100 }] };
  const counts = sharedBars([wide], 4).map((bar) => bar.counts[0]!);
  assert.ok(
    counts.every((count) => count > 0),
    String(counts),
  );
});

test("no call gets lost or counted twice, whatever the latencies", () => {
  const samples = fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.array(samples, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 50 }), (lanes, wanted) => {
      const series = lanes.map(latencyOf);
      const bars = sharedBars(series, wanted);
      const total = (which: number) => bars.reduce((sum, bar) => sum + bar.counts[which]!, 0);
      for (const [which, { count }] of series.entries()) assert.equal(bars.length === 0 ? 0 : total(which), count);
      for (const bar of bars) assert.ok(bar.counts.every((count) => Number.isInteger(count) && count >= 0));
    }),
  );
});

test("without an answer there are no bars", () => {
  assert.deepEqual(sharedBars([latencyOf([])], 10), []);
});
