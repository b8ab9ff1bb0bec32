import type { Clock, MonotonicMs } from "../base/index.js";
import { dueOffsetMs, type Pace } from "./pace.js";
import type { Step } from "./step.js";

/** Says when Steps are due, on the clock of the run. */
export interface Pacer {
  /** Undefined: as soon as the order lets it go. */
  dueMs(step: Step): MonotonicMs | undefined;
}

/** The first Step asked about is due at once: its moment is the run's zero, and all others are counted from it. */
export function openPacer(pace: Pace, clock: Pick<Clock, "now">): Pacer {
  let zeroMs: MonotonicMs | undefined;
  return {
    dueMs(step) {
      const offsetMs = dueOffsetMs(pace, step);
      if (offsetMs === undefined) return undefined;
      zeroMs ??= clock.now() - offsetMs;
      return zeroMs + offsetMs;
    },
  };
}
