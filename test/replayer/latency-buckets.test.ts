import assert from "node:assert/strict";
import { test } from "node:test";
import { drawableBounds } from "../../replayer/latency-buckets.js";

test("latencies within a decade get equal steps", () => {
  assert.deepEqual(drawableBounds(1, 2).slice(0, 4), [1, 1.05, 1.1, 1.15]);
  assert.equal(drawableBounds(1, 2).at(-1), 2);
});

test("latencies over several decades get steps that grow", () => {
  const bounds = drawableBounds(0.8, 30_000);
  assert.ok(bounds.length <= 40 && bounds.length >= 20);
  assert.ok(bounds.includes(1) && bounds.includes(10) && bounds.includes(1000));
  assert.equal(bounds.at(-1), 30_000);
});

test("one latency gets one bucket, none at all too", () => {
  assert.deepEqual(drawableBounds(5, 5), [5]);
  assert.deepEqual(drawableBounds(0, 0), [0.001]);
});

test("a microsecond and an hour fit into one picture", () => {
  assert.ok(drawableBounds(0.001, 3_600_000).length <= 40);
});
