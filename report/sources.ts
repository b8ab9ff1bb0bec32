import {
  type Divergence,
  type Lane,
  type RunReader,
  type RunSummary,
  recordedLane,
  type StepRecord,
} from "../tape/index.js";

/** At most so many examples of a group are shown in a report. */
export const shownExamples = 3;

/** The lane under test: the first candidate. Absent in a run without lanes. */
export function candidateOf({ lanes }: RunSummary): Lane | undefined {
  return lanes.find(({ role }) => role === "candidate");
}

/** Name, in the run file, of what the candidate is compared with. */
export function referenceLane({ reference, lanes }: RunSummary): string {
  const baseline = lanes.find(({ role }) => role === "baseline");
  return reference === "baseline" && baseline !== undefined ? baseline.name : recordedLane;
}

/** The Steps that the shown examples of these groups come from, by index; one pass over the run. */
export function exampleSteps(divergences: readonly Divergence[], run: RunReader): Map<number, StepRecord> {
  const wanted = new Set(
    divergences.flatMap(({ examples }) => examples.slice(0, shownExamples).map(({ step }) => step)),
  );
  const found = new Map<number, StepRecord>();
  if (wanted.size === 0) return found;
  for (const step of run.steps()) {
    if (wanted.has(step.step)) found.set(step.step, step);
    if (found.size === wanted.size) break;
  }
  return found;
}
