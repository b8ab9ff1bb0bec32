import type { Divergence, RunSummary } from "../../tape/index.js";
import { type DivergenceName, isNoise, nameOf } from "./known.js";

/** What became of a divergence from one run to another. */
export interface RunDifference extends DivergenceName {
  /** `unknown`: not met in the second run, and its route was not compared there. */
  change: "new" | "gone" | "same" | "more" | "less" | "unknown";
  severity: Divergence["severity"];
  /** In how many of the compared Steps of the route. */
  before?: { count: number; of: number };
  after?: { count: number; of: number };
}

/** Two runs beside each other. */
export interface RunComparison {
  differences: RunDifference[];
  /** Why they cannot be held against each other, each in one sentence. */
  doubts: string[];
}

/** Shares of a route's Steps that are nearer than this are one share: a step more or less among hundreds tells nothing. */
const sameShare = 0.01;

/** Compares what two runs found, noise aside: which divergences are new, gone, the same, or met more or less often. Pure. */
export function compareRuns(before: RunSummary, after: RunSummary): RunComparison {
  const [old, recent] = [byName(before), byName(after)];
  const differences: RunDifference[] = [];
  for (const [name, one] of recent) differences.push(differenceOf(old.get(name), one));
  for (const [name, one] of old) {
    if (recent.has(name)) continue;
    const wasCompared = after.routes?.some(({ hop, route }) => hop === one.hop && route === one.route) ?? true;
    differences.push({ ...named(one), change: wasCompared ? "gone" : "unknown", before: countsOf(one) });
  }
  return { differences: differences.sort(byWeight), doubts: doubtsOf(before, after) };
}

function byName({ divergences }: RunSummary): Map<string, Divergence> {
  const counted = divergences.filter(({ attribution }) => !isNoise(attribution));
  return new Map(counted.map((one) => [nameOf(one), one]));
}

function differenceOf(before: Divergence | undefined, after: Divergence): RunDifference {
  const own = { ...named(after), after: countsOf(after) };
  if (before === undefined) return { ...own, change: "new" };
  const [was, is] = [before.count / before.of, after.count / after.of];
  const change = Math.abs(is - was) < sameShare ? "same" : is > was ? "more" : "less";
  return { ...own, change, before: countsOf(before) };
}

function named({ hop, route, place, kind, severity }: Divergence) {
  return { hop, route, place, kind, severity };
}

function countsOf({ count, of }: Divergence): { count: number; of: number } {
  return { count, of };
}

const weights = ["new", "more", "unknown", "same", "less", "gone"];

function byWeight(one: RunDifference, other: RunDifference): number {
  return weights.indexOf(one.change) - weights.indexOf(other.change) || (nameOf(one) < nameOf(other) ? -1 : 1);
}

function doubtsOf(before: RunSummary, after: RunSummary): string[] {
  const inconclusive = [before, after].filter(({ verdict }) => verdict === "inconclusive");
  return [
    ...inconclusive.map(({ run, reasons }) => `run ${run} was inconclusive: ${reasons.join("; ")}`),
    ...(before.reference === after.reference
      ? []
      : [
          `run ${before.run} was compared with the ${before.reference} answers, run ${after.run} with the ${after.reference} ones`,
        ]),
  ];
}
