import type { OrderCertificate } from "../tape/index.js";
import { countSmaller } from "./count-smaller.js";

/** What happened to a Step, beside what was recorded of it: all that the certificate is made from. */
export interface Went {
  /** Recorded, in nanoseconds from any one zero. */
  startedNs: number;
  /** Absent where it is not known. */
  endedNs?: number;
  /** The recorded answer never ended. */
  open: boolean;
  /** When the first lane was given the request, in milliseconds from any one zero. */
  sentMs: number;
  /** When the request began to be written to its connection: what a start inversion is told by. */
  writtenMs: number;
  /** When the last lane's Outcome was final. */
  answeredMs: number;
}

/**
 * Checks what really happened against what the order asks, knowing nothing of the scheduler. `went` is in tape order.
 *
 * The full relation is counted, pair by pair, however few of its edges a planner needs: A must precede B under
 * `recorded` when A's recorded end lies before B's recorded start, under `serial` when A comes before B on the tape and
 * was not left open. A pair is violated when A's Outcome was final only after B was sent. O(n log n).
 */
export function certifyOrder(order: OrderCertificate["order"], went: readonly Went[]): OrderCertificate {
  const relation = relationOf(order, went);
  return { order, ...countPairs(went, relation), startInversions: countInversions(went, relation) };
}

/** A precedes B when `end(A) < start(B)`. Infinite: holds nobody back. */
interface Relation {
  start(index: number): number;
  end(index: number): number;
}

function relationOf(order: OrderCertificate["order"], went: readonly Went[]): Relation {
  const never = Number.POSITIVE_INFINITY;
  switch (order) {
    case "none":
      return { start: (index) => went[index]!.startedNs, end: () => never };
    case "serial":
      return { start: (index) => index, end: (index) => (went[index]!.open ? never : index) };
    case "recorded":
      return {
        start: (index) => went[index]!.startedNs,
        end: (index) => (went[index]!.open ? never : (went[index]!.endedNs ?? never)),
      };
  }
}

function countPairs(went: readonly Went[], relation: Relation): { required: number; violated: number } {
  const indexes = went.map((_, index) => index);
  const byStart = indexes.toSorted((a, b) => relation.start(a) - relation.start(b));
  const byEnd = indexes
    .filter((index) => relation.end(index) !== Number.POSITIVE_INFINITY)
    .toSorted((a, b) => relation.end(a) - relation.end(b));
  const answered = countSmaller(went.map((step) => step.answeredMs));
  let required = 0;
  let violated = 0;
  let before = 0;
  let lastAnsweredMs = Number.NEGATIVE_INFINITY;
  for (const index of byStart) {
    for (; before < byEnd.length && relation.end(byEnd[before]!) < relation.start(index); before++) {
      const predecessor = went[byEnd[before]!]!;
      answered.add(predecessor.answeredMs);
      lastAnsweredMs = Math.max(lastAnsweredMs, predecessor.answeredMs);
    }
    required += before;
    // The latest of them tells whether there is anything to count.
    if (lastAnsweredMs > went[index]!.sentMs) violated += before - answered.countUpTo(went[index]!.sentMs);
  }
  return { required, violated };
}

/** Neighbours in tape order that were written the other way round though nothing ordered them. */
function countInversions(went: readonly Went[], relation: Relation): number {
  let inversions = 0;
  for (let index = 1; index < went.length; index++) {
    const ordered = relation.end(index - 1) < relation.start(index);
    if (!ordered && went[index]!.writtenMs < went[index - 1]!.writtenMs) inversions++;
  }
  return inversions;
}
