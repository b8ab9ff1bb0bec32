import { setImmediate } from "node:timers/promises";
import type { Clock, MonotonicMs } from "../base/index.js";

/** Timers keep whole milliseconds and are late by up to two on a busy machine; the rest is waited for between events. */
const timersLateMs = 2;

/**
 * Waits until a Step is due, to a small part of a millisecond: at 2,000 a second a timer alone would make each of them late
 * by more than they are apart. Whatever else the process has to do gets its turn meanwhile. Never rejects.
 */
export async function untilDue(clock: Pick<Clock, "now" | "sleepUntil">, dueMs: MonotonicMs, signal?: AbortSignal) {
  if (dueMs - clock.now() > timersLateMs) await clock.sleepUntil(dueMs - timersLateMs, signal);
  let before = Number.NaN;
  for (let now = clock.now(); now < dueMs && !signal?.aborted; now = clock.now()) {
    // A clock that stands still is moved by who sleeps on it.
    if (now === before) return clock.sleepUntil(dueMs, signal);
    before = now;
    await setImmediate();
  }
}
