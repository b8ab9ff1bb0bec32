import type {
  Difference,
  Outcome,
  PairedHops,
  RunSummary,
  RunWriter,
  SentRequest,
  StepRecord,
} from "../../tape/index.js";

/** A run kept in arrays, for looking at what a replay wrote. */
export interface RunInMemory extends RunWriter {
  readonly kept: {
    steps: StepRecord[];
    outcomes: Outcome[];
    requests: SentRequest[];
    differences: { step: number; hop: string; found: readonly Difference[] }[];
    pairedHops: PairedHops[];
    summary?: RunSummary;
  };
}

export function runInMemory(): RunInMemory {
  const kept: RunInMemory["kept"] = { steps: [], outcomes: [], requests: [], differences: [], pairedHops: [] };
  return {
    kept,
    steps: (batch) => void kept.steps.push(...batch),
    outcomes: (batch) => void kept.outcomes.push(...batch),
    requests: (batch) => void kept.requests.push(...batch),
    differences: (step, hop, found) => void kept.differences.push({ step, hop, found }),
    pairedHops: (batch) => void kept.pairedHops.push(...batch),
    async finish(summary) {
      kept.summary = summary;
    },
    async close() {},
  };
}
