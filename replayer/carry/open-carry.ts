import type { RedactionKey } from "../../tape/index.js";
import type { ReplayEnv, ReplayOptions } from "../options.js";
import type { PlannedTape } from "../read-plan.js";
import { readSteps } from "../read-steps.js";
import type { Carry } from "./carry.js";
import { openCredentials } from "./credentials/credentials.js";
import { learnPlan } from "./learn-plan.js";
import { LinkRules } from "./links/rules.js";
import { openLiveCarry } from "./live-carry.js";
import type { CarryOptions } from "./options.js";
import { refuseUnable, tapeCan } from "./vantages.js";

const unlessSaid: CarryOptions = { links: true, credentials: [] };

/** What carrying stands on. */
export interface CarryEnv extends Pick<ReplayEnv, "clock" | "tape"> {
  /** What live answers are redacted with. */
  key: RedactionKey;
}

/**
 * Learns from the tape what the Steps of a plan need of each other, and gets the credentials that no answer gave. Throws an
 * OperatorError when one is missing, or the tape cannot do what was asked for. Undefined where there is nothing to carry.
 */
export async function openCarry(
  plan: PlannedTape,
  options: Pick<ReplayOptions, "headers" | "skipRedacted" | "keepIdempotencyKeys"> & { carry?: CarryOptions },
  env: CarryEnv,
): Promise<Carry | undefined> {
  const { links, rules = new LinkRules(), credentials: given } = options.carry ?? unlessSaid;
  if (links && !rules.isEmpty) refuseUnable("links", plan.stats, "--links");
  const carries = links && tapeCan("links", plan.stats);
  if (plan.steps.length === 0 || (!carries && plan.redacted.size === 0)) return undefined;
  const { routeOf, steps } = plan;
  const headers = new Set(options.headers.map(([name]) => name.toLowerCase()));
  const credentials = openCredentials({
    ...{ rules: given, headers, routeOf, key: env.key },
    drawsKeys: !options.keepIdempotencyKeys,
  });
  const learnt = await learnPlan({
    ...{ steps: steps.length, routeOf, rules, carries, credentials, skipRedacted: options.skipRedacted },
    read: () => readSteps(env.tape, plan),
    heads: () => env.tape.skim(),
  });
  await credentials.start();
  const { links: table, leftOut } = learnt;
  if (table.size === 0 && leftOut.size === 0 && credentials.isEmpty) {
    credentials.close();
    if (learnt.warnings.length === 0) return undefined;
  }
  const nowMs = () => Date.now();
  return openLiveCarry({ learnt, credentials, nowMs, routeOf, exchangeIdOf: (step) => steps.at(step)!.exchangeId });
}
