import type { SentStep } from "./findings.js";
import { statusWord } from "./lanes/tally.js";
import type { ObservedStep } from "./options.js";
import type { Sending } from "./send-steps.js";

/**
 * Tells `env.onStep` of a Step that the gatherer has taken in; undefined where nobody asks, so that nothing is spent then.
 * Lanes that are sent to in turn are told of in their turns; what differs is known in the last one.
 */
export function openObserver({
  lanes,
  gatherer,
  env,
}: Pick<Sending, "lanes" | "gatherer" | "env">): ((step: SentStep) => void) | undefined {
  const { onStep } = env;
  if (onStep === undefined) return undefined;
  let divergent = gatherer.findings.divergent;
  return ({ sent }) => {
    const differs = gatherer.findings.divergent > divergent;
    divergent = gatherer.findings.divergent;
    onStep({
      differs,
      outcomes: sent.flatMap((one, at) => (one === undefined ? [] : [outcomeOf(lanes[at]!.name, one)])),
    });
  };
}

function outcomeOf(
  lane: string,
  { answer, sentMs, answeredMs }: NonNullable<SentStep["sent"][number]>,
): ObservedStep["outcomes"][number] {
  return {
    lane,
    answered: statusWord(answer) ?? "unknown",
    isResponse: answer.kind === "response",
    tookMs: answeredMs - sentMs,
  };
}
