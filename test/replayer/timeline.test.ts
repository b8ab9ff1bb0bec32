import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openTimeline } from "../../replayer/timeline.js";

test("everything added is in one bucket, buckets follow each other from 0 without holes, and stay few", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { maxLength: 50 }), (moments) => {
      const timeline = openTimeline();
      for (const atMs of moments) timeline.add(atMs, { sent: 1, failed: 0, divergent: 0 });
      const buckets = timeline.buckets();
      assert.ok(buckets.length <= 120);
      for (const [at, { fromMs, toMs, sent }] of buckets.entries()) {
        assert.equal(fromMs, buckets[at - 1]?.toMs ?? 0);
        assert.equal(sent, moments.filter((atMs) => atMs >= fromMs && atMs < toMs).length);
      }
    }),
  );
});

test("failures and divergences are counted beside", () => {
  const timeline = openTimeline();
  timeline.add(10, { sent: 1, failed: 1, divergent: 0 });
  timeline.add(20, { sent: 0, failed: 0, divergent: 1 });
  assert.deepEqual(timeline.buckets(), [{ fromMs: 0, toMs: 50, sent: 1, failed: 1, divergent: 1 }]);
});
