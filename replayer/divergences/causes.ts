import type { Blast, Divergence, DivergentLane } from "../../tape/index.js";
import { type AttributedGroup, isNoise } from "./attribution.js";
import { blastOf, firstHopOf } from "./blast.js";
import type { Finding, FoundGroup } from "./folding.js";
import { type DifferenceGroup, type DivergenceGroups, keyOf } from "./groups.js";
import type { StepSet } from "./steps.js";

/** What two sides have apart, and so what their Differences may be due to. */
export interface Cause {
  lane: string;
  /** A lane, or `recorded`. */
  reference: string;
  effect: "version" | "fault";
  /** The fault plan of the lane. */
  faults: string | undefined;
  /** The lane holds the old version. */
  isOld: boolean;
}

/** What was found between two sides. */
export interface FoundBetween {
  cause: Cause;
  groups: DivergenceGroups;
  findings: readonly FoundGroup[];
  /** Before folding. */
  all: readonly AttributedGroup[];
}

/** By fault plan, by name of fault: the Steps that met it. */
export type FaultsMet = ReadonlyMap<string, ReadonlyMap<string, StepSet>>;

/** One finding between two sides. */
interface Part extends FoundGroup {
  between: FoundBetween;
}

/** What a finding is due to. */
type NamedCause = Pick<Finding, "attribution" | "evidence" | "faults">;

/**
 * Makes one Divergence of what was found at one place between several sides, and names its cause: what old and new
 * differ in without faults too is the version's; what they differ in under faults alone, an interaction; what one version
 * answers otherwise under faults, the fault's.
 */
export function mergeCauses(found: readonly FoundBetween[], faults: FaultsMet): Finding[] {
  const hopsKnown = found.some(({ groups }) => [...groups.routes()].some(({ depth }) => depth > 0));
  const versions = found.filter(({ cause }) => cause.effect === "version");
  const ofFaults = found.filter(({ cause }) => cause.effect === "fault");
  const finish = (parts: readonly Part[], named: NamedCause): Finding => {
    const main = mainOf(parts);
    const merged: Finding = { ...main.finding, ...named, surfaced: main.finding.surfaced };
    if (merged.attribution !== "unattributed") delete merged.undecided;
    const real = parts.filter(({ finding }) => isNoise(finding.attribution) === isNoise(main.finding.attribution));
    if (found.length > 1) Object.assign(merged, { lanes: real.map(laneOf), examples: examplesOf(main) });
    if (hopsKnown) Object.assign(merged, reachOf(real, main));
    return merged;
  };
  return [
    ...byPlace(versions).map((parts) => finish(parts, versionCause(parts, versions, faults))),
    ...byPlace(ofFaults)
      .filter((parts) => versions.length === 0 || !isNoise(mainOf(parts).finding.attribution))
      .map((parts) => finish(parts, faultCause(mainOf(parts), faults))),
  ];
}

function byPlace(found: readonly FoundBetween[]): Part[][] {
  const parts = new Map<string, Part[]>();
  for (const between of found) {
    for (const one of between.findings) {
      const key = placeKey(one.group);
      parts.set(key, [...(parts.get(key) ?? []), { ...one, between }]);
    }
  }
  return [...parts.values()];
}

function placeKey({ route, place, kind, breaks }: DifferenceGroup): string {
  return JSON.stringify([route.hop, route.route, place, kind, breaks]);
}

/** The first that is no noise: sides without faults come before those with. */
function mainOf(parts: readonly Part[]): Part {
  return parts.find(({ finding }) => !isNoise(finding.attribution)) ?? parts[0]!;
}

