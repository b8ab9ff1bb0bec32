import type { MonotonicMs } from "../base/index.js";
import type { NotSentReason, StepRecord } from "../tape/index.js";
import { collectDivergences, type DivergenceCollector, type StepComparison } from "./divergences.js";
import type { LandedStep } from "./flight.js";
import { type LaneTally, openLaneTally, statusWord } from "./lane-tally.js";
import type { OpenLane } from "./lanes.js";
import { type LatencyRecorder, latencyRecorder } from "./latency.js";
import { isLive } from "./liveness.js";
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
  /** Steps whose reference lane was looked at for liveness, and those of them that were alive. */
  lookedAt: number;
  live: number;
  /** With a Difference to the reference, noise included. */
  divergent: number;
  /** Left out while sending, beside what the plan left out. */
  notSent: Map<NotSentReason, number>;
  went: WentTable;
  divergences: DivergenceCollector;
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
export function nothingFound(lanes: readonly OpenLane[], steps: number): Findings {
  return {
    sent: 0,
    answered: 0,
    compared: 0,
    comparedByStatus: 0,
    lookedAt: 0,
    live: 0,
    divergent: 0,
    notSent: new Map(),
    went: new WentTable(steps),
    divergences: collectDivergences({ reference: lanes.length > 1 ? "baseline" : "recorded" }),
    routes: new Map(),
    tallies: lanes.map(openLaneTally),
    recordedLatency: latencyRecorder(),
    recordedStatuses: {},
    lateness: latencyRecorder(),
    timeline: openTimeline(),
    records: [],
  };
}

/** Counts that a Step was sent and how it went, whatever was answered. */
export function countStep(findings: Findings, landed: LandedStep, originMs: MonotonicMs): void {
  const { step, exchange, sent, dueMs } = landed;
  const candidate = sent.at(-1)!;
  const failed = candidate.answer.kind === "response" ? 0 : 1;
  findings.sent++;
  findings.answered += 1 - failed;
  for (const [at, one] of sent.entries()) findings.tallies[at]!.add(one, dueMs);
  const word = statusWord(exchange.answer);
  if (word !== undefined) findings.recordedStatuses[word] = (findings.recordedStatuses[word] ?? 0) + 1;
  const tookMs = recordedMs(step);
  if (tookMs !== undefined) findings.recordedLatency.add(tookMs);
  findings.lateness.add(candidate.sentMs - dueMs);
  findings.timeline.add(candidate.sentMs - originMs, { sent: 1, failed, divergent: 0 });
  findings.went.set(step.step, wentOf(landed));
}

/** Counts whether the reference lane is alive. The first lane is the baseline, or the target without one. */
export function countLiveness(findings: Findings, { exchange, sent }: LandedStep): void {
  findings.lookedAt++;
  if (isLive(exchange.answer, sent[0]!.answer)) findings.live++;
}

/** Counts a comparison of a Step's own call. */
export function countComparison(
  findings: Findings,
  comparison: StepComparison,
  landed: LandedStep,
  originMs: MonotonicMs,
): void {
  findings.compared++;
  if (landed.exchange.answer.kind === "status-only" && landed.sent.length === 1) findings.comparedByStatus++;
  countRoute(findings, comparison);
  findings.divergences.add(comparison);
  if (comparison.candidate.length === 0) return;
  findings.divergent++;
  findings.timeline.add(landed.sent.at(-1)!.sentMs - originMs, { sent: 0, failed: 0, divergent: 1 });
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

function wentOf({ step, sent }: LandedStep): Went {
  const went: Went = {
    startedNs: step.startedNs,
    open: step.open,
    sentMs: sent[0]!.sentMs,
    writtenMs: sent[0]!.writtenMs,
    answeredMs: sent[0]!.answeredMs,
  };
  for (const { sentMs, writtenMs, answeredMs } of sent) {
    went.sentMs = Math.min(went.sentMs, sentMs);
    went.writtenMs = Math.min(went.writtenMs, writtenMs);
    went.answeredMs = Math.max(went.answeredMs, answeredMs);
  }
  if (step.endedNs !== undefined) went.endedNs = step.endedNs;
  return went;
}
