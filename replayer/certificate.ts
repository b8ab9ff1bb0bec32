import type { OrderCertificate } from "../tape/index.js";
import { countSmaller } from "./count-smaller.js";
import type { WentTable } from "./went.js";

/**
 * Checks what really happened against what the order asks, knowing nothing of the scheduler. Steps are numbered in
 * tape order.
 *
 * The full relation is counted, pair by pair, however few of its edges a planner needs: A must precede B under
 * `recorded` when A's recorded end lies before B's recorded start, under `serial` when A comes before B on the tape and
 * was not left open. A pair is violated when A's Outcome was final only after B was sent. O(n log n).
 */
export function certifyOrder(order: OrderCertificate["order"], went: WentTable): OrderCertificate {
  const relation = relationOf(order, went);
  const steps = went.sent();
  return { order, ...countPairs(steps, went, relation), startInversions: countInversions(steps, went, relation) };
}

/** A precedes B when `end(A) < start(B)`. Infinite: holds nobody back. */
interface Relation {
  start(step: number): number;
  end(step: number): number;
}

function relationOf(order: OrderCertificate["order"], went: WentTable): Relation {
  const never = Number.POSITIVE_INFINITY;
  switch (order) {
    case "none":
      return { start: (step) => went.startedNs(step), end: () => never };
    case "serial":
      return { start: (step) => step, end: (step) => (went.isOpen(step) ? never : step) };
    case "recorded":
      return {
        start: (step) => went.startedNs(step),
        end: (step) => (went.isOpen(step) ? never : went.endedNs(step)),
      };
  }
}

function countPairs(steps: Uint32Array, went: WentTable, relation: Relation): { required: number; violated: number } {
  const byStart = ascending(steps, relation.start);
  const byEnd = ascending(
    steps.filter((step) => relation.end(step) !== Number.POSITIVE_INFINITY),
    relation.end,
  );
  const answered = countSmaller(Float64Array.from(steps, (step) => went.answeredMs(step)));
  let required = 0;
  let violated = 0;
  let before = 0;
  let lastAnsweredMs = Number.NEGATIVE_INFINITY;
  for (const step of byStart) {
    for (; before < byEnd.length && relation.end(byEnd[before]!) < relation.start(step); before++) {
      const answeredMs = went.answeredMs(byEnd[before]!);
      answered.add(answeredMs);
      lastAnsweredMs = Math.max(lastAnsweredMs, answeredMs);
    }
    required += before;
    // The latest of them tells whether there is anything to count.
    if (lastAnsweredMs > went.sentMs(step)) violated += before - answered.countUpTo(went.sentMs(step));
  }
  return { required, violated };
}

/** By key; most are in order as they are. */
function ascending(steps: Uint32Array, key: (step: number) => number): Uint32Array {
  for (let at = 1; at < steps.length; at++) {
    if (key(steps[at - 1]!) > key(steps[at]!)) return steps.toSorted((a, b) => key(a) - key(b));
  }
  return steps;
}

/** Neighbours in tape order that were written the other way round though nothing ordered them. */
function countInversions(steps: Uint32Array, went: WentTable, relation: Relation): number {
  let inversions = 0;
  for (let at = 1; at < steps.length; at++) {
    const [before, step] = [steps[at - 1]!, steps[at]!];
    const ordered = relation.end(before) < relation.start(step);
    if (!ordered && went.writtenMs(step) < went.writtenMs(before)) inversions++;
  }
  return inversions;
}
