import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { latencyRecorder } from "../../replayer/latency.js";

function summaryOf(latencies: readonly number[]) {
  const recorder = latencyRecorder();
  for (const latency of latencies) recorder.add(latency);
  return recorder.summary();
}

test("nothing added is nothing counted", () => {
  assert.deepEqual(summaryOf([]), { count: 0, min: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0, buckets: [] });
});

test("percentiles are of the latencies added, to three digits", () => {
  const summary = summaryOf(Array.from({ length: 1000 }, (_, at) => at + 1));
  assert.equal(summary.count, 1000);
  assert.deepEqual([summary.min, summary.max], [1, 1000]);
  for (const [found, wanted] of [
    [summary.p50, 500],
    [summary.p90, 900],
    [summary.p99, 990],
    [summary.p999, 999],
    [summary.mean, 500.5],
  ] as const) {
    assert.ok(Math.abs(found / wanted - 1) < 0.002, `${found} is not ${wanted}`);
  }
});

test("a microsecond is kept apart from two, and an hour still counts", () => {
  const summary = summaryOf([0.001, 0.002, 3_600_000, 9_000_000]);
  assert.deepEqual([summary.min, summary.p50, summary.max], [0.001, 0.002, 3_600_000]);
});

test("what is no time is not counted, and a clock that went back counts as no time at all", () => {
  assert.deepEqual(summaryOf([Number.NaN, Number.POSITIVE_INFINITY]).count, 0);
  assert.deepEqual(summaryOf([-1]).max, 0);
});

test("the summary can be asked for while latencies are still added", () => {
  const recorder = latencyRecorder();
  recorder.add(1);
  assert.equal(recorder.summary().count, 1);
  recorder.add(2);
  assert.deepEqual(recorder.summary(), summaryOf([1, 2]));
});

test("buckets hold every latency once, ascend, end at the greatest and are few", () => {
  const latency = fc.oneof(
    fc.double({ min: 0, max: 5, noNaN: true }),
    fc.double({ min: 0, max: 100_000, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(latency, { minLength: 1 }), (latencies) => {
      const { count, max, buckets } = summaryOf(latencies);
      assert.ok(buckets.length >= 1 && buckets.length <= 40, `${buckets.length} buckets`);
      assert.equal(
        buckets.reduce((sum, bucket) => sum + bucket.count, 0),
        count,
      );
      for (const [at, { upToMs }] of buckets.entries()) assert.ok(at === 0 || upToMs > buckets[at - 1]!.upToMs);
      assert.ok(buckets.at(-1)!.upToMs >= max);
    }),
  );
});
