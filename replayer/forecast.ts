import { openHeap } from "./heap.js";
import type { Preflight, ReplayOptions } from "./options.js";
import { dueOffsetMs } from "./pace.js";
import { type Plan, recordedMs, type Step } from "./step.js";

/**
 * What a run will take, before its first request: the longest chain of Steps that wait for each other, and the time,
 * from recorded durations (an unknown one counts as nothing) under the order and pace chosen. Pure. O(n log n).
 */
export function forecastRun(
  plan: Pick<Plan, "steps">,
  options: Pick<ReplayOptions, "order" | "pace" | "concurrency">,
): Pick<Preflight, "steps" | "longestChain" | "estimatedMs"> {
  const course = courses[options.order](plan.steps, options.concurrency);
  let estimatedMs = 0;
  let longestChain = 0;
  for (const step of plan.steps) {
    const { freeMs, chain } = course.begin(step);
    const beginMs = Math.max(freeMs, dueOffsetMs(options.pace, step) ?? 0);
    const endMs = beginMs + (recordedMs(step) ?? 0);
    course.end(step, endMs, chain);
    estimatedMs = Math.max(estimatedMs, endMs);
    longestChain = Math.max(longestChain, chain);
  }
  return { steps: plan.steps.length, longestChain, estimatedMs };
}

/** The order played through on paper, in tape order. */
interface Course {
  /** When a Step is free, and how many Steps the longest chain has that ends with it. */
  begin(step: Step): { freeMs: number; chain: number };
  end(step: Step, endMs: number, chain: number): void;
}

const courses: Record<ReplayOptions["order"], (steps: readonly Step[], concurrency: number) => Course> = {
  serial: () => {
    let freeMs = 0;
    let chain = 0;
    return {
      begin: () => ({ freeMs, chain: chain + 1 }),
      end: (step, endMs, length) => {
        if (step.open) return;
        freeMs = Math.max(freeMs, endMs);
        chain = length;
      },
    };
  },

  /** Ends come off a heap as the starts pass them; what was the latest and the longest among them holds from then on. */
  recorded: () => {
    const ahead = openHeap<{ endedNs: number; endMs: number; chain: number }>((end) => end.endedNs);
    let freeMs = 0;
    let chain = 0;
    return {
      begin: (step) => {
        for (let end = ahead.peek(); end !== undefined && end.endedNs < step.startedNs; end = ahead.peek()) {
          ahead.pop();
          freeMs = Math.max(freeMs, end.endMs);
          chain = Math.max(chain, end.chain);
        }
        return { freeMs, chain: chain + 1 };
      },
      end: (step, endMs, length) => {
        if (step.endedNs !== undefined) ahead.push({ endedNs: step.endedNs, endMs, chain: length });
      },
    };
  },

  /** Slots: the one that is free first takes the next Step. */
  none: (_steps, concurrency) => {
    const slots = openHeap<number>((freeMs) => freeMs);
    return {
      begin: () => ({ freeMs: slots.size < concurrency ? 0 : slots.pop()!, chain: 1 }),
      end: (_step, endMs) => slots.push(endMs),
    };
  },
};
