import { parse as parseYaml } from "yaml";
import { check, OperatorError, reasonOf } from "../../base/index.js";
import { type ExperimentFile, experimentSchema } from "./schema.js";

/**
 * Reads an experiment. Throws an OperatorError of one line that names the file, the place and what is allowed there, with
 * the nearest key for one that is not known.
 */
export function parseExperiment(text: string, file: string): ExperimentFile {
  const experiment = check(experimentSchema, parsed(text, file), file);
  const { spec } = experiment;
  refuseTwice(spec.thresholds, "threshold", file);
  refuseTwice(spec.faults, "fault", file);
  if (spec.prometheus === undefined && spec.thresholds.some(({ prometheus }) => prometheus !== undefined)) {
    throw new OperatorError(
      `${file}: spec.prometheus: is missing: say where the queries go, such as http://127.0.0.1:9090`,
    );
  }
  const unmarked = spec.faults.find(({ ofAllCalls }) => ofAllCalls !== undefined);
  if (unmarked !== undefined && spec.mesh === undefined) {
    throw new OperatorError(
      `${file}: fault "${unmarked.name}" is for a share of all calls: say where it is turned on, with spec.mesh.namespace`,
    );
  }
  return experiment;
}

function parsed(text: string, file: string): unknown {
  try {
    return parseYaml(text, { logLevel: "error" }) ?? {};
  } catch (cause) {
    throw new OperatorError(`cannot read experiment ${file}: ${reasonOf(cause)}`, { cause });
  }
}

function refuseTwice(named: readonly { name: string }[], what: string, file: string): void {
  const twice = named.find(({ name }, at) => named.findIndex((other) => other.name === name) < at);
  if (twice !== undefined)
    throw new OperatorError(`${file}: two ${what}s are called "${twice.name}": each needs its own name`);
}
