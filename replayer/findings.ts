import type { MonotonicMs } from "../base/index.js";
import type { Difference, Exchange, NotSentReason, StepRecord } from "../tape/index.js";
import { collectDivergences, type DivergenceCollector, type StepComparison } from "./divergences/collect.js";
import type { LandedStep } from "./flight.js";
import { type Contrast, mainContrast, sidesOf } from "./lanes/contrasts.js";
import type { PlannedLane } from "./lanes/plan-lanes.js";
import { type LaneTally, openLaneTally, statusWord } from "./lanes/tally.js";
import { type LatencyRecorder, latencyRecorder } from "./latency.js";
import { isLive, isServed } from "./liveness.js";
import type { KeyTable } from "./order/key-table.js";
import type { Sent } from "./send/index.js";
import { recordedMs } from "./step.js";
import { openTimeline, type Timeline } from "./timeline.js";
import { type Went, WentTable } from "./went.js";

/** What a run has found so far. */
export interface Findings {
  sent: number;
  /** Steps the candidate gave a response to. */
  answered: number;
  compared: number;
  /** Of these, by their status alone. */
  comparedByStatus: number;
  /** Of these, found to differ, with a recorded body of which the recorder kept the beginning alone. */
  differingInPart: number;
  /** Steps whose reference lane was looked at for liveness, and those of them that were alive. */
  lookedAt: number;
  live: number;
  /** Of those looked at, the answers that were no error. */
  served: number;
  /** With a Difference to the reference, noise included. */
  divergent: number;
  /** Left out while sending, beside what the plan left out. */
  notSent: Map<NotSentReason, number>;
  went: WentTable;
  /** Where lanes were sent to in turn: how it went in those before the last. */
  earlierTurns: { went: WentTable; keys?: KeyTable }[];
  /** What is counted as compared: a candidate without faults, where there is one. */
  main: Contrast;
  divergences: DivergenceCollector;
  /** Requests sent again to decide what was in doubt. */
  resent: number;
  /** Comparisons by hop, then route. */
  routes: Map<string, Map<string, number>>;
  /** In the lanes' order. */
  tallies: readonly LaneTally[];
  recordedLatency: LatencyRecorder;
  /** Recorded answers of the sent Steps, by status or failure. */
  recordedStatuses: Record<string, number>;
  lateness: LatencyRecorder;
  timeline: Timeline;
  /** Kept only when the calls below each Step are compared too. */
  records: StepRecord[];
}

/** `steps`: how many are planned. */
export function nothingFound(lanes: readonly PlannedLane[], contrasts: readonly Contrast[], steps: number): Findings {
  return {
    sent: 0,
    answered: 0,
    compared: 0,
    comparedByStatus: 0,
    differingInPart: 0,
    lookedAt: 0,
    live: 0,
    served: 0,
    divergent: 0,
    notSent: new Map(),
    went: new WentTable(steps),
    earlierTurns: [],
    main: mainContrast(contrasts),
    divergences: collectDivergences({ sides: sidesOf(contrasts, lanes) }),
    resent: 0,
    routes: new Map(),
    tallies: lanes.map(openLaneTally),
    recordedLatency: latencyRecorder(),
    recordedStatuses: {},
    lateness: latencyRecorder(),
    timeline: openTimeline(),
    records: [],
  };
}

/** A Step that was sent to a lane at least: final in every one. */
export type SentStep = Omit<LandedStep, "sent"> & {
  /** In the lanes' order. */
  sent: readonly (Sent | undefined)[];
  /** How it went where the order was kept; that of all lanes unless said. */
  went?: Went;
};

