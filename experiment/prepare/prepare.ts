import { didYouMean, OperatorError } from "../../base/index.js";
import type { Cluster } from "../../mesh/index.js";
import type { ReplayOptions } from "../../replayer/index.js";
import { clusterSwitch, type FaultSwitch, marksAlone } from "../faults/switch.js";
import { faultPlanOf, type PlannedFault, plannedFaults, wishOf } from "../faults/wishes.js";
import type { ExperimentFile } from "../file/schema.js";
import { lanesInWatch, replayOptionsOf } from "./replay-options.js";

/** An experiment that makes sense: nothing of it was looked at beyond its file. */
export interface PreparedExperiment {
  experiment: ExperimentFile;
  /** As the operator named it. */
  file: string;
  faults: readonly PlannedFault[];
  options: ReplayOptions;
  lanes: ReturnType<typeof lanesInWatch>;
  /** Some fault is drawn by the mesh for anybody's calls: the control run cannot go beside it, but before it. */
  inTurn: boolean;
}

/**
 * Works out the replay and the faults of an experiment. Throws an OperatorError of one line.
 *
 * @param folder what paths in the file are relative to
 */
export function prepareExperiment(experiment: ExperimentFile, file: string, folder: string): PreparedExperiment {
  const faults = plannedFaults(experiment, file);
  const plan = faultPlanOf(faults, experiment, file);
  const options = replayOptionsOf(experiment.spec, plan, { file, folder });
  const lanes = lanesInWatch(options);
  refuseUnknownLanes(experiment, lanes.all, file);
  const unmarked = faults.some(({ mark }) => mark === undefined);
  return { experiment, file, faults, options, lanes, inTurn: unmarked && lanes.faulted.length < lanes.all.length };
}

function refuseUnknownLanes({ spec }: ExperimentFile, known: readonly string[], file: string): void {
  for (const [at, { lanes = [] }] of spec.thresholds.entries()) {
    const unknown = lanes.find((lane) => !known.includes(lane));
    if (unknown === undefined) continue;
    throw new OperatorError(
      `${file}: spec.thresholds[${at}].lanes: there is no lane "${unknown}"${didYouMean(unknown, known)}`,
    );
  }
}

/** What turns its faults on and off: the cluster, or nothing where the file names none. */
export async function switchOf(
  { experiment, faults }: PreparedExperiment,
  connect: () => Promise<Cluster>,
): Promise<FaultSwitch> {
  const { mesh, why } = experiment.spec;
  if (mesh === undefined || faults.length === 0) return marksAlone;
  const words = `experiment ${experiment.metadata.name}${why === undefined ? "" : `: ${why}`}`;
  return clusterSwitch(
    await connect(),
    faults.map((fault) => wishOf(fault, mesh)),
    words,
  );
}
