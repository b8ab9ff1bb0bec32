import type { Difference, Divergence, NoiseSummary } from "../../tape/index.js";
import { noiseBound } from "../noise/chance.js";
import type { Timing } from "../timing/compare-times.js";
import { isSteadilySlower } from "../timing/steadily-slower.js";
import { attributeAll, boundOver, type Compared } from "./attribution.js";
import { type Cause, mergeCauses } from "./causes.js";
import { foldIntoDeeper } from "./folding.js";
import { type DifferenceGroup, DivergenceGroups } from "./groups.js";
import { inReportOrder } from "./order.js";
import { StepSet } from "./steps.js";

/** The comparison of one Step at one hop. */
export interface StepComparison {
  /** Index of the Step in its run, from 0. */
  step: number;
  exchangeId: number;
  /** The service that answered: the Step's own callee, or a hop below it. */
  hop: string;
  route: string;
  /** Index of the two sides that are compared, among those of the run; 0 unless said. */
  contrast?: number;
  /** Reference (recording or lane) → lane. */
  candidate: readonly Difference[];
  /** Two answers of one version: what differs though nothing was changed. Absent when unknown. */
  control?: readonly Difference[];
  /** Of time alone. Absent where it took about as long. */
  timing?: Timing;
  /** For a hop: the calls it was made under, from the Step's own call down. Absent or empty for the Step's own call. */
  above?: readonly HopRoute[];
}

/** A route of a service. */
export interface HopRoute {
  hop: string;
  route: string;
}

/** Two sides that are compared Step by Step, as far as grouping and naming the cause need them. */
export interface ComparedSides extends Cause {
  control: Compared["control"];
}

export interface DivergenceOptions {
  /** What the candidate was compared with, where only that is; a recording unless said otherwise. */
  reference?: "recorded" | "baseline";
  /** All that is compared in the run, when that is more than a candidate. */
  sides?: readonly ComparedSides[];
}

export interface DivergenceCollector {
  /** In any order; the comparisons of one Step may come far apart. */
  add(comparison: StepComparison): void;
  /** That a Step met a fault, in the lanes under that plan. */
  addFault(step: number, plan: string, name: string): void;
  /** A Step was sent again; `moved`: what the reference answers otherwise now than at first, where that is known. */
  addAgain(comparison: StepComparison, moved: readonly Difference[] | undefined): void;
  /** Of each group of the Steps' own calls that may be noise or not: its contrast, and some Steps to be sent again. */
  inDoubt(): { contrast: number; steps: readonly number[] }[];
  /** Grouped, attributed, folded into the hop where each began, in the order of a report. */
  finish(): Divergence[];
  /** How noise was measured; undefined where nothing told. */
  noise(): Omit<NoiseSummary, "resent"> | undefined;
}

/**
 * Collects the comparisons of a run. Memory grows with the number of groups (hop, route, place, kind), which is bounded,
 * and by one bit a Step in each; never with the number of Differences.
 */
export function collectDivergences(options: DivergenceOptions = {}): DivergenceCollector {
  const sides = options.sides ?? [sidesOf(options.reference ?? "recorded")];
  const groups = sides.map(({ reference }) => new DivergenceGroups(reference !== "recorded"));
  const faults = new Map<string, Map<string, StepSet>>();

  const attributed = () => {
    const divergent = groups.map((one) => one.divergent().filter(isShown));
    const bound = boundOver(divergent.flat());
    return divergent.map((those, at) => attributeAll(those, comparedIn(sides[at]!), bound));
  };

  return {
    add: (comparison) => groups[comparison.contrast ?? 0]!.add(comparison),
    addAgain: (comparison, moved) => groups[comparison.contrast ?? 0]!.addAgain(comparison, moved),
    addFault(step, plan, name) {
      const ofPlan = faults.get(plan) ?? new Map<string, StepSet>();
      const steps = ofPlan.get(name) ?? new StepSet();
      steps.add(step);
      faults.set(plan, ofPlan.set(name, steps));
    },
    inDoubt: () =>
      attributed().flatMap((those, contrast) =>
        those
          .filter(({ inDoubt, group }) => inDoubt && group.route.depth === 0)
          .map(({ group }) => ({ contrast, steps: group.examples.map(({ step }) => step) })),
      ),
    finish() {
      const found = attributed().map((those, at) => ({
        cause: sides[at]!,
        groups: groups[at]!,
        findings: foldIntoDeeper(those, sides[at]!.effect === "fault"),
        all: those,
      }));
      return inReportOrder(mergeCauses(found, faults));
    },
    noise() {
      const at = sides.findIndex(({ control, effect }) => control !== undefined && effect === "version");
      if (at === -1) return undefined;
      const pairs = [...groups[at]!.routes()].reduce(
        (sum, { depth, paired }) => sum + (depth === 0 ? paired.size : 0),
        0,
      );
      const { control } = sides[at]!;
      return { control: control!, pairs, noisyPlaces: groups[at]!.noisyPlaces(), bound: noiseBound(pairs) };
    },
  };
}

function isShown(group: DifferenceGroup): boolean {
  return group.kind !== "slower" || isSteadilySlower(group);
}

/** A candidate and its reference, without faults. */
function sidesOf(reference: "recorded" | "baseline"): ComparedSides {
  const control = reference === "recorded" ? undefined : ("recorded" as const);
  return { lane: "candidate", reference, effect: "version", faults: undefined, control, isOld: false };
}

function comparedIn({ effect, reference, control }: ComparedSides): Compared {
  return { effect, reference: reference === "recorded" ? "recorded" : "lane", control };
}
