import type { Attribution } from "../tape/index.js";
import type { DifferenceGroup } from "./divergences-groups.js";
import { chanceOfNoise, noiseBound, significance } from "./noise.js";

export interface AttributedGroup {
  group: DifferenceGroup;
  attribution: Attribution;
  /** One sentence. */
  evidence: string;
}

/** So few equal pairs may be equal by chance of when they were asked. */
const fewestForConstant = 5;

/** Says whether a group is the version's doing or noise, as far as the pairs of its route can tell. */
export function attribute(group: DifferenceGroup, reference: "recorded" | "baseline"): AttributedGroup {
  if (group.route.paired.size === 0) return withoutControl(group, reference);
  return group.control.size === 0 ? neverNoisy(group) : byPairs(group);
}

function withoutControl(group: DifferenceGroup, reference: "recorded" | "baseline"): AttributedGroup {
  if (reference === "recorded" && group.volatile && !group.widened) {
    const evidence = `both sides are always of the class "${group.sharedClass}", which is made anew for each answer; without a baseline this is not proven`;
    return { group, attribution: "unproven-noise", evidence };
  }
  const evidence =
    reference === "recorded"
      ? "compared with the recording alone: without a baseline, version and noise cannot be told apart"
      : "the recording has no answers to compare the baseline with, so version and noise cannot be told apart";
  return { group, attribution: "unattributed", evidence };
}

function neverNoisy(group: DifferenceGroup): AttributedGroup {
  const pairs = group.route.paired.size;
  const bound = noiseBound(pairs);
  const strength =
    bound < 0.5 ? `noise here is rarer than ${percent(bound)} (95 % confidence)` : "so few pairs rule out little noise";
  const evidence = `the baseline never differed from the recording here in ${steps(pairs)}: ${strength}`;
  return { group, attribution: "version", evidence };
}

/**
 * Pairs of one Step: did recording and baseline differ (control), did baseline and candidate differ? Were the candidate
 * as the baseline, either would be alone in differing equally often.
 */
function byPairs(group: DifferenceGroup): AttributedGroup {
  const { paired } = group.route;
  const seen = group.candidate.and(paired);
  const candidateOnly = seen.without(group.control).size;
  const controlOnly = group.control.without(seen).size;
  const chance = chanceOfNoise(candidateOnly, controlOnly);
  const counts = `the baseline itself differed from the recording in ${group.control.size} of ${paired.size}`;
  if (chance < significance) {
    const evidence = `${counts}; the candidate alone differed in ${candidateOnly}, the baseline alone in ${controlOnly} (p = ${chance.toPrecision(2)})`;
    return { group, attribution: "version", evidence };
  }
  if (group.widened) {
    const evidence = `${counts}; too many places to count apart, so nothing is called noise here`;
    return { group, attribution: "unattributed", evidence };
  }
  if (isConstant(group)) {
    const evidence = `${counts}, yet always in the same two values (${group.controlPair!.join(" → ")}, candidate ${group.candidatePair![1]}): that is no noise between calls, but may come with the deployment`;
    return { group, attribution: "unproven-noise", evidence };
  }
  const evidence = `${counts}; the candidate from the baseline in ${seen.size} (p = ${chance.toPrecision(2)})`;
  return { group, attribution: "noise", evidence };
}

/** One plain value on each of the three sides, in enough Steps: values that are drawn for each answer do not do so. */
function isConstant(group: DifferenceGroup): boolean {
  const { candidatePair, controlPair } = group;
  if (candidatePair == null || controlPair == null || group.volatile) return false;
  if (group.candidate.size < fewestForConstant || group.control.size < fewestForConstant) return false;
  return controlPair[1] === candidatePair[0] && candidatePair[1] !== controlPair[0];
}

function steps(count: number): string {
  return count === 1 ? "the one Step compared" : `${count} Steps`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
