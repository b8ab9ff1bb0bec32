import type { LatencySummary } from "../tape/index.js";

/** Where the operator says nothing: what is sent later than this tells of the replay, and no longer of the target. */
const usualMs = 100;

/**
 * Why the latencies of a run say nothing of its target, in one sentence; undefined when they do. The verdict on the answers
 * stands either way: what is late is sent all the same.
 */
export function whyLatencyIsInvalid(
  lateness: Pick<LatencySummary, "p99" | "count">,
  maxLatenessMs = usualMs,
): string | undefined {
  if (lateness.count === 0 || lateness.p99 <= maxLatenessMs) return undefined;
  return `1 in 100 calls was sent ${Math.round(lateness.p99)} ms or more after it was due, ${maxLatenessMs} ms are allowed: latencies say how the replay kept up, not how the target answered; send at a slower --pace`;
}
