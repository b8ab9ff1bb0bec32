import { randomBytes } from "node:crypto";
import { defined, OperatorError } from "../base/index.js";
import { type RunSummary, redactionKey, rulesByIncarnation } from "../tape/index.js";
import { addHops } from "./add-hops.js";
import { refuseTwoHosts } from "./authority.js";
import { openCarry } from "./carry/index.js";
import { openComparing } from "./compare/index.js";
import { followWhereAsked } from "./follow-steps.js";
import { forecastRun } from "./forecast.js";
import { FreshKeys } from "./fresh-keys.js";
import { openGatherer } from "./gatherer.js";
import { sendToLanes } from "./lanes/in-turn.js";
import { openLanes } from "./lanes/lanes.js";
import { planLanes } from "./lanes/plan-lanes.js";
import { tlsWarnings } from "./lanes/tls-warnings.js";
import type { ReplayEnv, ReplayOptions } from "./options.js";
import { producersOf } from "./order/producers.js";
import { readPlan } from "./read-plan.js";
import type { AskedTarget } from "./reflection/asking.js";
import { reflectDescriptors } from "./reflection/reflect.js";
import { refuseLongRun } from "./refuse-long.js";
import { sendAgain } from "./send-again.js";
import { sentRequests } from "./sent-request.js";
import { summarise } from "./summary.js";
import { guardTargets } from "./target.js";
import { warningsOf } from "./warnings.js";

/**
 * Sends the calls of a tape again, in order, and says what changed. Throws an OperatorError before any Step is sent
 * when the options, the tape or the targets do not allow it; whatever targets do is part of the summary.
 */
export async function replay(options: ReplayOptions, env: ReplayEnv): Promise<RunSummary> {
  refuseTwoHosts(options);
  // Which requests hold a pseudonym that nothing replaces is known when it is known what answers produce.
  const withTies = env.onPreflight !== undefined || options.maxTimeMs !== undefined;
  const known = await readPlan(env.tape, { ...options, skipRedacted: options.follow === true, withTies });
  const followed = followWhereAsked(options, env);
  const plan = { ...known, ...followed?.plan };
  guardTargets(options, plan);
  // Without the tape's key live secrets must not reach the disk either: a key of the run's own stands in.
  const key = env.key ?? redactionKey(randomBytes(32));
  const sameKey = env.key !== undefined;
  const compareSettings = await withReflected(options, { ...env, key });
  const carry = followed === undefined ? await openCarry(plan, options, { ...env, key }) : undefined;
  const warnings = [...warningsOf(plan, options, env), ...(carry?.warnings ?? [])];
  if (withTies) {
    const forecast = forecastRun(plan, options, producersOf(carry));
    refuseLongRun(forecast, options.maxTimeMs);
    await env.onPreflight?.({ ...forecast, warnings });
  }

  const { lanes, warnings: laneWarnings } = await openLanes(options, plan, { ...env, key, sameKey });
  const keys = options.keepIdempotencyKeys ? undefined : new FreshKeys({ run: env.runId, steps: plan.steps, key });
  env.stub?.begin({ run: env.runId, lanes: lanes.map((lane) => lane.name), steps: plan.steps });
  const comparing = openComparing(compareSettings);
  const gatherer = openGatherer({
    ...{ env, key, sameKey, routeOf: plan.routeOf, lanes, steps: plan.steps.length, carry, keys, comparing },
    requestOf: sentRequests(options, options.keepBodyBytes),
    rulesOf: rulesByIncarnation(plan.stats.recorders),
  });
  try {
    const beganMs = env.clock.now();
    const { interrupted, keys: ties } = await sendToLanes({
      plan,
      lanes,
      gatherer,
      options,
      env,
      carry,
      keys,
      followed,
    });
    const overMs = env.clock.now();
    const hopWarnings = await addHops(gatherer, env, comparing);
    if (!interrupted && !env.signal?.aborted) await sendAgain({ lanes, gatherer, options, env, carry, keys });
    const { stats, coverage } = plan;
    const { findings } = gatherer;
    const summary = summarise({
      ...{ options, env, plan, findings, stats, coverage, beganMs, overMs, interrupted, keys: ties, carry, comparing },
      stub: env.stub?.summary(),
      warnings: [...warnings, ...laneWarnings, ...tlsWarnings(lanes), ...hopWarnings],
    });
    await env.run.finish(summary);
    return summary;
  } finally {
    carry?.close();
    await Promise.all(lanes.map((lane) => lane.close()));
  }
}

/** The lane that others are held against is asked: the baseline, or the candidate where there is none. */
async function withReflected(
  { comparing, grpcReflection, headers, ...choice }: ReplayOptions,
  env: Pick<AskedTarget, "clock" | "runId" | "key">,
): Promise<ReplayOptions["comparing"]> {
  if (!grpcReflection) return comparing;
  const { target } = planLanes(choice)[0]!;
  if (choice.byAuthority?.[target] !== undefined)
    throw new OperatorError(
      `cannot ask ${target} for descriptors by reflection: it is many services; give --descriptors`,
    );
  return { ...comparing, descriptors: await reflectDescriptors(defined({ ...env, target, headers, tls: choice.tls })) };
}
