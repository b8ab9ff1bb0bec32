import { OperatorError } from "../../base/index.js";
import { recordedLane } from "../../tape/index.js";
import type { ComparedSides } from "../divergences/collect.js";
import { isAlike, type PlannedLane } from "./plan-lanes.js";

/** Two sides that are compared Step by Step. Lanes are told by their index. */
export interface Contrast {
  /** Its own index. */
  at: number;
  lane: number;
  /** Undefined: the recorded Answers. */
  reference: number | undefined;
  /** Names, for evidence. */
  names: { lane: string; reference: string };
  /**
   * What differs between the two sides: the version (and time, where the reference is the recording), or that the lane's
   * Steps meet faults.
   */
  effect: "version" | "fault";
  /** Two answers of one version to one Step, that tell how much noise there is; undefined where nothing does. */
  control: Control | undefined;
}

/** Two sides of which nothing was changed. */
export interface Control {
  lane: number;
  /** Undefined: the recorded Answers. */
  reference: number | undefined;
  names: { lane: string; reference: string };
}

/**
 * What is held against what. Each candidate has one reference: the old version under the same faults; without any old
 * version, the candidate without faults, or the recording. Each old lane under faults is held against the old one
 * without: what the faults do by themselves. Throws an OperatorError where there is no reference, or more than one.
 */
export function contrastsOf(lanes: readonly PlannedLane[]): Contrast[] {
  const hasOld = lanes.some(({ version }) => version === "old");
  const contrasts = lanes.flatMap((lane, at): Contrast[] => {
    if (lane.repeat) return [];
    if (lane.version === "old") return lane.faults === undefined ? [] : underFaults(lanes, at);
    if (hasOld) return [contrast(lanes, at, oldLike(lanes, at), "version")];
    return lane.faults === undefined ? [contrast(lanes, at, undefined, "version")] : underFaults(lanes, at, true);
  });
  return contrasts.map((one, at) => ({ ...one, at }));
}

/** The one that a run is counted by: a candidate without faults before others. */
export function mainContrast(contrasts: readonly Contrast[]): Contrast {
  return contrasts.find(({ effect }) => effect === "version") ?? contrasts[0]!;
}

/** The contrasts as grouping and naming the cause need them. */
export function sidesOf(contrasts: readonly Contrast[], lanes: readonly PlannedLane[]): ComparedSides[] {
  return contrasts.map(({ lane, names, effect, control }) => ({
    ...names,
    effect,
    faults: lanes[lane]!.faults,
    isOld: lanes[lane]!.version === "old",
    control: control && (lanes[control.lane]!.repeat ? "again" : "recorded"),
  }));
}

/** The old version under the same faults. */
function oldLike(lanes: readonly PlannedLane[], at: number): number {
  const { name, faults } = lanes[at]!;
  const found = indexes(lanes, (other) => other.version === "old" && !other.repeat && other.faults === faults);
  const under = faults === undefined ? "without faults" : `under ${faults}`;
  if (found.length === 0)
    throw new OperatorError(
      `lane "${name}" has no reference: no lane holds the old version ${under}; add --lane NAME=URL,version=old${faults === undefined ? "" : `,faults=${faults}`}`,
    );
  return only(lanes, at, found, `the old version ${under}`);
}

/** The same version without faults; `needed`: where there is none, the recording stands in for it. */
function underFaults(lanes: readonly PlannedLane[], at: number, needed = false): Contrast[] {
  const { version, target } = lanes[at]!;
  const plain = indexes(lanes, (one) => one.version === version && one.faults === undefined && !one.repeat);
  const same = plain.filter((one) => lanes[one]!.target === target);
  const found = same.length > 0 ? same : plain;
  if (found.length === 0) return needed ? [contrast(lanes, at, undefined, "fault")] : [];
  return [contrast(lanes, at, only(lanes, at, found, `the ${version} version without faults`), "fault")];
}

function only(lanes: readonly PlannedLane[], at: number, found: readonly number[], what: string): number {
  if (found.length === 1) return found[0]!;
  const names = found.map((one) => `"${lanes[one]!.name}"`).join(" and ");
  throw new OperatorError(`lane "${lanes[at]!.name}" has more than one reference: ${names} are both ${what}`);
}

function contrast(
  lanes: readonly PlannedLane[],
  lane: number,
  reference: number | undefined,
  effect: Contrast["effect"],
): Contrast {
  return { at: 0, ...sides(lanes, lane, reference), effect, control: controlOf(lanes, reference) };
}

/**
 * The reference against its repetition; else the recording against it. A reference that meets faults and is not repeated
 * is taken to be as noisy as its version is without them.
 */
function controlOf(lanes: readonly PlannedLane[], reference: number | undefined): Control | undefined {
  if (reference === undefined) return undefined;
  const own = lanes[reference]!;
  const again = indexes(lanes, (one) => one.repeat === true && isAlike(one, own) && one.target === own.target)[0];
  if (again !== undefined) return sides(lanes, again, reference);
  if (own.version === "new") return undefined;
  if (own.faults === undefined) return sides(lanes, reference, undefined);
  const plain = indexes(lanes, (one) => one.version === "old" && one.faults === undefined && !one.repeat)[0];
  return controlOf(lanes, plain);
}

function sides(lanes: readonly PlannedLane[], lane: number, reference: number | undefined): Control {
  const name = reference === undefined ? recordedLane : lanes[reference]!.name;
  return { lane, reference, names: { lane: lanes[lane]!.name, reference: name } };
}

function indexes(lanes: readonly PlannedLane[], which: (lane: PlannedLane) => boolean): number[] {
  return lanes.flatMap((lane, at) => (which(lane) ? [at] : []));
}
