import { stringify } from "yaml";
import { emitted, type PlannedChange } from "../../mesh/index.js";
import { type Preflight, replay } from "../../replayer/index.js";
import type { PreparedExperiment } from "../prepare/prepare.js";
import { askPrometheus } from "../prometheus/query.js";
import { readingOf } from "../prometheus/read.js";
import type { ExperimentEnv } from "../run/conduct.js";
import { refuseUnreadable } from "../run/steady.js";
import { faultInWords } from "../run/summary.js";
import { readingInWords, ruleInWords, watchedOf } from "../watch/watched.js";
import { lineDiff } from "./line-diff.js";

/** What an experiment would do. */
export interface ExperimentPlan {
  /** One for each object: its name, and its YAML before and after as a unified diff. */
  changes: readonly { object: string; lines: readonly string[] }[];
  faults: readonly { name: string; what: string }[];
  lanes: readonly string[];
  /** `reads` is there of queries alone: what Prometheus says now. */
  thresholds: readonly { name: string; rule: string; reads?: string }[];
  forecast: Preflight;
  warnings: readonly string[];
}

/** Ends the replay before its first Step. */
class PlanIsMade extends Error {}

/** Looks at everything and changes nothing: no request is sent, nothing is written to the cluster. Throws as a run would. */
export async function planExperiment(prepared: PreparedExperiment, env: ExperimentEnv): Promise<ExperimentPlan> {
  await refuseUnreadable(prepared, env.signal);
  const { changes, warnings } = await env.faults.preview();
  const forecast = await forecastOf(prepared, env);
  return {
    changes: changes.map(changeInLines),
    faults: prepared.faults.map((fault) => ({ name: fault.name, what: faultInWords(fault) })),
    lanes: prepared.lanes.all,
    thresholds: await Promise.all(prepared.experiment.spec.thresholds.map((one) => thresholdNow(one, prepared, env))),
    forecast,
    warnings: [...warnings, ...forecast.warnings],
  };
}

async function forecastOf({ options }: PreparedExperiment, env: ExperimentEnv): Promise<Preflight> {
  let forecast: Preflight | undefined;
  const onPreflight = (preflight: Preflight) => {
    forecast = preflight;
    throw new PlanIsMade();
  };
  const { clock, tape, tapePaths, runId, run, version, key } = env;
  await replay(options, { clock, tape, tapePaths, runId, run, version, ...(key && { key }), onPreflight }).catch(
    (thrown: unknown) => {
      if (!(thrown instanceof PlanIsMade)) throw thrown;
    },
  );
  return forecast!;
}

async function thresholdNow(
  spec: PreparedExperiment["experiment"]["spec"]["thresholds"][number],
  { experiment, lanes }: PreparedExperiment,
  { signal }: ExperimentEnv,
): Promise<ExperimentPlan["thresholds"][number]> {
  const about = { name: spec.name, rule: ruleInWords(spec) };
  const { prometheus: base } = experiment.spec;
  if (base === undefined || spec.prometheus === undefined) return about;
  const watched = watchedOf(spec, lanes);
  const reading = readingOf(await askPrometheus(base, spec.prometheus, signal), watched.comparison!);
  return { ...about, reads: readingInWords(watched, reading) };
}

function changeInLines({ now, after }: PlannedChange): ExperimentPlan["changes"][number] {
  const { kind, metadata } = after;
  const before = now === undefined ? "" : yamlOf({ after: now });
  return { object: `${kind} ${metadata.namespace}/${metadata.name}`, lines: lineDiff(before, yamlOf({ after })) };
}

function yamlOf(change: PlannedChange): string {
  return emitted([change], "yaml")
    .map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join("---\n");
}
