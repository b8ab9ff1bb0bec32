import { randomBytes } from "node:crypto";
import { type RunSummary, redactionKey, rulesByIncarnation } from "../tape/index.js";
import { openFlight } from "./flight.js";
import { forecastRun } from "./forecast.js";
import { type Gatherer, openGatherer } from "./gatherer.js";
import { compareHops } from "./hops.js";
import { openInterrupt } from "./interrupt.js";
import { baselineName, candidateName, type OpenLane, openLanes } from "./lanes.js";
import type { ReplayEnv, ReplayOptions } from "./options.js";
import { orders } from "./order/index.js";
import { openPacer } from "./pacer.js";
import { openProgress } from "./progress.js";
import { type PlannedTape, readPlan } from "./read-plan.js";
import { asksForUpgrade, type ReadyStep, readSteps } from "./read-steps.js";
import { refusePseudonyms } from "./secrets.js";
import { sentRequests } from "./sent-request.js";
import { summarise } from "./summary.js";
import { guardTargets } from "./target.js";
import { warningsOf } from "./warnings.js";

/**
 * Sends the calls of a tape again, in order, and says what changed. Throws an OperatorError before anything is sent
 * when the options, the tape or the targets do not allow it; whatever targets do is part of the summary.
 */
export async function replay(options: ReplayOptions, env: ReplayEnv): Promise<RunSummary> {
  const plan = await readPlan(env.tape, options);
  guardTargets(options, plan);
  refusePseudonyms(plan);
  const warnings = warningsOf(plan, options, env);
  await env.onPreflight?.({ ...forecastRun(plan, options), warnings });

  // Without the tape's key live secrets must not reach the disk either: a key of the run's own stands in.
  const key = env.key ?? redactionKey(randomBytes(32));
  const sameKey = env.key !== undefined;
  const { lanes, warnings: laneWarnings } = await openLanes(options, plan, { ...env, key, sameKey });
  const gatherer = openGatherer({
    ...{ env, key, sameKey, routeOf: plan.routeOf, lanes, steps: plan.steps.length },
    requestOf: sentRequests(options.headers, options.keepBodyBytes),
    rulesOf: rulesByIncarnation(plan.stats.recorders),
  });
  try {
    const beganMs = env.clock.now();
    const { interrupted } = await sendSteps(plan, lanes, gatherer, options, env);
    const overMs = env.clock.now();
    const hopWarnings = await addHops(gatherer, options, env);
    const { stats, coverage } = plan;
    const { findings } = gatherer;
    const summary = summarise({
      ...{ options, env, plan, findings, stats, coverage, beganMs, overMs, interrupted },
      warnings: [...warnings, ...laneWarnings, ...hopWarnings],
    });
    await env.run.finish(summary);
    return summary;
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

/** (pace → order → rewrite → send → compare)*: the Steps overlap, the reading of them does not. */
async function sendSteps(
  plan: PlannedTape,
  lanes: readonly OpenLane[],
  gatherer: Gatherer,
  options: ReplayOptions,
  env: ReplayEnv,
): Promise<{ interrupted: boolean }> {
  const order = orders[options.order].start(options);
  const pacer = openPacer(options.pace, env.clock);
  const progress = openProgress(env.clock, plan.steps.length, env.onProgress);
  const interrupt = openInterrupt(env.signal, lanes);
  const { exchanges, stepOf } = readSteps(env.tape, plan);
  const flight = openFlight(
    lanes,
    {
      landed: (step) => {
        order.final(step.step);
        gatherer.landed(step);
        progress.tell(gatherer.findings);
      },
      unsendable: (ready) => {
        order.final(ready.step);
        gatherer.leaveOut("unsendable");
      },
    },
    { stepTimeoutMs: options.stepTimeoutMs },
  );
  try {
    for await (const exchange of exchanges) {
      if (asksForUpgrade(exchange)) {
        gatherer.leaveOut("upgrade");
        continue;
      }
      const ready: ReadyStep = { step: stepOf(exchange), exchange };
      const dueMs = pacer.dueMs(ready.step);
      if (dueMs !== undefined && dueMs > env.clock.now()) await env.clock.sleepUntil(dueMs, env.signal);
      const held = order.take(ready.step, () => {
        if (!interrupt.raised && !flight.broken) flight.launch(ready, dueMs ?? env.clock.now());
      });
      if (held !== undefined) await held;
      if (interrupt.raised || flight.broken) break;
    }
    await flight.landed();
  } finally {
    interrupt.close();
    gatherer.flush();
    progress.now(gatherer.findings);
  }
  return { interrupted: interrupt.raised };
}

/** Recorders inside the target hand on what they saw within 50 ms unless told otherwise; then it is on their tapes. */
const hopsSettleMs = 250;

/** Where recorders stood inside the target: what changed below each Step. Gives warnings. */
async function addHops(gatherer: Gatherer, options: ReplayOptions, env: ReplayEnv): Promise<string[]> {
  const warnings: string[] = [];
  if (env.openHops === undefined) return warnings;
  await env.clock.sleepUntil(env.clock.now() + hopsSettleMs, env.signal);
  const replayed = await env.openHops();
  try {
    const comparisons = compareHops({
      run: env.runId,
      steps: gatherer.findings.records,
      recorded: env.tape,
      replayed,
      candidate: candidateName,
      ...(options.baseline === undefined ? {} : { baseline: baselineName }),
      warn: (warning) => warnings.push(warning),
    });
    for await (const comparison of comparisons) gatherer.addHop(comparison);
    return warnings;
  } finally {
    await replayed.close();
  }
}
