import type { Body, HeaderList } from "../message/index.js";
import type { Answer, Protocol } from "./exchange.js";

/** One (target, fault plan) the tape is sent to. */
export interface Lane {
  name: string;
  role: "candidate" | "baseline";
  /** Base URL. */
  target: string;
}

/**
 * An Answer that was the same as its reference's in status, compared fields and every byte of the body: it is not kept a
 * second time.
 */
export interface SameAnswer {
  kind: "same";
  /** The lane it was the same as; {@link recordedLane} for what is on the tape. */
  as: string;
  status: number;
}

/** What a lane answered to a Step. Times are milliseconds since the run's first due time. */
export interface Outcome {
  /** Index of the Step in its run, from 0. */
  step: number;
  lane: string;
  answer: Answer | SameAnswer;
  dueMs: number;
  sentMs: number;
  answeredMs: number;
}

/**
 * Name under which the recorded Answer of a Step is kept in the run file, as if a lane had given it, for Steps that
 * have Differences, so that a report can show both sides without the tape. No lane may take this name.
 */
export const recordedLane = "recorded";

/** What a Step was made from, as kept in the run file so that a report needs no tape. */
export interface StepRecord {
  step: number;
  exchangeId: number;
  callee: string;
  /** Template the call belongs to: `GET /reviews/{id}`. */
  route: string;
  method: string;
  path: string;
  protocol: Protocol;
  /** Offset of the recorded start from the first Step's, in milliseconds. */
  recordedAtMs: number;
  /** How long the recorded answer took; absent where the vantage cannot know. */
  recordedMs?: number;
  recordedStatus?: number;
}

/** What was sent for a Step, to every lane alike, without what each sending has of its own (host, framing, identity, marks). */
export interface SentRequest {
  step: number;
  /** As they went out; never with a secret. */
  headers: HeaderList;
  /** Names of fields that the operator gave for the run: their values are kept nowhere. */
  given: readonly string[];
  body: Body;
}

/** Why a call on the tape was not sent. */
export const notSentReasons = [
  "truncated",
  "aborted",
  "open",
  "upgrade",
  "connect",
  "unsafe-method",
  "redacted",
  /** No HTTP client of ours can write it as it was recorded (a control character in a field, a space in the path). */
  "unsendable",
  "interrupted",
] as const;
export type NotSentReason = (typeof notSentReasons)[number];

/**
 * Where two Answers differ: `status`, `header:name`, `trailer:name`, `body:/json/pointer` (RFC 6901; array indexes as
 * `*` when grouped), `body`, `timing`, `hop`.
 */
export type Place = string;

/** `high`: structure, type, status, failure. `medium`: a value. `low`: additive, or encoding only. */
export type Severity = "high" | "medium" | "low";

/** One typed Difference at one place: `expected` is the reference's side (recording or baseline), `actual` the candidate's. */
export type Difference = {
  place: Place;
  /** The place as it is grouped, array indexes as `*`; present where a reference token of digits needs telling apart. */
  grouped?: Place;
  severity: Severity;
} & (
  | { kind: "status"; expected: number; actual: number }
  | { kind: "failure"; expected: string; actual: string }
  | { kind: "missing-header" | "missing-trailer"; expected: string }
  | { kind: "added-header" | "added-trailer"; actual: string }
  | { kind: "changed-header" | "changed-trailer"; expected: string; actual: string }
  | { kind: "missing-field"; expected: string }
  | { kind: "added-field"; actual: string }
  | { kind: "changed-type"; expected: string; actual: string; expectedType: string; actualType: string }
  | { kind: "changed-value"; expected: string; actual: string }
  | { kind: "array-length"; expected: number; actual: number }
  | { kind: "duplicate-key"; expected: string; actual: string }
  | { kind: "changed-text"; expected: string; actual: string }
  | { kind: "changed-bytes"; expected: string; actual: string }
  | { kind: "body-format"; expected: string; actual: string }
  | { kind: "content-encoding"; expected: string; actual: string }
  | { kind: "answer-end"; expected: string; actual: string }
  /** A hop below the call was not called as often as before, or more often; at the place `hop`. */
  | { kind: "missing-call"; expected: string }
  | { kind: "added-call"; actual: string }
);
export type DifferenceKind = Difference["kind"];

export type Attribution = "noise" | "unproven-noise" | "version" | "fault" | "interaction" | "unattributed";

/** One meeting of a divergence: which Step, and both sides there. */
export interface DivergenceExample {
  exchangeId: number;
  step: number;
  expected: string;
  actual: string;
}

