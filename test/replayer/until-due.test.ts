import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../base/index.js";
import { openDueWait } from "../../replayer/until-due.js";

test("it waits until the moment and never less, near or far", async () => {
  const clock = systemClock();
  const waiting = openDueWait(clock);
  for (const waitMs of [0.2, 1, 7, 30, 1, 3, 0.2]) {
    const dueMs = clock.now() + waitMs;
    await waiting.until(dueMs);
    assert.ok(clock.now() >= dueMs);
  }
  waiting.close();
});

test("a clock that is moved by who sleeps on it is slept on", async () => {
  let nowMs = 0;
  const clock = {
    now: () => nowMs,
    sleepUntil: (atMs: number) => {
      nowMs = atMs;
      return Promise.resolve();
    },
  };
  await openDueWait(clock).until(1_000);
  assert.equal(nowMs, 1_000);
});

test("an abort ends the wait", async () => {
  const abort = new AbortController();
  const clock = systemClock();
  const waiting = openDueWait(clock);
  const due = waiting.until(clock.now() + 3_600_000, abort.signal);
  abort.abort();
  await due;
  waiting.close();
});
