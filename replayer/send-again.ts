import type { Answer } from "../tape/index.js";
import type { Carry } from "./carry/index.js";
import type { FreshKeys } from "./fresh-keys.js";
import type { Gatherer } from "./gatherer.js";
import type { OpenLane } from "./lanes/lanes.js";
import type { RememberedStep } from "./lanes/remembered.js";
import type { ReplayEnv, ReplayOptions } from "./options.js";
import { isWrite } from "./order/index.js";
import { timeoutMsOf } from "./step.js";

/** What sending again stands on. */
export interface SendingAgain {
  lanes: readonly OpenLane[];
  gatherer: Gatherer;
  options: Pick<ReplayOptions, "maxResend" | "stepTimeoutMs">;
  env: Pick<ReplayEnv, "signal" | "stub">;
  carry: Carry | undefined;
  keys: FreshKeys | undefined;
}

/** Looks enough to tell a difference that is always there, five of them, and some more for one that is not. */
const usualLooks = 8;
/** Bounds a round, however much is in doubt. */
const mostStepsARound = 25;

/**
 * Sends safe Steps again that may differ by chance: to the reference, to the lane, to the reference once more, one after
 * the other, until it is decided what they show or they were looked at `maxResend` times. After all hops were read, for
 * recorders in the targets cannot tell these calls from the first ones; not at all where a stub answers once for each
 * recorded call.
 */
export async function sendAgain({ lanes, gatherer, options, env, carry, keys }: SendingAgain): Promise<void> {
  const looks = env.stub === undefined ? (options.maxResend ?? usualLooks) : 0;
  let sent = 0;
  for (let round = 0; round < looks; round++) {
    const doubtful = chooseSteps(gatherer, round);
    if (doubtful.length === 0) return;
    for (const { contrast, step } of doubtful) {
      if (env.signal?.aborted) return;
      const { lane, reference } = gatherer.contrasts[contrast]!;
      const asking = { carry, keys, stepTimeoutMs: options.stepTimeoutMs };
      const ask = (at: number) => askAgain(lanes[at]!, step, { ...asking, again: ++sent });
      const answers = [await ask(reference!), await ask(lane), await ask(reference!)];
      const [first, tested, second] = answers;
      if (first !== undefined && tested !== undefined && second !== undefined)
        gatherer.again(contrast, step, [first, tested, second]);
    }
  }
}

/** One Step for each group in doubt, another in each round, where there are more. */
function chooseSteps(gatherer: Gatherer, round: number): { contrast: number; step: RememberedStep }[] {
  const chosen = new Map<string, { contrast: number; step: RememberedStep }>();
  for (const { contrast, steps } of gatherer.findings.divergences.inDoubt()) {
    const { effect, reference } = gatherer.contrasts[contrast]!;
    if (effect !== "version" || reference === undefined) continue;
    const known = steps
      .map((step) => gatherer.remembered.of(step))
      .filter((step) => step !== undefined && !isWrite(step.record.method));
    const step = known[round % known.length];
    if (step !== undefined) chosen.set(`${contrast} ${step.record.step}`, { contrast, step });
  }
  return [...chosen.values()].slice(0, mostStepsARound);
}

interface AskingAgain extends Pick<SendingAgain, "carry" | "keys"> {
  stepTimeoutMs: number | undefined;
  /** How many were sent again before it, itself included. */
  again: number;
}

/** Undefined where it could not be sent, or was given up. */
function askAgain(
  lane: OpenLane,
  { step, exchange }: RememberedStep,
  { carry, keys, stepTimeoutMs, again }: AskingAgain,
): Promise<Answer | undefined> {
  const drawn = keys?.prepare(exchange, step.step, lane.name, again) ?? exchange;
  const prepared = carry?.prepare(drawn, step.step, lane.name);
  if (prepared?.kind === "blocked") return Promise.resolve(undefined);
  const asked = prepared === undefined ? drawn : { ...drawn, request: prepared.request };
  return new Promise((resolve) => {
    lane.send(asked, step.step, timeoutMsOf(step, stepTimeoutMs), {
      landed: ({ answer }) => resolve(isGivenUp(answer) ? undefined : answer),
      lost: () => resolve(undefined),
    });
  });
}

function isGivenUp(answer: Answer): boolean {
  return answer.kind === "failure" && answer.reason === "aborted";
}
