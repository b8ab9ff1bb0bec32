import type { ExperimentSummary } from "../../report/index.js";
import type { RunSummary } from "../../tape/index.js";
import type { PreparedExperiment } from "../prepare/prepare.js";
import { Conduct, type ExperimentEnv } from "./conduct.js";
import { conclude } from "./judge.js";
import { refuseUnreadable } from "./steady.js";
import { summaryOf } from "./summary.js";

/**
 * Runs an experiment: looks whether all is well, turns its faults on, replays while its thresholds are watched, and puts
 * everything back, however it ends. Throws an OperatorError where it cannot begin; whatever happens later is in the summary.
 */
export async function runExperiment(prepared: PreparedExperiment, env: ExperimentEnv): Promise<ExperimentSummary> {
  const startedAt = new Date().toISOString();
  const conduct = new Conduct(prepared, env);
  const { course, thresholds } = conduct;
  await refuseUnreadable(prepared, env.signal);
  const { warnings } = await env.faults.preview();
  let run: RunSummary | undefined;
  try {
    run = await conduct.replay();
    const unproven = await conduct.lookAtFaults(run);
    if (run !== undefined && course.standing.state === "Running") {
      conclude(course, thresholds, { run, wasCut: conduct.wasCut, unproven });
    }
  } catch (trouble) {
    throw await conduct.endedBy(trouble);
  }
  await conduct.putBack();
  course.turn({ kind: "put-back" });
  return summaryOf({
    prepared,
    env,
    startedAt,
    warnings,
    run,
    course,
    thresholds,
    proofs: conduct.proofs,
    fired: conduct.fired,
  });
}