/** Of a place at which old and new differ. */
function versionCause(parts: readonly Part[], versions: readonly FoundBetween[], faults: FaultsMet): NamedCause {
  const main = mainOf(parts);
  const { attribution, evidence } = main.finding;
  const { cause } = main.between;
  if (isNoise(attribution) || attribution === "unattributed") return { attribution, evidence };
  if (cause.faults === undefined) return { attribution, evidence: evidence + underFaultsToo(parts, main) };
  const plain = versions.find((one) => one.cause.faults === undefined);
  if (plain === undefined) {
    return {
      attribution: "unattributed",
      evidence: `${evidence}; no lanes without faults tell version and fault apart`,
    };
  }
  const without = plain.all.find(({ group }) => placeKey(group) === placeKey(main.group));
  const share = `${cause.lane} differs from ${cause.reference} in ${shareOf(main)}`;
  if (without !== undefined && !isNoise(without.attribution)) {
    const count = `${without.group.candidate.size} of ${without.group.route.compared.size}`;
    return {
      attribution: "version",
      evidence: `${share}, and ${plain.cause.lane} from ${plain.cause.reference} in ${count} without faults`,
    };
  }
  const met = faultsOf(main, faults);
  const stray = met.reduce((rest, { steps }) => rest.without(steps), main.group.candidate);
  if (stray.size > 0) {
    return { attribution: "version", evidence: `${share}, ${stray.size} of them Steps that met no fault` };
  }
  const compared = plain.groups.routeAt(keyOf(main.group.route))?.compared.size ?? 0;
  const calm =
    without === undefined
      ? `without faults ${plain.cause.lane} never differed from ${plain.cause.reference} here in ${compared}`
      : `without faults only noise is seen here`;
  return { attribution: "interaction", evidence: `under ${named(met)} ${share}; ${calm}`, faults: namesOf(met) };
}

/** Of a place at which one version answers otherwise under faults. */
function faultCause(main: Part, faults: FaultsMet): NamedCause {
  const { attribution, evidence } = main.finding;
  if (attribution !== "fault") return { attribution, evidence };
  const { lane, reference } = main.between.cause;
  const met = faultsOf(main, faults);
  const share = `under ${named(met)} ${lane} differs from ${reference} in ${shareOf(main)}`;
  return { attribution, evidence: `${share}; ${evidence}`, faults: namesOf(met) };
}

function underFaultsToo(parts: readonly Part[], main: Part): string {
  const under = parts.filter((part) => part !== main && !isNoise(part.finding.attribution));
  return under
    .map((part) => `; ${part.between.cause.lane} differs from ${part.between.cause.reference} in ${shareOf(part)}`)
    .join("");
}

function shareOf({ group }: Part): string {
  return `${group.candidate.size} of ${group.route.compared.size}`;
}

/** The faults that Steps of a finding met, the most frequent first. */
function faultsOf({ group, between }: Part, faults: FaultsMet): { name: string; steps: StepSet }[] {
  const ofPlan = faults.get(between.cause.faults ?? "") ?? new Map<string, StepSet>();
  return [...ofPlan]
    .map(([name, steps]) => ({ name, steps: steps.and(group.candidate) }))
    .filter(({ steps }) => steps.size > 0)
    .sort((one, other) => other.steps.size - one.steps.size);
}

function named(met: readonly { name: string }[]): string {
  return met.length === 0 ? "faults" : met.map(({ name }) => `"${name}"`).join(" or ");
}

function namesOf(met: readonly { name: string }[]): string[] {
  return met.map(({ name }) => name);
}

function laneOf({ between, group }: Part): DivergentLane {
  const { lane, reference } = between.cause;
  return { lane, reference, count: group.candidate.size, of: group.route.compared.size };
}

function examplesOf({ finding, between }: Part): Divergence["examples"] {
  const { lane, reference } = between.cause;
  return finding.examples.map((example) => ({ ...example, lane, reference }));
}

const reaches: readonly Blast[] = ["contained", "degraded", "propagated"];

/** How far it reached in the worst of its lanes, and why it is said to begin where it does. */
function reachOf(parts: readonly Part[], main: Part): Pick<Finding, "blast" | "firstHop"> {
  const worst = Math.max(...parts.map((part) => reaches.indexOf(blastOf(part, part.between.groups))));
  return { blast: reaches[worst]!, firstHop: firstHopOf(main, main.between.groups) };
}
