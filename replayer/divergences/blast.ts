import type { Blast, DifferenceKind } from "../../tape/index.js";
import type { FoundGroup } from "./folding.js";
import { type DifferenceGroup, type DivergenceGroups, keyOf, type RouteGroup } from "./groups.js";
import type { StepSet } from "./steps.js";

/** What can be a failure of the call itself, rather than a change in what it answers. */
const failing: ReadonlySet<DifferenceKind> = new Set([
  ...(["status", "failure", "missing-call", "changed-trailer", "changed-header"] as const),
]);

/** How far a divergence reached on its way to the entry, the worst of its Steps; `Blast` in tape/run.ts says what is what. */
export function blastOf({ group, finding }: FoundGroup, groups: DivergenceGroups): Blast {
  const { route, candidate } = group;
  const entries = route.depth === 0 ? [keyOf(route)] : [...route.entries.keys()];
  if (entries.some((key) => failedAbove(key, route, candidate, groups))) return "propagated";
  if (route.depth === 0) return "degraded";
  if (isFailure(group)) {
    const between = [...route.below.keys()].filter((key) => !entries.includes(key));
    return between.some((key) => failedAbove(key, route, candidate, groups)) ? "degraded" : "contained";
  }
  return finding.surfaced.some((one) => entries.includes(keyOf(one))) ? "degraded" : "contained";
}

/** Whether the route of this key failed in one of the Steps in which `route` was called below it. */
function failedAbove(key: string, route: RouteGroup, steps: StepSet, groups: DivergenceGroups): boolean {
  const failed = groups.routeAt(key)?.failed;
  const below = key === keyOf(route) ? steps : route.below.get(key)?.and(steps);
  return failed !== undefined && below !== undefined && failed.and(below).size > 0;
}

function isFailure({ kind, route, candidate }: DifferenceGroup): boolean {
  return failing.has(kind) && route.failed.and(candidate).size > 0;
}

const mostNamed = 3;

/** Why a divergence is said to begin at its hop. */
export function firstHopOf({ group }: FoundGroup, groups: DivergenceGroups): string {
  const { route, candidate, kind, place } = group;
  const above = [...route.below.keys()].map((key) => groups.routeAt(key)!).sort((a, b) => b.depth - a.depth)[0];
  if (kind === "missing-call" || kind === "added-call") {
    const verb = kind === "missing-call" ? "did not reach it" : "came";
    return above === undefined ? `the call ${verb}` : `the call ${verb}; above it is ${above.hop} ${above.route}`;
  }
  if (place.startsWith("request:")) {
    const by = above === undefined ? "" : ` by what calls it; above it is ${above.hop} ${above.route}`;
    return `it was asked otherwise${by}, and answered alike`;
  }
  const made = [...groups.routes()].filter(
    (lower) => lower !== route && (lower.below.get(keyOf(route))?.and(candidate).size ?? 0) > 0,
  );
  if (made.length === 0) return "the deepest call that differs: it made no calls that were seen";
  const names = made.slice(0, mostNamed).map(({ hop, route: called }) => `${hop} ${called}`);
  const more = made.length > mostNamed ? ` and ${made.length - mostNamed} more` : "";
  return `the deepest call that differs so: nothing in the calls it made explains it (${names.join(", ")}${more})`;
}
