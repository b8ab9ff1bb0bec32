import type { Clock, MonotonicMs } from "../base/index.js";
import { type Alarm, openAlarm } from "./alarm.js";

/** The loop's timers keep whole milliseconds and are late by up to two on a busy machine. */
const timersLateMs = 2;
/** An alarm's thread and this one have to be given a core each before it is heard: where those are busy that takes as long. */
const alarmLateMs = 0.5;
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

/** Some microseconds, after which whatever else there is to do gets its turn. */
const looksATurn = 16;

/**
 * Looks at the clock in each turn of the loop; by callback and with pauses, for promises and numbers are garbage, whose
 * collection makes Steps late. True, at once, for a clock that stands still: it is moved by who sleeps on it.
 */
function lookUntil(clock: Pick<Clock, "now">, dueMs: MonotonicMs, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    let before = Number.NaN;
    const look = () => {
      let now = clock.now();
      if (now === before) return resolve(true);
      for (let left = looksATurn; left > 0; left--) {
        if (now >= dueMs || signal?.aborted) return resolve(false);
        pause();
        before = now;
        now = clock.now();
      }
      setImmediate(look);
    };
    look();
  });
}

let steps = 0;

/** Half a microsecond, about. */
function pause(): void {
  for (let left = 500; left > 0; left--) steps = (Math.imul(steps, 31) + left) | 0;
}
