import { defined, toEpochNs } from "../base/index.js";
import type { Coverage, NotSentReason, OrderCertificate, RunSummary, StubSummary, TapeStats } from "../tape/index.js";
import type { Carry } from "./carry/index.js";
import { certifyOrder } from "./certificate.js";
import type { Comparing } from "./compare/index.js";
import { gapWarnings } from "./coverage-doubts.js";
import type { Findings } from "./findings.js";
import { knownWarnings, settle, verdictOf } from "./gate/settle.js";
import { judge } from "./judge.js";
import { whyLatencyIsInvalid } from "./latency-validity.js";
import type { ReplayEnv, ReplayOptions } from "./options.js";
import type { KeyTable } from "./order/key-table.js";
import { paceInWords } from "./pace.js";
import type { Plan } from "./step.js";
import { stubWarnings } from "./stub/index.js";
import { leftOutWarnings, partWarnings } from "./warnings.js";

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
  /** What tied the Steps to each other, where the order asked. */
  keys?: KeyTable | undefined;
  /** Absent where nothing was carried. */
  carry?: Carry | undefined;
  /** The operator's rules, and what they hid. */
  comparing?: Comparing | undefined;
  /** Of the stub, where there was one. */
  stub?: StubSummary | undefined;
  warnings: readonly string[];
}

/** Adds up a run and judges it. */
export function summarise(finished: FinishedRun): RunSummary {
  const { options, env, plan, findings } = finished;
  const counts = countsOf(finished);
  const notSent = notSentOf(finished);
  const settled = settle(counts.divergences, options.gate);
  const routes = routesOf(findings);
  const judged = judge({
    ...counts,
    ...settled,
    thresholds: options.gate?.thresholds,
    selected: selectedCalls(plan),
    notSent,
    minCompared: options.minCompared,
    ...(findings.lookedAt === 0 ? {} : { served: findings.served > 0 }),
    ...(finished.stub === undefined ? {} : { stub: finished.stub }),
    blocked: finished.carry?.tally().blocked ?? 0,
    maxBlocked: options.maxBlocked,
    interrupted: finished.interrupted,
    coverage: finished.coverage,
    floor: options.floor,
    strict: options.strict === true,
  });
  const verdict = verdictOf(judged, settled, routes);
  const rules = finished.comparing?.rules();
  const noise = findings.divergences.noise();
  const lateness = findings.lateness.summary();
  const recordedLatency = findings.recordedLatency.summary();
  const latencyInvalid = whyLatencyIsInvalid(lateness, options.maxLatenessMs);
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
      baseline: findings.main.reference !== undefined,
      ...(options.keepHost ? { keepHost: true } : {}),
      ...(options.keepIdempotencyKeys ? { keepIdempotencyKeys: true } : {}),
    },
    verdict: verdict.kind,
    reasons: verdict.reasons,
    ...counts,
    ...settled,
    ...(rules === undefined ? {} : { rules }),
    notSent,
    latenessMs: { p50: lateness.p50, p99: lateness.p99, max: lateness.max },
    ...(latencyInvalid === undefined ? {} : { latencyInvalid }),
    ...(recordedLatency.count === 0 ? {} : { recordedLatency }),
    recordedStatuses: findings.recordedStatuses,
    routes,
    ...(noise === undefined ? {} : { noise: { ...noise, resent: findings.resent } }),
    ...carriedOf(finished),
    ...(finished.stub === undefined ? {} : { stub: finished.stub }),
    timeline: findings.timeline.buckets(),
    warnings: [
      ...finished.warnings,
      ...partWarnings(findings),
      ...(finished.comparing?.warnings() ?? []),
      ...knownWarnings(settled),
      ...stubWarnings(finished.stub),
      ...gapWarnings(finished.coverage, options.floor),
      ...leftOutWarnings({ notSent, divergences: settled.divergences }),
    ],
  };
}

function carriedOf({ carry }: FinishedRun): Pick<RunSummary, "carried" | "blocked"> {
  if (carry === undefined) return {};
  const { links, carried, provided, blockedSteps } = carry.tally();
  return { carried: { links, carried, provided }, ...(blockedSteps.length === 0 ? {} : { blocked: blockedSteps }) };
}

function countsOf({ options, plan, findings, keys }: FinishedRun) {
  return {
    reference: findings.main.reference === undefined ? ("recorded" as const) : ("baseline" as const),
    steps: plan.steps.length,
    sent: findings.sent,
    answered: findings.answered,
    compared: findings.compared,
    ...(findings.comparedByStatus > 0 && { comparedByStatus: findings.comparedByStatus }),
    live: findings.lookedAt === 0 ? 0 : findings.live / findings.lookedAt,
    minLive: options.minLive,
    order: certifyTurns(options.order, [...findings.earlierTurns, defined({ went: findings.went, keys })], plan.clocks),
    lanes: findings.tallies.map((tally) => tally.summary()),
    divergences: findings.divergences.finish(),
  };
}

/** Of all turns together: none may have broken the order. */
function certifyTurns(
  order: ReplayOptions["order"],
  turns: Findings["earlierTurns"],
  clocks: Plan["clocks"],
): OrderCertificate {
  const certificates = turns.map(({ went, keys }) => certifyOrder(order, went, defined({ keys, clocks })));
  return certificates.reduce((sum, one) => ({
    order,
    required: sum.required + one.required,
    violated: sum.violated + one.violated,
    startInversions: sum.startInversions + one.startInversions,
  }));
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
