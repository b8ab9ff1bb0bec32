import type { OrderCertificate } from "../tape/index.js";
import { countEdges, type EdgeCount, type Relation } from "./count-edges.js";
import type { ClockBounds } from "./order/index.js";
import { oneClock } from "./order/index.js";
import type { KeyTable } from "./order/key-table.js";
import { kindOf } from "./order/keys.js";
import type { WentTable } from "./went.js";

/** What a certificate needs to know beside what happened. */
export interface CertificateSources {
  /** What ties the Steps to each other: asked for under `causal`, and under `none` where values are carried. */
  keys?: KeyTable;
  clocks?: ClockBounds;
}

/**
 * Checks what really happened against what the order asks, knowing nothing of the scheduler. Steps are numbered in the
 * order of their recorded starts, after the recorders' clocks were corrected.
 *
 * The full relation is counted, pair by pair, however few of its edges a planner needs. A must precede B under `recorded`
 * when A's recorded end surely lies before B's recorded start; under `serial` when A comes before B and was not left open;
 * under `causal` as under `recorded`, once for each key they share (of what is read and written, where one writes), and
 * once for each value of A's that B needs; under `none` for such a value alone. A pair is violated when A's Outcome was final only after B was sent. Under
 * `causal` a call without a recorded end must have been sent before those of its keys that began after it. O(n log n).
 */
export function certifyOrder(
  order: OrderCertificate["order"],
  went: WentTable,
  { keys, clocks = oneClock }: CertificateSources = {},
): OrderCertificate {
  const steps = went.sent();
  if (order === "causal") return certifyCausal(steps, went, keys, clocks);
  if (order === "none") {
    return { order, ...countValues(went, keys), startInversions: countInversions(steps, went, () => false) };
  }
  const relation = relationOf(order, went);
  const { required, violated } = countEdges(steps, relation, order === "serial" ? oneClock : clocks);
  const isOrdered = (a: number, b: number) => precedes(relation, order === "serial" ? oneClock : clocks, a, b);
  return { order, required, violated, startInversions: countInversions(steps, went, isOrdered) };
}

function relationOf(order: "serial" | "recorded", went: WentTable): Relation {
  const never = Number.POSITIVE_INFINITY;
  const lived = {
    clock: (step: number) => went.clock(step),
    heldUntilMs: (step: number) => went.answeredMs(step),
    sentMs: (step: number) => went.sentMs(step),
  };
  switch (order) {
    case "serial":
      return {
        ...lived,
        clock: () => 0,
        start: (step) => step,
        end: (step) => (went.isOpen(step) ? never : step),
      };
    case "recorded":
      return {
        ...lived,
        start: (step) => went.startedNs(step),
        end: (step) => (went.isOpen(step) ? never : went.endedNs(step)),
      };
  }
}

/** A call without an end holds others back until it is sent, from its start on. */
function causalRelation(went: WentTable): Relation {
  const hasEnd = (step: number) => went.endedNs(step) !== Number.POSITIVE_INFINITY && !went.isOpen(step);
  return {
    clock: (step) => went.clock(step),
    start: (step) => went.startedNs(step),
    end: (step) => (hasEnd(step) ? went.endedNs(step) : went.startedNs(step)),
    heldUntilMs: (step) => (hasEnd(step) ? went.answeredMs(step) : went.sentMs(step)),
    sentMs: (step) => went.sentMs(step),
  };
}

function certifyCausal(
  steps: Uint32Array,
  went: WentTable,
  keys: KeyTable | undefined,
  clocks: ClockBounds,
): OrderCertificate {
  const relation = causalRelation(went);
  const edges = { connection: 0, session: 0, resource: 0, value: 0 };
  let violated = 0;
  const count = (kind: keyof typeof edges, found: EdgeCount, sign: 1 | -1) => {
    edges[kind] += sign * found.required;
    violated += sign * found.violated;
  };
  for (const group of keys?.groups(steps) ?? []) {
    const kind = kindOf(group.key);
    count(kind, countEdges(group.steps, relation, clocks), 1);
    // Of those that only read none holds another one back.
    const readers = group.steps.filter((_, at) => group.writes[at] === 0);
    if (readers.length > 1) count(kind, countEdges(readers, relation, clocks), -1);
  }
  count("value", countValues(went, keys), 1);
  const isOrdered = (a: number, b: number) => keys?.areTied(a, b) === true && precedes(relation, clocks, a, b);
  return {
    order: "causal",
    required: edges.connection + edges.session + edges.resource + edges.value,
    violated,
    startInversions: countInversions(steps, went, isOrdered),
    edges,
  };
}

/** Answers that hold values of later requests: they are to be there when these are sent. */
function countValues(went: WentTable, keys: KeyTable | undefined): EdgeCount {
  let [required, violated] = [0, 0];
  for (const { producer, consumer } of keys?.links() ?? []) {
    if (!went.wasSent(producer) || !went.wasSent(consumer)) continue;
    required++;
    if (went.answeredMs(producer) > went.sentMs(consumer)) violated++;
  }
  return { required, violated };
}

function precedes(relation: Relation, clocks: ClockBounds, a: number, b: number): boolean {
  return relation.end(a) + clocks.lagNs(relation.clock(a), relation.clock(b)) < relation.start(b);
}

/** Neighbours in tape order that were written the other way round though nothing ordered them. */
function countInversions(
  steps: Uint32Array,
  went: WentTable,
  isOrdered: (before: number, step: number) => boolean,
): number {
  let inversions = 0;
  for (let at = 1; at < steps.length; at++) {
    const [before, step] = [steps[at - 1]!, steps[at]!];
    if (went.writtenMs(step) < went.writtenMs(before) && !isOrdered(before, step)) inversions++;
  }
  return inversions;
}
