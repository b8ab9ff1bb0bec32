import { type Clock, OperatorError } from "../../base/index.js";
import type { PreparedExperiment } from "../prepare/prepare.js";
import { askPrometheus } from "../prometheus/query.js";
import type { Watch } from "../watch/watch.js";
import { readingInWords } from "../watch/watched.js";

/**
 * Throws an OperatorError with Prometheus' own words for a query that it does not take. One that cannot be asked is no such
 * error: whether all is well is looked at afterwards.
 */
export async function refuseUnreadable({ experiment, file }: PreparedExperiment, signal: AbortSignal): Promise<void> {
  const { prometheus: base, thresholds } = experiment.spec;
  await Promise.all(
    thresholds.map(async ({ name, prometheus: query }) => {
      if (base === undefined || query === undefined) return;
      const answer = await askPrometheus(base, query, signal);
      if (answer.kind !== "refused") return;
      throw new OperatorError(`${file}: threshold "${name}": Prometheus refuses its query: ${answer.words}`);
    }),
  );
}

/** Why not all is well before anything is changed, in words; undefined when it was well for as long as is asked. */
export async function notWell(
  watch: Watch,
  clock: Clock,
  { forMs, everyMs, signal }: { forMs: number; everyMs: number; signal: AbortSignal },
): Promise<string | undefined> {
  const endMs = clock.now() + forMs;
  for (;;) {
    const unwell = (await watch.askBefore(signal)).find(
      ({ reading }) => reading.kind === "unknown" || (reading.kind === "value" && reading.trips),
    );
    if (unwell !== undefined)
      return `${unwell.threshold.spec.name}: ${readingInWords(unwell.threshold, unwell.reading)}`;
    if (signal.aborted || clock.now() >= endMs) return undefined;
    await clock.sleepUntil(Math.min(clock.now() + everyMs, endMs), signal);
  }
}
