import type { ExperimentReplay, ExperimentSummary, ExperimentThreshold } from "../../report/index.js";
import type { RunSummary } from "../../tape/index.js";
import type { Course } from "../course/course.js";
import type { PutBackProof } from "../faults/switch.js";
import type { PlannedFault } from "../faults/wishes.js";
import type { Fired } from "../fired/proof.js";
import type { PreparedExperiment } from "../prepare/prepare.js";
import { ruleInWords, standingInWords, type Watched } from "../watch/watched.js";
import type { ExperimentEnv } from "./conduct.js";

/** All that is known of a finished experiment. */
export interface FinishedExperiment {
  prepared: PreparedExperiment;
  env: Pick<ExperimentEnv, "runId" | "version" | "signal">;
  startedAt: string;
  warnings: readonly string[];
  run: RunSummary | undefined;
  course: Course;
  thresholds: readonly Watched[];
  proofs: readonly PutBackProof[];
  fired: readonly Fired[];
}

/** What a report says of it. */
export function summaryOf(finished: FinishedExperiment): ExperimentSummary {
  const { prepared, env, startedAt, warnings, run, course, thresholds, proofs, fired } = finished;
  const { metadata, spec } = prepared.experiment;
  const { conclusion, reasons } = course.standing;
  return {
    format: 1,
    experiment: metadata.name,
    ...(spec.why === undefined ? {} : { why: spec.why }),
    ...{ run: env.runId, tapeloop: env.version, startedAt, durationMs: course.nowMs },
    conclusion: conclusion!,
    reasons,
    interrupted: env.signal.aborted,
    ...{ states: course.states, changes: course.changes },
    thresholds: thresholds.map(thresholdOf),
    faults: prepared.faults.map((fault) => faultOf(fault, run === undefined ? [] : fired)),
    putBack: proofs,
    ...(run === undefined ? {} : { replay: replayOf(run) }),
    warnings: [...warnings, ...(run?.warnings ?? [])],
  };
}

function faultOf(fault: PlannedFault, all: readonly Fired[]): ExperimentSummary["faults"][number] {
  const { name, ...fired } = all.find((one) => one.name === fault.name) ?? { name: fault.name };
  return { name, what: faultInWords(fault), ...("steps" in fired ? { fired } : {}) };
}

function thresholdOf(watched: Watched): ExperimentThreshold {
  const { spec, source, tracker, comparison } = watched;
  const { standing, history } = tracker;
  const isBad = standing.kind === "tripped" || standing.kind === "unknown";
  return {
    ...{ name: spec.name, rule: ruleInWords(spec), source, unit: comparison?.unit ?? "" },
    ...(comparison === undefined ? {} : { bound: comparison.value }),
    standing: standing.kind,
    ...(isBad ? { why: standingInWords(watched, standing), atMs: standing.atMs } : {}),
    history,
  };
}

/** `on ratings: answers a call with 503 itself, for Steps marked deadbeef`. */
export function faultInWords({ mark, faults, spec }: PlannedFault): string {
  const what = faults.map(({ explanation }) => explanation).join(", then ");
  const { service, from, where, share, ofAllCalls } = spec;
  const labels = Object.entries(from ?? {}).map((label) => label.join("="));
  const callers = labels.length === 0 ? "" : ` from ${labels.join(",")}`;
  if (ofAllCalls !== undefined) return `on ${service}${callers}: ${what}, for ${ofAllCalls} of all calls`;
  const which = [share ?? "all", where === undefined ? "Steps" : `Steps where ${where}`]
    .join(" of the ")
    .replace("all of the", "all");
  return `on ${service}${callers}: ${what}, for ${which}, marked ${mark}`;
}

function replayOf(run: RunSummary): ExperimentReplay {
  const { verdict, reasons, steps, sent, answered, compared, divergences } = run;
  const lanes = run.lanes.map(({ name, target, faults, sent, answered, statuses, fromSent }) => ({
    ...{ name, target, sent, answered, statuses, fromSent },
    ...(faults === undefined ? {} : { faults }),
  }));
  return { verdict, reasons, steps, sent, answered, compared, lanes, divergences };
}
