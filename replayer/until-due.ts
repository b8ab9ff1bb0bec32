import type { Clock, MonotonicMs } from "../base/index.js";
import { type Alarm, openAlarm } from "./alarm.js";

/** The loop's timers keep whole milliseconds and are late by up to two on a busy machine. */
const timersLateMs = 2;
/** An alarm rings a tenth of a millisecond late, and what the loop is at may take as long. */
const alarmLateMs = 0.2;
/** A shorter sleep is not worth waking another thread for. */
const leastSleepMs = 0.05;

/** Waits for moments, one after the other. */
export interface DueWait {
  /**
   * Resolves at a moment, to a small part of a millisecond, or when aborted: at 2,000 a second a timer alone would make
   * each Step late by more than they are apart. Whatever else the process has to do gets its turn meanwhile. Never rejects.
   */
  until(dueMs: MonotonicMs, signal?: AbortSignal): Promise<void>;
  close(): void;
}

/** Sleeps by timer while it is far, by alarm when it is near, and looks at the clock between events for the rest. */
export function openDueWait(clock: Pick<Clock, "now" | "sleepUntil">): DueWait {
  let alarm: Alarm | undefined;
  return {
    async until(dueMs, signal) {
      if (dueMs - clock.now() > 2 * timersLateMs) await clock.sleepUntil(dueMs - timersLateMs, signal);
      const sleepMs = dueMs - clock.now() - alarmLateMs;
      if (sleepMs > leastSleepMs && !signal?.aborted) await alarm?.wakeIn(sleepMs);
      const stands = await lookUntil(clock, dueMs, signal);
      if (stands) await clock.sleepUntil(dueMs, signal);
      // What waits for a clock of its own, as tests do, needs no thread.
      else alarm ??= openAlarm();
    },
    close() {
      alarm?.close();
    },
  };
}

/**
 * Looks each time the loop has done what there was to do; by callback, for a promise each time is so much garbage that its
 * collection makes Steps late. True, at once, for a clock that stands still: it is moved by who sleeps on it.
 */
function lookUntil(clock: Pick<Clock, "now">, dueMs: MonotonicMs, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    let before = Number.NaN;
    const look = () => {
      const now = clock.now();
      if (now >= dueMs || signal?.aborted) return resolve(false);
      if (now === before) return resolve(true);
      before = now;
      setImmediate(look);
    };
    look();
  });
}
