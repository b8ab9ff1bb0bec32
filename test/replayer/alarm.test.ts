import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { openAlarm } from "../../replayer/alarm.js";
import { until } from "../support/until.js";

test("it rings when the time has passed and not before, as often as it is set, and lets other work be done meanwhile", async () => {
  const alarm = openAlarm();
  await until("the thread that sleeps", () => alarm.wakeIn(0.1) !== undefined);
  await alarm.wakeIn(0.1);
  for (const waitMs of [0.3, 5, 20]) {
    let turns = 0;
    const turning = setInterval(() => turns++, 1);
    const beganMs = performance.now();
    await alarm.wakeIn(waitMs);
    const tookMs = performance.now() - beganMs;
    clearInterval(turning);
    assert.ok(tookMs >= waitMs - 0.01, `rang after ${tookMs} of ${waitMs} ms`);
    if (waitMs === 20) assert.ok(turns > 0);
  }
  alarm.close();
  alarm.close();
});

test("set anew it forgets what it was set to before", async () => {
  const alarm = openAlarm();
  await until("the thread that sleeps", () => alarm.wakeIn(1) !== undefined);
  for (let round = 0; round < 20; round++) {
    alarm.wakeIn(3_600_000);
    await delay(2);
    assert.ok(await alarm.wakeIn(1));
  }
  alarm.close();
});
