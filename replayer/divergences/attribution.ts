import type { Attribution, DifferenceKind } from "../../tape/index.js";
import { chanceOfNoise, noiseBound, significance } from "../noise/chance.js";
import { discoveryBound } from "../noise/false-discoveries.js";
import type { DifferenceGroup } from "./groups.js";

export interface AttributedGroup {
  group: DifferenceGroup;
  attribution: Attribution;
  /** One sentence. */
  evidence: string;
  /** Whether it is noise was tested and could not be told. */
  undecided: boolean;
  /** Another look at its Steps may tell more. */
  inDoubt: boolean;
}

/** What two sides are compared, in the words of the evidence. */
export interface Compared {
  /** What a real difference is due to: `version` (`unattributed` with the recording alone), or `fault`. */
  effect: "version" | "fault";
  reference: "recorded" | "lane";
  /** What tells noise: two lanes of one version, or the recording and a lane; undefined where nothing does. */
  control: "again" | "recorded" | undefined;
}

/** Values may be noise. All else is structure: it is none unless two answers of one version show it as often. */
const values: ReadonlySet<DifferenceKind> = new Set([
  ...(["changed-value", "changed-header", "changed-trailer", "changed-text", "changed-bytes"] as const),
  ...(["status", "failure"] as const),
]);
/** So that structure is noise, chance must explain it easily. */
const easily = 0.2;
/** So few equal pairs may be equal by chance of when they were asked. */
const fewestForConstant = 5;

/** The p at which a group is no noise: so that of all that is said so over the groups of a run, few are. */
export function boundOver(groups: readonly DifferenceGroup[]): number {
  return discoveryBound(groups.flatMap(chancesOf), significance);
}

/** Of each test made on the pairs of a group: how they fell, and how far apart values are. */
function chancesOf(group: DifferenceGroup): number[] {
  if (group.route.paired.size === 0) return [];
  const chance = chanceOfNoise(group.candidateOnly, group.controlOnly);
  const { farther, nearer } = group.leanings;
  return farther + nearer === 0 ? [chance] : [chance, chanceOfNoise(farther, nearer)];
}

/** Says for each group whether it is the doing of the effect or noise, as far as the pairs of its route can tell. */
export function attributeAll(groups: readonly DifferenceGroup[], compared: Compared, bound: number): AttributedGroup[] {
  const attributed = groups.map((group) => attribute(group, compared, bound));
  return attributed.map((one) => withItsStatus(one, attributed));
}

function attribute(group: DifferenceGroup, compared: Compared, bound: number): AttributedGroup {
  if (group.route.paired.size === 0) return withoutControl(group, compared);
  return wasNoisy(group) ? byPairs(group, compared, bound) : neverNoisy(group, compared, bound);
}

/** Two answers of one version differed here, at first or when they were sent again. */
function wasNoisy({ control, again }: DifferenceGroup): boolean {
  return control.size + again.noisy > 0;
}

/** What is in the answer of an error comes and goes with the error: when that is noise, so is this. */
function withItsStatus(one: AttributedGroup, all: readonly AttributedGroup[]): AttributedGroup {
  if (isNoise(one.attribution) || one.group.place === "status") return one;
  const status = all.find(
    ({ group, attribution }) =>
      group.route === one.group.route &&
      (group.kind === "status" || group.kind === "failure") &&
      isNoise(attribution) &&
      one.group.candidate.without(group.candidate).size === 0,
  );
  if (status === undefined) return one;
  const evidence = `met only where the ${status.group.place} differs, which is noise: ${status.evidence}`;
  return decided(one.group, status.attribution, evidence);
}

export function isNoise(attribution: Attribution): boolean {
  return attribution === "noise" || attribution === "unproven-noise";
}

function withoutControl(group: DifferenceGroup, { effect, reference }: Compared): AttributedGroup {
  if (group.volatile && !group.widened && group.breaks === "none" && reference === "recorded") {
    const evidence = `both sides are always of the class "${group.sharedClass}", which is made anew for each answer; without a baseline this is not proven`;
    return decided(group, "unproven-noise", evidence);
  }
  if (effect === "fault") return decided(group, "fault", "what is noise was not measured");
  const evidence =
    reference === "recorded"
      ? "compared with the recording alone: without a baseline, version and noise cannot be told apart"
      : "the recording has no answers to compare the baseline with, so version and noise cannot be told apart; --aa measures noise";
  return decided(group, "unattributed", evidence);
}

/** Of one version, no two answers differed here. */
function neverNoisy(group: DifferenceGroup, { effect, control }: Compared, bound: number): AttributedGroup {
  const pairs = group.route.paired.size;
  const rare = noiseBound(pairs);
  const strength =
    rare < 0.5 ? `noise here is rarer than ${percent(rare)} (95 % confidence)` : "so few pairs rule out little noise";
  const never = `${pairsOf(control).never} here in ${steps(pairs)}: ${strength}`;
  const { met, vanished } = group.again;
  const isSignificant = chanceOfNoise(group.candidateOnly, group.controlOnly) <= bound;
  if (!isSignificant && vanished > 0) {
    const evidence = `undecided: ${never}, and sent again it differed in ${met} of ${met + vanished}`;
    return undecided(group, evidence);
  }
  const again = met === 0 ? "" : `; sent again, it differed in ${met} of ${met + vanished}`;
  return { ...decided(group, effect, `${never}${again}`), inDoubt: !isSignificant };
}

