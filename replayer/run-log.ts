import type { Difference, Outcome, RunWriter, StepRecord } from "../tape/index.js";

/** Steps that are given to the run file at once. */
const batchSteps = 128;

/** Hands to the run file in batches what was found, Step records before what refers to them. */
export interface RunLog {
  step(record: StepRecord, outcomes: readonly Outcome[], differences: readonly Difference[]): void;
  /** Differences at a hop below a Step's own call. */
  hop(step: number, hop: string, differences: readonly Difference[]): void;
  /** Hands over what is pending. */
  flush(): void;
}

export function openRunLog(run: RunWriter): RunLog {
  let records: StepRecord[] = [];
  let outcomes: Outcome[] = [];
  let found: { step: number; hop: string; differences: readonly Difference[] }[] = [];

  const flush = () => {
    run.steps(records);
    run.outcomes(outcomes);
    for (const { step, hop, differences } of found) run.differences(step, hop, differences);
    records = [];
    outcomes = [];
    found = [];
  };

  return {
    step(record, its, differences) {
      records.push(record);
      outcomes.push(...its);
      if (differences.length > 0) found.push({ step: record.step, hop: record.callee, differences });
      if (records.length >= batchSteps) flush();
    },
    hop: (step, hop, differences) => run.differences(step, hop, differences),
    flush,
  };
}
