import type { Difference, Divergence } from "../tape/index.js";
import { attribute } from "./divergences-attribution.js";
import { foldIntoDeeper } from "./divergences-folding.js";
import { DivergenceGroups } from "./divergences-groups.js";
import { inReportOrder } from "./divergences-order.js";

/** The comparison of one Step at one hop. */
export interface StepComparison {
  /** Index of the Step in its run, from 0. */
  step: number;
  exchangeId: number;
  /** The service that answered: the Step's own callee, or a hop below it. */
  hop: string;
  route: string;
  /** Reference (recording or baseline lane) → candidate lane. */
  candidate: readonly Difference[];
  /** Recording → baseline lane: what differs though nothing was changed. Absent when unknown. */
  control?: readonly Difference[];
  /** For a hop: the calls it was made under, from the Step's own call down. Absent or empty for the Step's own call. */
  above?: readonly HopRoute[];
}

/** A route of a service. */
export interface HopRoute {
  hop: string;
  route: string;
}

export interface DivergenceOptions {
  /** What the candidate was compared with; a recording unless said otherwise. */
  reference?: "recorded" | "baseline";
}

export interface DivergenceCollector {
  /** In any order; the comparisons of one Step may come far apart. */
  add(comparison: StepComparison): void;
  /** Grouped, attributed, folded into the hop where each began, in the order of a report. */
  finish(): Divergence[];
}

/**
 * Collects the comparisons of a run. Memory grows with the number of groups (hop, route, place, kind), which is bounded,
 * and by one bit a Step in each; never with the number of Differences.
 */
export function collectDivergences(options: DivergenceOptions = {}): DivergenceCollector {
  const groups = new DivergenceGroups();
  const reference = options.reference ?? "recorded";
  return {
    add: (comparison) => groups.add(comparison),
    finish: () => {
      const attributed = groups.divergent().map((group) => attribute(group, reference));
      return inReportOrder(foldIntoDeeper(attributed));
    },
  };
}
