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
export function candidateOf({ lanes }: Pick<RunSummary, "lanes">): Lane | undefined {
  return lanes.find(({ role }) => role === "candidate");
}

/** Name, in the run file, of what the candidate is compared with. */
export function referenceLane({ reference, lanes }: Pick<RunSummary, "reference" | "lanes">): string {
  const baseline = lanes.find(({ role }) => role === "baseline");
  return reference === "baseline" && baseline !== undefined ? baseline.name : recordedLane;
}

/** A lane and what it is held against, by the names they have in the run file. */
export interface LanePair {
  lane: string;
  reference: string;
}

/** The pairs of lanes in which a divergence shows, best first: those it was met in, else the candidate and its reference. */
export function lanePairsOf(divergence: Pick<Divergence, "lanes">, summary: RunSummary): readonly LanePair[] {
  if (divergence.lanes !== undefined && divergence.lanes.length > 0) return divergence.lanes;
  const candidate = candidateOf(summary);
  return candidate === undefined ? [] : [{ lane: candidate.name, reference: referenceLane(summary) }];
}

/** The lanes to send a divergence's request to by hand: where it was met, what those were held against, then others. */
export function lanesToAsk(divergence: Pick<Divergence, "lanes">, summary: RunSummary, most: number): Lane[] {
  const names = lanePairsOf(divergence, summary).flatMap(({ lane, reference }) => [lane, reference]);
  const rank = ({ name }: Lane) => (names.includes(name) ? names.indexOf(name) : names.length);
  return [...summary.lanes].sort((one, other) => rank(one) - rank(other)).slice(0, most);
}

/** The Steps that the shown examples of these groups come from, by index; asked for in order, as they lie in the run file. */
export function exampleSteps(
  divergences: readonly Divergence[],
  run: RunReader,
  examples = shownExamples,
): Map<number, StepRecord> {
  const wanted = new Set(divergences.flatMap((one) => one.examples.slice(0, examples).map(({ step }) => step)));
  const found = new Map<number, StepRecord>();
  for (const step of [...wanted].sort((one, other) => one - other)) {
    const record = run.step(step);
    if (record !== undefined) found.set(step, record);
  }
  return found;
}
