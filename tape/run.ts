import type { Body, HeaderList } from "../message/index.js";
import type { Answer, Protocol } from "./exchange.js";

/** Files in PEM: who may have signed a target's certificate, our own certificate, its key. */
export interface TlsFiles {
  ca?: string;
  cert?: string;
  key?: string;
}

/** One (target, fault plan) the tape is sent to. */
export interface Lane {
  name: string;
  /** A `baseline` is a reference: of candidates, and of what is sent to it a second time or under faults. */
  role: "candidate" | "baseline";
  /** Base URL, or `namespace NAME` where each call went by the authority it was recorded with. */
  target: string;
  /** Which version stands there: the old one where the role is baseline. Absent in older run files. */
  version?: "old" | "new";
  /** File of the fault plan its requests are marked by; absent for none. */
  faults?: string;
  /** Files of TLS towards an https target, by the names the operator gave; absent for none. */
  tls?: TlsFiles;
  /** The same target under the same fault plan is another lane too, which this one repeats: what differs between them is noise. */
  repeat?: true;
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

/**
 * What was sent for a Step, to every lane alike, without what each sending has of its own (host, unless the recorded one was
 * kept, framing, identity, marks). A key of idempotency is one that no lane was sent.
 */
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
  /** A lane did not answer with a value that it needs. */
  "blocked",
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
  /** `unpaired`: the first elements that only the longer side has, in words, where no Difference of their own names them. */
  | { kind: "array-length"; expected: number; actual: number; unpaired?: string }
  /** An element (of an array, a stream, a repeated field) without a partner on the other side. */
  | { kind: "missing-element"; expected: string }
  | { kind: "added-element"; actual: string }
  /** The same elements in another order: how many of them left their place. At the array. */
  | { kind: "changed-order"; expected: string; actual: string }
  | { kind: "duplicate-key"; expected: string; actual: string }
  | { kind: "changed-text"; expected: string; actual: string }
  /** A line of a text without a partner on the other side. */
  | { kind: "missing-text"; expected: string }
  | { kind: "added-text"; actual: string }
  | { kind: "changed-bytes"; expected: string; actual: string }
  | { kind: "body-format"; expected: string; actual: string }
  | { kind: "content-encoding"; expected: string; actual: string }
  | { kind: "answer-end"; expected: string; actual: string }
  /** It took noticeably longer; at the place `timing`. Shown only where it is so in most Steps. */
  | { kind: "slower"; expected: string; actual: string }
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
  /** Whose sides they are, in a run of more than a candidate and its reference. */
  lane?: string;
  reference?: string;
}

/**
 * How far a divergence reached on its way to the entry. A failure (no answer, another status class, a call not made) is
 * `contained` when its caller still answers with its status class, `degraded` when that fails too but the entry does not.
 * A change in an answer is `contained` when the entry answers the same, `degraded` when the entry's answer changed, its
 * status class apart. `propagated`, either way: the entry gave no answer, or another status class.
 */
export type Blast = "contained" | "degraded" | "propagated";

/** One lane in which a divergence was met, in how many of its compared Steps, and what it was held against. */
export interface DivergentLane {
  lane: string;
  /** A lane, or {@link recordedLane}. */
  reference: string;
  count: number;
  of: number;
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
  /**
   * How its values changed, where that sets it apart from another group of its place and kind: out of a volatile class or
   * into one, or a time by whole quarter-hours.
   */
  breaks?: "class" | "shift";
  /** One sentence: why this attribution. */
  evidence: string;
  /** In how many of the compared Steps of the route it was met. */
  count: number;
  of: number;
  /** Id of the first Exchange it was met at. */
  sinceExchange: number;
  examples: readonly DivergenceExample[];
  /** The lanes it was met in, with the one each was held against. Absent in older run files. */
  lanes?: readonly DivergentLane[];
  /** How far it reached, the worst of its Steps; absent where it is not known. */
  blast?: Blast;
  /** Why it is said to begin at `hop`, in one sentence; absent where the calls below the Steps were not seen. */
  firstHop?: string;
  /** Whether it is noise was tested and could not be told; the attribution is `unattributed` then. */
  undecided?: true;
  /** Of attribution `fault` or `interaction`: names of the faults that its Steps met, the most frequent first. */
  faults?: readonly string[];
  /** It was known before the run, and does not fail it. */
  known?: true;
  /** Where it surfaced further up the tree, when it began at a hop below. */
  surfaced: readonly { hop: string; route: string; place: Place; kind: DifferenceKind; count: number }[];
}

