import { OperatorError } from "../../base/index.js";
import { type Lane, recordedLane, type TlsFiles } from "../../tape/index.js";
import type { FaultPlan } from "../faults/fault-plan.js";
import type { TargetTls } from "../send/index.js";

/** A lane as the operator wrote it by hand. */
export interface LaneByHand {
  name: string;
  /** Base URL. */
  target: string;
  version: "old" | "new";
  faults?: FaultPlan;
}

/** What TLS needs, and the files it was read from: these are told in run file and report. */
export interface LaneTls extends TargetTls {
  files: TlsFiles;
}

/** What of the options says which lanes there are. */
export interface LaneChoice {
  /** The candidate; absent when lanes by hand hold one. */
  target?: string;
  /** The version that works. */
  baseline?: string;
  /** Send everything to the baseline a second time. */
  aa?: boolean;
  /** Send everything a second time to each lane of the above, under this plan. */
  faults?: FaultPlan;
  /** Beside the above. */
  lanes?: readonly LaneByHand[];
  /** Towards those targets that are https. */
  tls?: LaneTls;
}

/** A lane with the plan its requests are marked by. */
export interface PlannedLane extends Lane {
  version: "old" | "new";
  plan?: FaultPlan;
}

export const candidateName = "candidate";
export const baselineName = "baseline";

/**
 * The lanes of a run: references before what is held against them. Throws an OperatorError for two of one name, a name
 * that cannot go into a header, a repeated candidate, and for no candidate at all.
 */
export function planLanes(choice: LaneChoice): PlannedLane[] {
  const lanes = [...lanesOfTargets(choice), ...(choice.lanes ?? []).map(laneByHand)];
  for (const [at, { name }] of lanes.entries()) {
    if (!/^[A-Za-z0-9._+-]+$/.test(name) || name === recordedLane)
      throw new OperatorError(
        `cannot call a lane "${name}": a name is of letters, digits and . _ + -, and not "${recordedLane}"`,
      );
    if (lanes.findIndex((other) => other.name === name) < at)
      throw new OperatorError(`two lanes are called "${name}": give one of them another name`);
  }
  const marked = withRepeats(lanes);
  if (!marked.some(({ version }) => version === "new"))
    throw new OperatorError(
      "no lane holds the new version: give --target URL, or a lane without version=old, such as --lane next=http://127.0.0.1:9081",
    );
  const secured = marked.map((lane) => withTls(lane, choice.tls));
  // Whole versions first, so that what a lane is held against is met before it.
  const rank = (lane: PlannedLane) => (lane.plan === undefined ? 0 : 2) + (lane.version === "old" ? 0 : 1);
  return secured.toSorted((one, other) => rank(one) - rank(other));
}

function lanesOfTargets({ target, baseline, aa, faults }: LaneChoice): PlannedLane[] {
  if (aa === true && baseline === undefined)
    throw new OperatorError("--aa sends the baseline everything twice: give it with --baseline URL");
  if (target === undefined && (baseline !== undefined || faults !== undefined))
    throw new OperatorError("--baseline and --faults go with --target: without it, give every lane with --lane");
  const plain: PlannedLane[] = [];
  if (baseline !== undefined) {
    plain.push({ name: baselineName, role: "baseline", target: baseline, version: "old" });
    if (aa === true) plain.push({ name: `${baselineName}-again`, role: "baseline", target: baseline, version: "old" });
  }
  if (target !== undefined) plain.push({ name: candidateName, role: "candidate", target, version: "new" });
  if (faults === undefined) return plain;
  return [...plain, ...plain.map((lane) => ({ ...lane, name: `${lane.name}+faults`, ...underPlan(faults) }))];
}

function laneByHand({ name, target, version, faults }: LaneByHand): PlannedLane {
  const role = version === "old" ? "baseline" : "candidate";
  return { ...{ name, role, target, version }, ...(faults === undefined ? {} : underPlan(faults)) };
}

function underPlan(plan: FaultPlan): Pick<PlannedLane, "faults" | "plan"> {
  return { faults: plan.file, plan };
}

function withTls(lane: PlannedLane, tls: LaneTls | undefined): PlannedLane {
  return tls === undefined || !/^https:/i.test(lane.target) ? lane : { ...lane, tls: tls.files };
}

/** The second lane of one old target and plan repeats the first; of a new one it would say nothing. */
function withRepeats(lanes: readonly PlannedLane[]): PlannedLane[] {
  return lanes.map((lane, at) => {
    const first = lanes.slice(0, at).find((other) => other.target === lane.target && isAlike(other, lane));
    if (first === undefined) return lane;
    if (lane.version === "new")
      throw new OperatorError(
        `the lanes "${first.name}" and "${lane.name}" send the same to ${lane.target}: noise is told by an old version that is sent twice`,
      );
    return { ...lane, repeat: true };
  });
}

/** Of one version, under one plan. */
export function isAlike(one: PlannedLane, other: PlannedLane): boolean {
  return one.version === other.version && one.faults === other.faults;
}
