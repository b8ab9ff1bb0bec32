import type { RunSummary } from "../../tape/index.js";
import type { Course } from "../course/course.js";
import { compares } from "../file/comparison.js";
import { chosenDivergences, speaksAgainst } from "../threshold/divergences.js";
import { standingInWords, type Watched } from "../watch/watched.js";

/** What a run came to, whether it was cut because its time was over, and which faults are not known to have fired. */
export interface FinishedReplay {
  run: RunSummary;
  wasCut: boolean;
  unproven: readonly string[];
}

/**
 * Concludes an experiment whose replay came to its end: what tripped fails it; what cannot be known makes it inconclusive;
 * else it passed. Where it has thresholds for divergences those decide about them, else the replay's own verdict does.
 */
export function conclude(course: Course, thresholds: readonly Watched[], finished: FinishedReplay): void {
  for (const threshold of thresholds) readDivergences(course, threshold, finished.run);
  const standings = thresholds.map((threshold) => ({ threshold, standing: threshold.tracker.close(course.nowMs) }));
  for (const { threshold, standing } of standings) {
    if (standing.kind === "tripped") course.turn({ kind: "tripped", why: inWords(threshold) });
  }
  const divergence = divergenceFound(thresholds, finished);
  if (divergence !== undefined) course.turn({ kind: "tripped", why: divergence });
  for (const { threshold, standing } of standings) {
    if (standing.kind === "unknown") course.turn({ kind: "cannot-know", why: inWords(threshold) });
  }
  for (const why of [...doubtsOf(finished), ...finished.unproven]) course.turn({ kind: "cannot-know", why });
  course.turn({ kind: "held" });
}

function readDivergences(course: Course, { spec, tracker, comparison }: Watched, { divergences }: RunSummary): void {
  if (spec.divergences === undefined || comparison === undefined) return;
  const found = chosenDivergences(divergences, spec.divergences);
  const value = found.length;
  const trips = compares(value, comparison);
  const first = found[0];
  const of =
    first === undefined
      ? undefined
      : `${first.attribution} at ${first.hop}, ${first.route}: ${first.place} (${first.kind})`;
  const standing = tracker.take(course.nowMs, { kind: "value", value, trips, ...(of === undefined ? {} : { of }) });
  if (standing.kind === "tripped") course.note("tripped", `${spec.name}: ${value} found`);
}

/** Where nothing is asked about divergences: what speaks against the candidate. */
function divergenceFound(thresholds: readonly Watched[], { run, wasCut }: FinishedReplay): string | undefined {
  if (thresholds.some(({ spec }) => spec.divergences !== undefined)) return undefined;
  if (!wasCut) return run.verdict === "diverged" ? `the replay diverged: ${run.reasons.join("; ")}` : undefined;
  const against = run.divergences.filter(speaksAgainst);
  return against.length === 0
    ? undefined
    : `the replay diverged: ${against.length} divergences in what was sent in its time`;
}

/** Of a replay that was cut for its time, that it is not whole is no doubt; that it reached nobody is. */
function doubtsOf({ run, wasCut }: FinishedReplay): string[] {
  if (!wasCut) return run.verdict === "inconclusive" ? [`the replay is inconclusive: ${run.reasons.join("; ")}`] : [];
  if (run.compared === 0) return ["the replay compared nothing in its time"];
  if (run.live >= run.minLive) return [];
  return [
    `the replay is inconclusive: only ${Math.floor(run.live * 100)}% of the answers have the recorded status class`,
  ];
}

function inWords(threshold: Watched): string {
  return `${threshold.spec.name}: ${standingInWords(threshold, threshold.tracker.standing)}`;
}
