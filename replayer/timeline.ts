import type { TimelineBucket } from "../tape/index.js";

/** Counts what happened along a run whose length is not known before it is over. */
export interface Timeline {
  /** At a moment, in milliseconds since the run's first due time. */
  add(atMs: number, what: { sent: number; failed: number; divergent: number }): void;
  /** Equal stretches from 0 on, without holes. */
  buckets(): TimelineBucket[];
}

const firstWidthMs = 50;
const mostBuckets = 120;

/** When the stretches become too many, each two neighbours become one: flat memory, at least 60 of them in a long run. */
export function openTimeline(): Timeline {
  let widthMs = firstWidthMs;
  let counts: { sent: number; failed: number; divergent: number }[] = [];

  const halve = () => {
    counts = Array.from({ length: Math.ceil(counts.length / 2) }, (_, at) => {
      const left = counts[2 * at]!;
      const right = counts[2 * at + 1];
      return {
        sent: left.sent + (right?.sent ?? 0),
        failed: left.failed + (right?.failed ?? 0),
        divergent: left.divergent + (right?.divergent ?? 0),
      };
    });
    widthMs *= 2;
  };

  return {
    add(atMs, what) {
      while (atMs >= widthMs * mostBuckets) halve();
      const at = Math.max(0, Math.floor(atMs / widthMs));
      while (counts.length <= at) counts.push({ sent: 0, failed: 0, divergent: 0 });
      const bucket = counts[at]!;
      bucket.sent += what.sent;
      bucket.failed += what.failed;
      bucket.divergent += what.divergent;
    },
    buckets: () => counts.map((count, at) => ({ fromMs: at * widthMs, toMs: (at + 1) * widthMs, ...count })),
  };
}