/**
 * Pairs of one Step: did two answers of one version differ (control), did reference and candidate? Were the candidate
 * as the reference, either would be alone in differing equally often.
 */
function byPairs(group: DifferenceGroup, { effect, control }: Compared, bound: number): AttributedGroup {
  const { paired } = group.route;
  const { candidateOnly, controlOnly } = group;
  const chance = chanceOfNoise(candidateOnly, controlOnly);
  const p = `p = ${chance.toPrecision(2)}`;
  const words = pairsOf(control);
  const again = group.again.noisy === 0 ? "" : `, and in ${group.again.noisy} when it was sent again`;
  const counts = `${words.differed} in ${group.control.size} of ${paired.size}${again}`;
  const alone = `${counts}; ${words.candidate} alone differed in ${candidateOnly}, ${words.control} alone in ${controlOnly} (${p})`;
  if (chance <= bound && !isTime(group)) return decided(group, effect, alone);
  const far = byDistance(group, { effect, counts, bound });
  if (far !== undefined) return far;
  if (group.widened) {
    const evidence = `${counts}; too many places to count apart, so nothing is called noise here`;
    return decided(group, "unattributed", evidence);
  }
  if (isConstant(group)) {
    const evidence = `${counts}, yet always in the same two values (${group.controlPair!.join(" → ")}, candidate ${group.candidatePair![1]}): that is no noise between calls, but may come with the deployment`;
    return decided(group, "unproven-noise", evidence);
  }
  if (!isTime(group) && chance < (values.has(group.kind) ? significance : easily))
    return undecided(group, `undecided: ${alone}`);
  const seen = group.candidate.and(paired).size;
  return decided(group, "noise", `${counts}; the candidate from ${words.reference} in ${seen} (${p})`);
}

/**
 * Values that differ in both, and are farther apart in the candidate. Where that may be one pause that many Steps met, it is
 * asked again; undefined where they are not farther.
 */
function byDistance(
  group: DifferenceGroup,
  { effect, counts, bound }: { effect: Attribution; counts: string; bound: number },
): AttributedGroup | undefined {
  const { farther, nearer, fartherBursts, nearerBursts } = group.leanings;
  const chance = chanceOfNoise(farther, nearer);
  if (chance > bound || group.climbs.areCounters) return undefined;
  const { met, farther: again } = group.again;
  const far = `the candidate's values are ten times as far off in ${farther} and nearer in ${nearer} (p = ${chance.toPrecision(2)})`;
  const isSpread = chanceOfNoise(fartherBursts, nearerBursts) <= bound;
  if (isSpread || met === 0) return { ...decided(group, effect, `${counts}, but ${far}`), inDoubt: !isSpread };
  if (again > 0) return decided(group, effect, `${counts}, but ${far}, and in ${again} of ${met} sent again`);
  const evidence = `${counts}; ${far}, as a pause of a process does: sent again, in none of ${met}`;
  return { ...decided(group, "noise", evidence), inDoubt: true };
}

/**
 * Times that are made anew: how often two of them are the same is told by how fast and near to each other their makers
 * are, so it is only asked how far they are apart.
 */
function isTime({ volatile, sharedClass = "" }: DifferenceGroup): boolean {
  return volatile && /^(time |HTTP date|epoch )/.test(sharedClass);
}

/** One plain value on each of the three sides, in enough Steps: values that are drawn for each answer do not do so. */
function isConstant(group: DifferenceGroup): boolean {
  const { candidatePair, controlPair } = group;
  if (candidatePair == null || controlPair == null || group.volatile) return false;
  if (group.candidate.size < fewestForConstant || group.control.size < fewestForConstant) return false;
  return controlPair[1] === candidatePair[0] && candidatePair[1] !== controlPair[0];
}

function pairsOf(control: Compared["control"]) {
  return control === "again"
    ? {
        never: "the baseline, sent everything twice, never differed from itself",
        differed: "the baseline, sent everything twice, differed from itself",
        reference: "the baseline",
        candidate: "the candidate",
        control: "the baseline",
      }
    : {
        never: "the baseline never differed from the recording",
        differed: "the baseline itself differed from the recording",
        reference: "the baseline",
        candidate: "the candidate",
        control: "the baseline",
      };
}

function decided(group: DifferenceGroup, attribution: Attribution, evidence: string): AttributedGroup {
  return { group, attribution, evidence, undecided: false, inDoubt: false };
}

function undecided(group: DifferenceGroup, evidence: string): AttributedGroup {
  return { group, attribution: "unattributed", evidence, undecided: true, inDoubt: true };
}

function steps(count: number): string {
  return count === 1 ? "the one Step compared" : `${count} Steps`;
}

/** In percent, as few digits as tell it. */
function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
