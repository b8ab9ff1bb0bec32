import type { Divergence, LaneSummary, Verdict } from "../../tape/index.js";

/** All that a report says of a finished experiment: what `experiment run --json` writes. Times are milliseconds from its start. */
export interface ExperimentSummary {
  format: 1;
  experiment: string;
  why?: string;
  /** Id of the replay's run. */
  run: string;
  tapeloop: string;
  startedAt: string;
  durationMs: number;
  conclusion: "Passed" | "Failed" | "Inconclusive";
  reasons: readonly string[];
  /** Ended by the operator. */
  interrupted: boolean;
  /** In the order in which they were reached. */
  states: readonly { state: string; atMs: number }[];
  /** What was changed, what tripped, what was put back: in the order of time. */
  changes: readonly ExperimentChange[];
  thresholds: readonly ExperimentThreshold[];
  faults: readonly ExperimentFault[];
  /** How each object that was changed was left. */
  putBack: readonly { fault: string; object: string; outcome: string; why?: string }[];
  /** Absent when nothing was sent. */
  replay?: ExperimentReplay;
  warnings: readonly string[];
}

/** A fault, and what is known of how often it fired. */
export interface ExperimentFault {
  name: string;
  what: string;
  /** Absent when nothing was sent. */
  fired?: {
    /** Steps that were marked for it and sent. */
    steps: number;
    /** Those of them that were answered oddly with the fault, and not without. */
    showed: number;
    /** How often the proxies of its callers injected it, as they count; absent where they do not tell. */
    injected?: number;
    /** Whether that proves that it fired. */
    isProven: boolean;
  };
}

export interface ExperimentChange {
  atMs: number;
  kind: "fault-on" | "fault-off" | "tripped" | "unknown" | "sending" | "sent";
  what: string;
}

/** A threshold, and what it read over the time. */
export interface ExperimentThreshold {
  name: string;
  /** `answers that failed > 10 in 1m`. */
  rule: string;
  source: "prometheus" | "webhook" | "stream" | "divergences";
  /** What its values count. */
  unit: "" | "%" | "ms" | "/s";
  /** The bound it trips at; absent for a webhook. */
  bound?: number;
  standing: "well" | "near" | "tripped" | "unknown" | "unread";
  /** Of one that tripped, or is unknown: which value of what, or why. */
  why?: string;
  atMs?: number;
  /** In the order of time; without a value where none was given. Shares from 0 to 1. */
  history: readonly { atMs: number; value?: number }[];
}

/** What of its replay an experiment's report says; the rest is in the run's own report. */
export interface ExperimentReplay {
  verdict: Verdict["kind"];
  reasons: readonly string[];
  steps: number;
  sent: number;
  answered: number;
  compared: number;
  lanes: readonly Pick<LaneSummary, "name" | "target" | "faults" | "sent" | "answered" | "statuses" | "fromSent">[];
  divergences: readonly Divergence[];
}
