import type { RunReader, RunSummary } from "../../tape/index.js";
import { divergentSteps, groupNumbers } from "../serve/exchange-index.js";
import { isCounted } from "../words.js";
import { type ChaosTimes, sharesInWords } from "./words.js";

/** In how many Steps a divergence was met: in all, and for each task (by index) that lasted then. */
interface Met {
  total: number;
  outside: number;
  byTask: Map<number, number>;
}

/**
 * The summary of a run beside which chaos was done: each divergence's evidence says which task lasted when it was met, and
 * the summary tells what the run met during each. Times of the log and of the run are those of two clocks, which have to
 * agree as well as tasks are to be told apart.
 *
 * Of a run that sent its lanes one after the other only the first has times of its own; the others are taken to have been
 * sent beside it.
 */
export function withChaos(summary: RunSummary, run: RunReader, tasks: readonly ChaosTimes[]): RunSummary {
  const during = duringSteps(summary, run, tasks);
  const divergent = tasks.map(() => 0);
  const met = new Map<number, Met>();
  const numbersOf = groupNumbers(summary);
  for (const { record, differences } of divergentSteps(run)) {
    const lasting = during.get(record.step) ?? [];
    for (const task of lasting) divergent[task]!++;
    for (const number of new Set(differences.flatMap((one) => numbersOf(one, record)))) note(met, number, lasting);
  }
  const steps = tasks.map((_, task) => [...during.values()].filter((lasting) => lasting.includes(task)).length);
  return {
    ...summary,
    divergences: summary.divergences.map((one) => {
      const words = metInWords(met.get(one.number), tasks);
      return words === undefined ? one : { ...one, evidence: [one.evidence, words].filter(Boolean).join("; ") };
    }),
    chaos: {
      tasks: tasks.map(({ what, beganAt, endedAt }, at) => ({
        ...{ what, beganAt, steps: steps[at]!, divergent: divergent[at]! },
        ...(endedAt === undefined ? {} : { endedAt }),
      })),
      onlyDuring: summary.divergences
        .filter((one) => isCounted(one) && met.get(one.number)?.outside === 0)
        .map(({ number }) => number),
    },
  };
}

function note(met: Map<number, Met>, number: number, lasting: readonly number[]): void {
  const one = met.get(number) ?? { total: 0, outside: 0, byTask: new Map<number, number>() };
  one.total++;
  if (lasting.length === 0) one.outside++;
  for (const task of lasting) one.byTask.set(task, (one.byTask.get(task) ?? 0) + 1);
  met.set(number, one);
}

function metInWords(met: Met | undefined, tasks: readonly ChaosTimes[]): string | undefined {
  if (met === undefined) return undefined;
  const shares = [...met.byTask].sort(([a], [b]) => a - b);
  return sharesInWords(
    met.total,
    shares.map(([task, count]) => [tasks[task]!, count] as const),
  );
}

/** For each Step that a candidate lane was asked while some task lasted: which tasks, by index. */
function duringSteps(
  { startedAt, lanes }: RunSummary,
  run: RunReader,
  tasks: readonly ChaosTimes[],
): Map<number, number[]> {
  const zeroMs = Date.parse(startedAt);
  const spans = tasks.map(({ beganAt, endedAt }) => ({
    fromMs: Date.parse(beganAt) - zeroMs,
    toMs: endedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(endedAt) - zeroMs,
  }));
  const candidates = lanes.filter(({ role }) => role === "candidate").map(({ name }) => name);
  const found = new Map<number, number[]>();
  for (const { step } of run.steps()) {
    const asked = candidates.flatMap((lane) => run.outcome(step, lane) ?? []);
    const lasting = spans.flatMap(({ fromMs, toMs }, at) =>
      asked.some(({ sentMs, answeredMs }) => answeredMs >= fromMs && sentMs <= toMs) ? [at] : [],
    );
    if (lasting.length > 0) found.set(step, lasting);
  }
  return found;
}
