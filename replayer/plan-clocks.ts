import { assumedClockNs, type Timeline } from "../tape/index.js";
import { type ClockBounds, clockBounds } from "./order/index.js";

/** The clocks of a plan by their index, and how sure the order of their moments is. */
export interface PlanClocks {
  /** Of an incarnation. */
  indexOf(incarnation: string): number;
  /** Empty for one clock. Complete when every incarnation was asked about. */
  readonly bounds: { clocks?: ClockBounds };
}

/** Of recorders that no call ties to each other. */
export function untiedClocks(incarnations: readonly string[]): PlanClocks {
  const indexes = new Map(incarnations.map((incarnation, at) => [incarnation, at]));
  const lags = incarnations.map(() => incarnations.map(() => assumedClockNs));
  return {
    indexOf: (incarnation) => indexes.get(incarnation) ?? 0,
    bounds: incarnations.length < 2 ? {} : { clocks: clockBounds(lags) },
  };
}

/** Of recorders whose clocks the tape says something of. */
export function boundsOf(timeline: Timeline): PlanClocks {
  const indexes = new Map<string, number>();
  return {
    indexOf(incarnation) {
      const index = indexes.get(incarnation) ?? indexes.size;
      indexes.set(incarnation, index);
      return index;
    },
    get bounds() {
      if (indexes.size < 2) return {};
      const names = [...indexes.keys()];
      const lagNs = (from: string, to: string) => Math.max(0, -timeline.slack(from, to).lo);
      return { clocks: clockBounds(names.map((from) => names.map((to) => lagNs(from, to)))) };
    },
  };
}
