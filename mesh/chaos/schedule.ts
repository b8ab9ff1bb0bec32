import { draw } from "../../base/index.js";

/** When something is done again and again. */
export interface ScheduleWish {
  /** Bounds of the time from one due moment to the next, in milliseconds; equal bounds leave nothing to chance. */
  everyMs: readonly [least: number, most: number];
  /** Nothing is due from then on. */
  forMs: number;
  /** The same seed gives the same schedule. */
  seed: string;
}

/** One moment of a schedule. */
export interface Due {
  /** From 1. */
  number: number;
  /** From the schedule's beginning. */
  dueMs: number;
}

/** The moments of a schedule, the first one a gap after its beginning. Pure: chance is drawn by hash of seed and number. */
export function* scheduleOf({ everyMs: [least, most], forMs, seed }: ScheduleWish): Generator<Due> {
  let dueMs = 0;
  for (let number = 1; ; number++) {
    dueMs += least + draw(seed, "gap", number) * (most - least);
    if (dueMs >= forMs) return;
    yield { number, dueMs };
  }
}

/** One of several, by seed and number alone. Undefined of none. */
export function drawnOne<T>(of: readonly T[], seed: string, number: number): T | undefined {
  return of[Math.floor(draw(seed, "target", number) * of.length)];
}
