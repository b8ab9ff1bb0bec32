import { createHash } from "node:crypto";
import { stringify } from "yaml";
import { OperatorError } from "../../base/index.js";
import type { FaultWish } from "../../mesh/index.js";
import { type FaultPlan, parseFaultPlan } from "../../replayer/index.js";
import { faultExamples, type TypedFault, typedFault } from "../../virtual-service/index.js";
import type { ExperimentFile, FaultSpec } from "../file/schema.js";

/** A fault of an experiment, ready to be marked and turned on. */
export interface PlannedFault {
  name: string;
  /** Absent for one that the mesh draws for a share of all calls. */
  mark?: string;
  faults: readonly TypedFault[];
  spec: FaultSpec;
}

/** Reads what each fault does. Throws an OperatorError that names the file and the place. */
export function plannedFaults({ metadata, spec }: ExperimentFile, file: string): PlannedFault[] {
  return (spec.faults as FaultSpec[]).map((fault, at) => {
    const faults = faultExamples.flatMap(({ name, example }): TypedFault[] => {
      const written = fault[name];
      if (written === undefined) return [];
      const typed = typedFault(name, String(written));
      if (typed !== undefined) return [typed];
      throw new OperatorError(
        `${file}: spec.faults[${at}].${name}: must be such as ${example} (got ${JSON.stringify(written)})`,
      );
    });
    const planned = { name: fault.name, faults, spec: fault };
    return fault.ofAllCalls === undefined
      ? { ...planned, mark: fault.mark ?? markFor(metadata.name, fault.name) }
      : planned;
  });
}

/** The same at each run of an experiment, so that what it would change can be printed and committed. */
function markFor(experiment: string, fault: string): string {
  return createHash("sha256").update(`${experiment}\n${fault}`).digest("hex").slice(0, 8);
}

/**
 * Which Steps are marked for which fault; undefined without faults. One that the mesh draws marks all, with a mark that
 * nothing matches: any Step may have met it.
 */
export function faultPlanOf(
  planned: readonly PlannedFault[],
  experiment: ExperimentFile,
  file: string,
): FaultPlan | undefined {
  if (planned.length === 0) return undefined;
  const faults = planned.map(({ name, mark, spec: { where = "", share = "100%" } }) => ({
    ...{ name, where, share },
    mark: mark ?? markFor(experiment.metadata.name, name),
  }));
  const plan = parseFaultPlan(
    stringify({ seed: experiment.metadata.name, faults }, { defaultStringType: "QUOTE_DOUBLE" }),
    `${file}: spec`,
  );
  return { ...plan, file: experiment.metadata.name };
}

/** What is turned on in the mesh for a fault. */
export function wishOf(
  { name, mark, faults, spec }: PlannedFault,
  mesh: NonNullable<ExperimentFile["spec"]["mesh"]>,
): FaultWish {
  const { service, from, ofAllCalls } = spec;
  return {
    ...{ service, name, faults, namespace: mesh.namespace, evenIfManaged: mesh.evenIfManaged },
    percent: ofAllCalls === undefined ? 100 : Number.parseFloat(ofAllCalls),
    ...(mark === undefined ? {} : { mark }),
    ...(from === undefined ? {} : { from }),
  };
}
