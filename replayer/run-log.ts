import type { Difference, Outcome, RunWriter, SentRequest, StepRecord } from "../tape/index.js";

/** Steps that are given to the run file at once. */
const batchSteps = 128;

/** Hands to the run file in batches what was found, Step records before what refers to them. */
export interface RunLog {
  step(record: StepRecord, outcomes: readonly Outcome[]): void;
  /** What is kept beside of a Step with Differences: after the Step itself. */
  differing(record: StepRecord, request: SentRequest, differences: readonly Difference[]): void;
  /** Differences at a hop below a Step's own call. */
  hop(step: number, at: { hop: string; route: string }, differences: readonly Difference[]): void;
  /** Hands over what is pending. */
  flush(): void;
}

export function openRunLog(run: RunWriter): RunLog {
  let records: StepRecord[] = [];
  let outcomes: Outcome[] = [];
  let requests: SentRequest[] = [];
  let found: { step: number; hop: string; differences: readonly Difference[] }[] = [];

  const flush = () => {
    run.steps(records);
    run.outcomes(outcomes);
    if (requests.length > 0) run.requests(requests);
    for (const { step, hop, differences } of found) run.differences(step, hop, differences);
    records = [];
    outcomes = [];
    requests = [];
    found = [];
  };

  return {
    step(record, its) {
      if (records.length >= batchSteps) flush();
      records.push(record);
      for (const outcome of its) outcomes.push(outcome);
    },
    differing({ step, callee }, request, differences) {
      requests.push(request);
      found.push({ step, hop: callee, differences });
    },
    hop: (step, { hop, route }, differences) => run.differences(step, hop, differences, route),
    flush,
  };
}
