import { countSmaller } from "./count-smaller.js";
import type { ClockBounds } from "./order/index.js";

/** A precedes B when `end(A)`, by the clocks' bound, lies before `start(B)`. An infinite end holds nobody back. */
export interface Relation {
  start(step: number): number;
  end(step: number): number;
  clock(step: number): number;
  /** When A let go of those after it. */
  heldUntilMs(step: number): number;
  /** When B went. */
  sentMs(step: number): number;
}

/** Pairs of a relation, and those of them that were not kept. */
export interface EdgeCount {
  required: number;
  violated: number;
}

/** Counts every pair of a relation without looking at each. O(n log n), times the clocks there are. */
export function countEdges(steps: Uint32Array, relation: Relation, clocks: ClockBounds): EdgeCount {
  const count = { required: 0, violated: 0 };
  const groups = byClock(steps, relation).map((group) => ({
    clock: relation.clock(group[0]!),
    ...sorted(group, relation),
  }));
  for (const before of groups) {
    for (const after of groups) {
      const lagNs = clocks.lagNs(before.clock, after.clock);
      const { required, mayBeViolated } = countRequired(before.byEnd, after.byStart, relation, lagNs);
      count.required += required;
      // Runs keep their order: the dear part is for those that did not.
      if (mayBeViolated) count.violated += countViolated(before.byEnd, after.byStart, relation, lagNs);
    }
  }
  return count;
}

function byClock(steps: Uint32Array, { clock }: Relation): Uint32Array[] {
  const first = steps.length === 0 ? 0 : clock(steps[0]!);
  if (steps.every((step) => clock(step) === first)) return steps.length === 0 ? [] : [steps];
  const groups = new Map<number, number[]>();
  for (const step of steps) {
    const known = groups.get(clock(step));
    if (known === undefined) groups.set(clock(step), [step]);
    else known.push(step);
  }
  return [...groups.values()].map((group) => Uint32Array.from(group));
}

function sorted(steps: Uint32Array, { start, end }: Relation): { byStart: Uint32Array; byEnd: Uint32Array } {
  const ending = steps.filter((step) => end(step) !== Number.POSITIVE_INFINITY);
  return { byStart: ascending(steps, start), byEnd: ascending(ending, end) };
}

/** By key; most are in order as they are. */
function ascending(steps: Uint32Array, key: (step: number) => number): Uint32Array {
  for (let at = 1; at < steps.length; at++) {
    if (key(steps[at - 1]!) > key(steps[at]!)) return steps.toSorted((a, b) => key(a) - key(b));
  }
  return steps;
}

function countRequired(
  byEnd: Uint32Array,
  byStart: Uint32Array,
  { start, end, heldUntilMs, sentMs }: Relation,
  lagNs: number,
): { required: number; mayBeViolated: boolean } {
  let required = 0;
  let before = 0;
  let heldUntil = Number.NEGATIVE_INFINITY;
  let mayBeViolated = false;
  for (const step of byStart) {
    for (; before < byEnd.length && end(byEnd[before]!) + lagNs < start(step); before++) {
      heldUntil = Math.max(heldUntil, heldUntilMs(byEnd[before]!));
    }
    required += before;
    if (heldUntil > sentMs(step)) mayBeViolated = true;
  }
  return { required, mayBeViolated };
}

function countViolated(
  byEnd: Uint32Array,
  byStart: Uint32Array,
  { start, end, heldUntilMs, sentMs }: Relation,
  lagNs: number,
): number {
  const released = countSmaller(Float64Array.from(byEnd, heldUntilMs));
  let violated = 0;
  let before = 0;
  for (const step of byStart) {
    for (; before < byEnd.length && end(byEnd[before]!) + lagNs < start(step); before++) {
      released.add(heldUntilMs(byEnd[before]!));
    }
    violated += before - released.countUpTo(sentMs(step));
  }
  return violated;
}
