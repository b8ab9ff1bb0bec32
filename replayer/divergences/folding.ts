import type { Divergence } from "../../tape/index.js";
import { type AttributedGroup, isNoise as isNoiseWord } from "./attribution.js";
import { type DifferenceGroup, keyOf } from "./groups.js";
import { mayCause } from "./relation.js";
import { StepSet } from "./steps.js";

export type Finding = Omit<Divergence, "number">;

/** A Divergence with the group it was made from. */
export interface FoundGroup {
  group: DifferenceGroup;
  finding: Finding;
}

/** A group on its way to a Divergence. */
interface Rooted extends AttributedGroup {
  /** Where it began, when groups below explain it in all its Steps: which, and in how many. Empty when it began here. */
  origins: Map<Rooted, number>;
  surfaced: Divergence["surfaced"][number][];
}

/** Of the groups below a route, this many are looked at, the most frequent first: it bounds the work. */
const mostLower = 200;

/**
 * Folds what surfaced further up into the divergence where it began: a group goes when, in every Step it was met in, a
 * call below differed in a way that may have caused it. What is left unexplained in one Step stays a divergence of its
 * own. Noise explains noise only. `callsAreStopped`: a fault may answer in place of the called one, which then has not seen
 * the call; so a call that is missing may explain what its caller answered.
 */
export function foldIntoDeeper(attributed: readonly AttributedGroup[], callsAreStopped = false): FoundGroup[] {
  const groups = attributed
    .map((group): Rooted => ({ ...group, origins: new Map(), surfaced: [] }))
    .sort((left, right) => right.group.route.depth - left.group.route.depth);
  const lowerOf = indexByRouteAbove(groups);
  const found: FoundGroup[] = [];
  for (const upper of groups) {
    const lower = (lowerOf.get(keyOf(upper.group.route)) ?? []).filter((group) => mayExplain(group, upper));
    if (explain(upper, lower, callsAreStopped)) continue;
    found.push({ group: upper.group, finding: { ...findingOf(upper), evidence: evidenceOf(upper, lower) } });
  }
  return found;
}

/** By key of a route: the groups that were met below it, the most frequent first. */
function indexByRouteAbove(groups: readonly Rooted[]): Map<string, Rooted[]> {
  const index = new Map<string, Rooted[]>();
  for (const group of groups.toSorted((one, other) => other.group.candidate.size - one.group.candidate.size)) {
    for (const key of group.group.route.below.keys()) {
      const listed = index.get(key) ?? [];
      if (listed.length < mostLower) listed.push(group);
      index.set(key, listed);
    }
  }
  return index;
}

/** Strictly deeper ones only: they were explained before, so that nothing can explain itself in a circle. */
function mayExplain(lower: Rooted, upper: Rooted): boolean {
  return lower.group.route.depth > upper.group.route.depth && isNoise(lower) === isNoise(upper);
}

/** Takes the causes with the widest cover first; true when together they cover every Step, and then `upper` is folded. */
function explain(upper: Rooted, lower: readonly Rooted[], callsAreStopped: boolean): boolean {
  const causes = lower
    .map((group) => ({ group, steps: stepsTogether(group, upper) }))
    .filter(({ group, steps }) => steps.size > 0 && mayCause(group.group, upper.group, { steps, callsAreStopped }))
    .sort(
      (one, other) => other.steps.size - one.steps.size || other.group.group.route.depth - one.group.group.route.depth,
    );
  const taken: typeof causes = [];
  let left = upper.group.candidate;
  for (const cause of causes) {
    const rest = left.without(cause.steps);
    if (rest.size < left.size) taken.push(cause);
    left = rest;
  }
  if (left.size > 0) return false;
  for (const { group, steps } of taken) for (const root of rootsOf(group)) surface(upper, root, steps.size);
  return true;
}

/** Groups below were explained before, so their origins are final and have none themselves. */
function rootsOf(group: Rooted): Rooted[] {
  return group.origins.size === 0 ? [group] : [...group.origins.keys()];
}

function surface(upper: Rooted, root: Rooted, count: number): void {
  const known = upper.origins.has(root);
  upper.origins.set(root, count);
  if (known) return;
  const { route, place, kind } = upper.group;
  root.surfaced.push({ hop: route.hop, route: route.route, place, kind, count });
}

/** The Steps in which both were met, and the one below the other. */
function stepsTogether(lower: Rooted, upper: Rooted): StepSet {
  const below = lower.group.route.below.get(keyOf(upper.group.route)) ?? new StepSet();
  return below.and(lower.group.candidate).and(upper.group.candidate);
}

/** What is listed although a call below differed in all its Steps says so: the reader may know a connection. */
function evidenceOf(upper: Rooted, lower: readonly Rooted[]): string {
  const beside = lower.find((group) => stepsTogether(group, upper).size === upper.group.candidate.size);
  if (beside === undefined || isNoise(upper)) return upper.evidence;
  const { route, place } = beside.group;
  return `${upper.evidence}; in the same Steps ${route.hop} ${route.route} differs at ${place}, with nothing to show that one caused the other`;
}

function isNoise({ attribution }: AttributedGroup): boolean {
  return isNoiseWord(attribution);
}

function findingOf({ group, attribution, evidence, surfaced, undecided }: Rooted): Finding {
  const { hop, route, compared } = group.route;
  return {
    hop,
    route,
    place: group.place,
    kind: group.kind,
    severity: group.severity,
    attribution,
    ...(group.breaks === "none" ? {} : { breaks: group.breaks }),
    evidence,
    count: group.candidate.size,
    of: compared.size,
    sinceExchange: group.examples[0]!.exchangeId,
    examples: group.examples,
    ...(undecided ? { undecided } : {}),
    surfaced,
  };
}
