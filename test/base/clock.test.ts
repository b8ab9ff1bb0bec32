import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock, toEpochNs } from "../../base/index.js";

test("times are nanoseconds since the epoch and never run backwards", () => {
  const clock = systemClock();
  const times = Array.from({ length: 1000 }, () => toEpochNs(clock, clock.now()));
  for (let at = 1; at < times.length; at += 1) assert.ok(times[at]! >= times[at - 1]!);
  assert.ok(Math.abs(Number(times[0]! / 1_000_000n) - Date.now()) < 60_000);
});

test("sleeping never ends early", async () => {
  const clock = systemClock();
  const until = clock.now() + 5.5;
  await clock.sleepUntil(until);
  assert.ok(clock.now() >= until);
});

test("an abort ends a sleep at once", async () => {
  const clock = systemClock();
  const controller = new AbortController();
  const sleeping = clock.sleepUntil(clock.now() + 3_600_000, controller.signal);
  controller.abort();
  await sleeping;
  await clock.sleepUntil(clock.now() + 3_600_000, controller.signal);
});
