import { courses } from "./forecast-courses.js";
import type { CostlyWait, Preflight, ReplayOptions } from "./options.js";
import { dueOffsetMs } from "./pace.js";
import { type Plan, recordedMs } from "./step.js";

/**
 * What a run will take, before its first request: the longest chain of Steps that wait for each other, the time, from
 * recorded durations (an unknown one counts as nothing) under the order and pace chosen, and the waits that cost most of it.
 * Under `causal` what ties two calls is told by their heads; cookies are read later, so that they may tie a few more.
 * Pure. O(n log n), twelve bytes for each Step.
 */
export function forecastRun(
  plan: Pick<Plan, "steps">,
  options: Pick<ReplayOptions, "order" | "pace" | "concurrency">,
  producersOf?: (step: number) => readonly number[],
): Pick<Preflight, "steps" | "longestChain" | "estimatedMs" | "costliest"> {
  const course = courses[options.order](plan.steps, { ...options, producersOf });
  const way = new Way(plan.steps.length);
  let longestChain = 0;
  for (const step of plan.steps) {
    const { freeMs, chain, last, because } = course.begin(step);
    const dueMs = dueOffsetMs(options.pace, step) ?? 0;
    const endMs = Math.max(freeMs, dueMs) + (recordedMs(step) ?? 0);
    way.add(step.step, endMs, freeMs > dueMs ? last : undefined, because);
    course.end(step, endMs, chain);
    longestChain = Math.max(longestChain, chain);
  }
  return { steps: plan.steps.length, longestChain, estimatedMs: way.endMs, costliest: way.costliest(plan) };
}

const reasons = ["order", "connection", "session", "resource", "value"] as const;
const mostCostly = 3;

/** Which Step each waited for last: the longest way is walked back along it. */
class Way {
  endMs = 0;
  readonly #before: Int32Array;
  readonly #reason: Uint8Array;
  #last = -1;

  constructor(steps: number) {
    this.#before = new Int32Array(steps).fill(-1);
    this.#reason = new Uint8Array(steps);
  }

  add(step: number, endMs: number, before: number | undefined, because: CostlyWait["because"] = "order"): void {
    if (before !== undefined) this.#before[step] = before;
    this.#reason[step] = reasons.indexOf(because);
    if (endMs <= this.endMs) return;
    this.endMs = endMs;
    this.#last = step;
  }

  costliest({ steps }: Pick<Plan, "steps">): CostlyWait[] {
    const found: CostlyWait[] = [];
    for (let at = this.#last; at >= 0 && this.#before[at]! >= 0; at = this.#before[at]!) {
      const [before, step] = [steps.at(this.#before[at]!)!, steps.at(at)!];
      const tookMs = recordedMs(before) ?? 0;
      if (found.length === mostCostly && tookMs <= found[mostCostly - 1]!.tookMs) continue;
      const because = reasons[this.#reason[at]!]!;
      found.push({ exchange: before.exchangeId, waitedForBy: step.exchangeId, because, tookMs });
      found.sort((a, b) => b.tookMs - a.tookMs);
      if (found.length > mostCostly) found.pop();
    }
    return found;
  }
}