/** Differences grouped by hop, route, place and kind. */
export interface Divergence {
  /** From 1, in the order of the report. */
  number: number;
  /** The service whose answer differs first: the Step's own callee, or a hop below it where hops were recorded. */
  hop: string;
  route: string;
  /** With array indexes as `*`. */
  place: Place;
  kind: DifferenceKind;
  severity: Severity;
  attribution: Attribution;
  /** One sentence: why this attribution. */
  evidence: string;
  /** In how many of the compared Steps of the route it was met. */
  count: number;
  of: number;
  /** Id of the first Exchange it was met at. */
  sinceExchange: number;
  examples: readonly DivergenceExample[];
  /** Where it surfaced further up the tree, when it began at a hop below. */
  surfaced: readonly { hop: string; route: string; place: Place; kind: DifferenceKind; count: number }[];
}

export type Verdict = { kind: "passed" | "diverged" | "inconclusive"; reasons: readonly string[] };

/** Proof that the order was kept. An edge A → B holds when A's Outcome was final before B was sent. */
export interface OrderCertificate {
  order: "serial" | "recorded" | "none";
  /** Edges of the full relation, however the planner reduces them. */
  required: number;
  /** Must be 0. */
  violated: number;
  /** Neighbours in tape order that were sent the other way round though nothing ordered them. */
  startInversions: number;
}

/** A latency distribution. Milliseconds. */
export interface LatencySummary {
  count: number;
  min: number;
  mean: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
  /** For drawing: ascending, `upToMs` is the upper bound of each bucket. */
  buckets: readonly { upToMs: number; count: number }[];
}

export interface LaneSummary extends Lane {
  sent: number;
  answered: number;
  /** Outcomes by status ("200") or failure ("refused"). */
  statuses: Record<string, number>;
  /** From sent to answered: service time. */
  fromSent: LatencySummary;
  /** From due to answered: what a user would have felt. */
  fromDue: LatencySummary;
}

/** One bar of the timeline: what happened in a stretch of the run. */
export interface TimelineBucket {
  fromMs: number;
  toMs: number;
  sent: number;
  failed: number;
  divergent: number;
}

/** All that a report says of a finished run. Written as `report.json` and inside the run file. */
export interface RunSummary {
  format: 1;
  run: string;
  tapeloop: string;
  startedAt: string;
  durationMs: number;
  tape: {
    paths: readonly string[];
    exchanges: number;
    firstNs?: string;
    lastNs?: string;
    dropped: number;
    truncated: number;
    gaps: number;
    /** Share of the calls seen and wanted, in the time of the planned ones, that it holds: 0 to 1; absent where nothing was counted. */
    coverage?: number;
  };
  settings: { order: string; pace: string; selection: string; baseline: boolean };
  reference: "recorded" | "baseline";
  verdict: Verdict["kind"];
  reasons: readonly string[];
  steps: number;
  sent: number;
  answered: number;
  compared: number;
  /** Of those compared, by their status alone: an access log told no more of the recorded answer. Absent for none. */
  comparedByStatus?: number;
  /** Share of Steps, 0 to 1, whose baseline (or target, without one) answered with the recorded status class. */
  live: number;
  minLive: number;
  notSent: Partial<Record<NotSentReason, number>>;
  order: OrderCertificate;
  latenessMs: { p50: number; p99: number; max: number };
  lanes: readonly LaneSummary[];
  recordedLatency?: LatencySummary;
  /** Recorded answers of the sent Steps by status or failure, where the vantage knows them. */
  recordedStatuses?: Record<string, number>;
  /** Every route of which an Answer was compared, with how many: the clean ones too. */
  routes?: readonly { hop: string; route: string; compared: number }[];
  divergences: readonly Divergence[];
  timeline: readonly TimelineBucket[];
  warnings: readonly string[];
}

/**
 * Where a Run is kept while it runs and afterwards: a file of its own that names its tape. What is given is buffered and
 * written by another thread; a trouble there is thrown, as a TapeError, by the next `finish` or `close`.
 */
export interface RunWriter {
  steps(batch: readonly StepRecord[]): void;
  /** Already redacted with the tape's key. */
  outcomes(batch: readonly Outcome[]): void;
  /** For Steps with Differences, so that a report can say how to send them again. */
  requests(batch: readonly SentRequest[]): void;
  differences(step: number, hop: string, found: readonly Difference[]): void;
  /** Once, at the end; a run file without it was interrupted. Resolves when all that was given is durable. */
  finish(summary: RunSummary): Promise<void>;
  /** Writes what is buffered. Safe to call twice. */
  close(): Promise<void>;
}

export interface RunReader {
  /** Absent when the run never finished. */
  summary(): RunSummary | undefined;
  /** In the order of the tape, in flat memory. */
  steps(): Iterable<StepRecord>;
  /**
   * Of a Step with Differences every Answer is there, the reference's too. Of others a SameAnswer may be all there is: the
   * recorded Answer it names is on the tape, under the Step's `exchangeId`.
   */
  outcome(step: number, lane: string): Outcome | undefined;
  /** What was sent for a Step with Differences. */
  request(step: number): SentRequest | undefined;
  differencesOf(step: number): readonly (Difference & { hop: string })[];
  close(): void;
}