/** Counts that a Step was sent and how it went, whatever was answered. */
export function countStep(findings: Findings, landed: SentStep, originMs: MonotonicMs): void {
  const { step, exchange, sent, dueMs } = landed;
  const candidate = sent[findings.main.lane] ?? sent.find((one) => one !== undefined)!;
  const failed = candidate.answer.kind === "response" ? 0 : 1;
  findings.sent++;
  findings.answered += 1 - failed;
  for (const [at, one] of sent.entries()) if (one !== undefined) findings.tallies[at]!.add(one, dueMs);
  const word = statusWord(exchange.answer);
  if (word !== undefined) findings.recordedStatuses[word] = (findings.recordedStatuses[word] ?? 0) + 1;
  const tookMs = recordedMs(step);
  if (tookMs !== undefined) findings.recordedLatency.add(tookMs);
  findings.lateness.add(candidate.sentMs - dueMs);
  findings.timeline.add(candidate.sentMs - originMs, { sent: 1, failed, divergent: 0 });
  findings.went.set(step.step, landed.went ?? wentOf(landed));
}

/** Counts whether the reference lane is alive: the old version, or the candidate where the recording is the reference. */
export function countLiveness(findings: Findings, { exchange, sent }: SentStep): void {
  const reference = sent[findings.main.reference ?? findings.main.lane];
  if (reference === undefined) return;
  findings.lookedAt++;
  if (isLive(exchange.answer, reference.answer)) findings.live++;
  if (isServed(reference.answer)) findings.served++;
}

/** Counts the comparisons of a Step's own call. */
export function countComparisons(
  findings: Findings,
  comparisons: readonly StepComparison[],
  { exchange, sent }: SentStep,
  originMs: MonotonicMs,
): void {
  const main = comparisons.find((one) => (one.contrast ?? 0) === findings.main.at);
  if (main !== undefined) {
    findings.compared++;
    if (findings.main.reference === undefined) {
      if (exchange.answer.kind === "status-only") findings.comparedByStatus++;
      if (main.candidate.some(isOfBody) && isKeptInPart(exchange)) findings.differingInPart++;
    }
    countRoute(findings, main);
  }
  for (const comparison of comparisons) findings.divergences.add(comparison);
  if (comparisons.every(({ candidate }) => candidate.length === 0)) return;
  findings.divergent++;
  const { sentMs } = sent[findings.main.lane] ?? sent.find((one) => one !== undefined)!;
  findings.timeline.add(sentMs - originMs, { sent: 0, failed: 0, divergent: 1 });
}

function isOfBody({ place }: Difference): boolean {
  return place.startsWith("body");
}

/** It came whole, and the recorder's bound cut it. What an imported file held is not the recorder's doing. */
function isKeptInPart({ answer, vantage }: Exchange): boolean {
  return answer.kind === "response" && answer.end === "complete" && answer.body.kind === "cut" && vantage !== "import";
}

/** Counts that an Answer of this hop and route was compared. */
export function countRoute(findings: Findings, { hop, route }: StepComparison): void {
  let ofHop = findings.routes.get(hop);
  if (ofHop === undefined) {
    ofHop = new Map();
    findings.routes.set(hop, ofHop);
  }
  ofHop.set(route, (ofHop.get(route) ?? 0) + 1);
}

/** The first sending and the last Outcome of all lanes. */
export function wentOf({ step, sent }: SentStep): Went {
  const went: Went = {
    startedNs: step.startedNs,
    open: step.open,
    sentMs: Number.POSITIVE_INFINITY,
    writtenMs: Number.POSITIVE_INFINITY,
    answeredMs: Number.NEGATIVE_INFINITY,
  };
  for (const one of sent) {
    if (one === undefined) continue;
    const { sentMs, writtenMs, answeredMs } = one;
    went.sentMs = Math.min(went.sentMs, sentMs);
    went.writtenMs = Math.min(went.writtenMs, writtenMs);
    went.answeredMs = Math.max(went.answeredMs, answeredMs);
  }
  if (step.endedNs !== undefined) went.endedNs = step.endedNs;
  if (step.clock !== undefined) went.clock = step.clock;
  return went;
}