export type Verdict = { kind: "passed" | "diverged" | "inconclusive"; reasons: readonly string[] };

/** Proof that the order was kept. An edge A → B holds when A's Outcome was final before B was sent. */
export interface OrderCertificate {
  order: "causal" | "serial" | "recorded" | "none";
  /** Edges of the full relation, however the planner reduces them; two calls tied in several ways count for each. */
  required: number;
  /** Must be 0. */
  violated: number;
  /** Neighbours in tape order that were sent the other way round though nothing ordered them. */
  startInversions: number;
  /** Under `causal`: the required edges by what ties the two calls. */
  edges?: { connection: number; session: number; resource: number; value: number };
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

/** What a rule of the operator's did in a run. */
export interface RuleReport {
  /** Its kind: `ignore`, `tolerate`, `match`, `unordered`, `key`. */
  rule: string;
  /** The rule as one sentence, with its scope and its reason. */
  text: string;
  /** Differences it hid. */
  hid: number;
  /** Whether it hid nothing and its address was never met. */
  unused: boolean;
}

/** A divergence that was known before the run (`--known`, `--expect`). */
export interface KnownReport {
  hop: string;
  route: string;
  place: Place;
  kind: DifferenceKind;
  /** Whether this run met it, too. */
  met: boolean;
}

/** How noise was measured in a run. */
export interface NoiseSummary {
  /** `again`: the baseline was sent the tape twice. `recorded`: it was held against the recording. */
  control: "again" | "recorded";
  /** Steps whose two answers of one version were compared. */
  pairs: number;
  /** Places at which those ever differed. */
  noisyPlaces: number;
  /** Where none was seen, noise is rarer than this with 95 % confidence: 3 / pairs, at most 1. */
  bound: number;
  /** Requests sent again to decide what was in doubt. */
  resent: number;
}

/** One bar of the timeline: what happened in a stretch of the run. */
export interface TimelineBucket {
  fromMs: number;
  toMs: number;
  sent: number;
  failed: number;
  divergent: number;
}

/** One call below a Step's own one, as the reference and a lane made it: beside each other, either side absent where it was not made. */
export interface HopPair {
  /** 1 for a call that the Step's own callee made, 2 for one below that. */
  depth: number;
  callee: string;
  /** Template the call belongs to: `GET /ratings/{id}`. */
  route: string;
  expected?: HopSide;
  actual?: HopSide;
  /** Whether both were made and their answers differ. */
  differs: boolean;
}

/** One side of a call below a Step's own one. */
export interface HopSide {
  method: string;
  path: string;
  /** Status ("200") or failure ("reset"); absent where it was not seen. */
  status?: string;
  tookMs?: number;
}

/** The calls below one Step, recorded or of the reference lane beside those of `lane`: in the order of a walk down the tree. */
export interface PairedHops {
  step: number;
  lane: string;
  /** The lane it is held against; {@link recordedLane} for the tape. */
  reference: string;
  calls: readonly HopPair[];
}

/** What a stub answered in place of the services that one calls (`--isolate`). */
export interface StubSummary {
  /** The service whose downstream was stubbed. */
  service: string;
  /** Calls answered from the tape, inferred ones among them. */
  served: number;
  /** Of those: the request was not the recorded one to the byte, or not found below the call that it belongs to. */
  inferred: number;
  /** Calls that the tape has no answer for: answered by an error of the stub's own, never by a live call. */
  missed: number;
  /** By callee, route and reason, most first. */
  misses: readonly StubMiss[];
}

/** Calls that a stub had no answer for. */
export interface StubMiss {
  callee: string;
  route: string;
  /** Why, as a phrase: `not on the tape`. */
  why: string;
  count: number;
  /** The first of them: `GET /ratings/7`. */
  example: string;
}

/** Steps of one route that were not sent to a lane, because a call they need a value of gave none there. */
export interface BlockedSteps {
  lane: string;
  /** Of the Steps that were not sent. */
  hop: string;
  route: string;
  count: number;
  /** Id of the first of their Exchanges. */
  sinceExchange: number;
  /** The call they needed: the Exchange whose live answer lacked the value, and its route. */
  producerExchange: number;
  producerRoute: string;
}

/** One thing done to the mesh beside a run that must change nothing, and what the run met while it lasted. */
export interface ChaosDuring {
  /** "restart of reviews". */
  what: string;
  beganAt: string;
  /** Absent where nobody wrote it: as good as until the run's end. */
  endedAt?: string;
  /** Steps of which a candidate lane was asked while it lasted. */
  steps: number;
  /** Of those, with Differences. */
  divergent: number;
}

/** What chaos did to a run. */
export interface ChaosSummary {
  tasks: readonly ChaosDuring[];
  /** Numbers of the divergences, noise aside, that were met while a task lasted and never else. */
  onlyDuring: readonly number[];
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
  settings: {
    order: string;
    pace: string;
    selection: string;
    baseline: boolean;
    /** Requests went out with the hosts they were recorded with. */
    keepHost?: boolean;
    /** Keys of idempotency went out as they were recorded. */
    keepIdempotencyKeys?: boolean;
  };
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
  /** What two answers of one version to one Step had in common: how much noise there may be where none was seen. */
  noise?: NoiseSummary;
  /** The operator's rules, and what each hid. Absent without rules. */
  rules?: readonly RuleReport[];
  /** Divergences that were known before: masked where they are met. Absent without `--known`. */
  known?: readonly KnownReport[];
  /** Divergences that are expected to be gone: the run fails while they are met. Absent without `--expect`. */
  expectedGone?: readonly KnownReport[];
  /** State that followed the live session: values that requests need of earlier answers, how many were replaced (in all lanes), how many providers gave. Absent where nothing was carried. */
  carried?: { links: number; carried: number; provided: number };
  /** Steps that were not sent in a lane for what they needed of another, the most frequent first. Absent for none. */
  blocked?: readonly BlockedSteps[];
  /** Why latencies of this run say nothing (sent too late, a limit of our own): one sentence. The verdict stands all the same. */
  latencyInvalid?: string;
  /** What a stub answered in place of live services. Absent without one. */
  stub?: StubSummary;
  /** What was done to the mesh meanwhile that must change nothing. Absent where no log of it was given. */
  chaos?: ChaosSummary;
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
  /** `route`: of the hop, where that is not the Step's own callee. */
  differences(step: number, hop: string, found: readonly Difference[], route?: string): void;
  /** The calls below Steps with Differences, where hops were recorded. */
  pairedHops(batch: readonly PairedHops[]): void;
  /** Once, at the end; a run file without it was interrupted. Resolves when all that was given is durable. */
  finish(summary: RunSummary): Promise<void>;
  /** Writes what is buffered. Safe to call twice. */
  close(): Promise<void>;
}

/** A Difference as a run file keeps it. */
export interface FoundDifference {
  step: number;
  hop: string;
  /** Of the hop, where that is not the Step's own callee. */
  route?: string;
  difference: Difference;
}

export interface RunReader {
  /** Absent when the run never finished. */
  summary(): RunSummary | undefined;
  /** In the order of the tape, in flat memory. */
  steps(): Iterable<StepRecord>;
  /** One Step, by its index. */
  step(step: number): StepRecord | undefined;
  /**
   * Of a Step with Differences every Answer is there, the reference's too. Of others a SameAnswer may be all there is: the
   * recorded Answer it names is on the tape, under the Step's `exchangeId`.
   */
  outcome(step: number, lane: string): Outcome | undefined;
  /** What was sent for a Step with Differences. */
  request(step: number): SentRequest | undefined;
  differencesOf(step: number): readonly (Difference & { hop: string })[];
  /** Every Difference of the run with its Step, those of a Step together, in flat memory. */
  differences(): Iterable<FoundDifference>;
  /** The calls below a Step as a lane made them, beside the reference's, where they were recorded and the Step has Differences. */
  pairedHops(step: number, lane: string): PairedHops | undefined;
  close(): void;
}
