import { toEpochNs } from "../base/index.js";
import type { Coverage, NotSentReason, RunSummary, TapeStats } from "../tape/index.js";
import { certifyOrder } from "./certificate.js";
import type { Findings } from "./findings.js";
import { judge } from "./judge.js";
import type { ReplayEnv, ReplayOptions } from "./options.js";
import { paceInWords } from "./pace.js";
import type { Plan } from "./step.js";

/** All that a summary is made from. */
export interface FinishedRun {
  options: ReplayOptions;
  env: Pick<ReplayEnv, "clock" | "runId" | "version" | "tapePaths">;
  plan: Plan;
  findings: Findings;
  stats: TapeStats;
  /** Of the tape in the time of the planned calls. */
  coverage: Coverage;
  /** Monotonic; when sending began and when the last answer was in. */
  beganMs: number;
  overMs: number;
  interrupted: boolean;
  warnings: readonly string[];
}

/** Adds up a run and judges it. */
export function summarise(finished: FinishedRun): RunSummary {
  const { options, env, plan, findings } = finished;
  const counts = countsOf(finished);
  const notSent = notSentOf(finished);
  const verdict = judge({
    ...counts,
    selected: selectedCalls(plan),
    interrupted: finished.interrupted,
    coverage: finished.coverage,
    floor: options.floor,
  });
  const lateness = findings.lateness.summary();
  const recordedLatency = findings.recordedLatency.summary();
  return {
    format: 1,
    run: env.runId,
    tapeloop: env.version,
    startedAt: new Date(Number(toEpochNs(env.clock, finished.beganMs) / 1_000_000n)).toISOString(),
    durationMs: finished.overMs - finished.beganMs,
    tape: tapeOf(finished),
    settings: {
      order: options.order,
      pace: paceInWords(options.pace),
      selection: options.selection.text,
      baseline: options.baseline !== undefined,
    },
    verdict: verdict.kind,
    reasons: verdict.reasons,
    ...counts,
    notSent,
    latenessMs: { p50: lateness.p50, p99: lateness.p99, max: lateness.max },
    ...(recordedLatency.count === 0 ? {} : { recordedLatency }),
    recordedStatuses: findings.recordedStatuses,
    routes: routesOf(findings),
    timeline: findings.timeline.buckets(),
    warnings: finished.warnings,
  };
}

function countsOf({ options, plan, findings }: FinishedRun) {
  return {
    reference: options.baseline === undefined ? ("recorded" as const) : ("baseline" as const),
    steps: plan.steps.length,
    sent: findings.sent,
    answered: findings.answered,
    compared: findings.compared,
    ...(findings.comparedByStatus > 0 && { comparedByStatus: findings.comparedByStatus }),
    live: findings.lookedAt === 0 ? 0 : findings.live / findings.lookedAt,
    minLive: options.minLive,
    order: certifyOrder(options.order, findings.went),
    lanes: findings.tallies.map((tally) => tally.summary()),
    divergences: findings.divergences.finish(),
  };
}

/** By reason; what was planned and neither sent nor left out for another reason was cut off by an interrupt. */
function notSentOf({ plan, findings }: FinishedRun): Partial<Record<NotSentReason, number>> {
  const reasons = new Map(plan.notSent);
  let leftOut = 0;
  for (const [reason, count] of findings.notSent) {
    reasons.set(reason, (reasons.get(reason) ?? 0) + count);
    leftOut += count;
  }
  const interrupted = plan.steps.length - findings.sent - leftOut;
  if (interrupted > 0) reasons.set("interrupted", interrupted);
  return Object.fromEntries(reasons);
}

function selectedCalls(plan: Plan): number {
  let selected = plan.steps.length;
  for (const count of plan.notSent.values()) selected += count;
  return selected;
}

function routesOf({ routes }: Findings): NonNullable<RunSummary["routes"]> {
  return [...routes].flatMap(([hop, ofHop]) => [...ofHop].map(([route, compared]) => ({ hop, route, compared })));
}

function tapeOf({ env, stats, coverage }: FinishedRun): RunSummary["tape"] {
  return {
    paths: env.tapePaths,
    exchanges: stats.exchanges,
    ...(stats.firstNs === undefined ? {} : { firstNs: String(stats.firstNs) }),
    ...(stats.lastNs === undefined ? {} : { lastNs: String(stats.lastNs) }),
    dropped: stats.dropped,
    truncated: stats.truncated,
    gaps: stats.gaps.length,
    ...(coverage.share === undefined ? {} : { coverage: coverage.share }),
  };
}
