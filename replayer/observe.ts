import { firstValue } from "../message/index.js";
import type { Answer } from "../tape/index.js";
import { faultFor } from "./faults/fault-plan.js";
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
  const plan = lanes.find((lane) => lane.plan !== undefined)?.plan;
  let divergent = gatherer.findings.divergent;
  return ({ sent, exchange }) => {
    const differs = gatherer.findings.divergent > divergent;
    divergent = gatherer.findings.divergent;
    const fault = plan && faultFor(exchange, plan)?.name;
    const recorded = saidBy(exchange.answer);
    onStep({
      differs,
      ...(fault === undefined ? {} : { fault }),
      ...(recorded === undefined ? {} : { recorded }),
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
    said: saidBy(answer) ?? "unknown",
    isResponse: answer.kind === "response",
    tookMs: answeredMs - sentMs,
  };
}

/** A gRPC call that fails is answered with status 200: what it came to is in a field of its own, before or behind the body. */
function saidBy(answer: Answer): string | undefined {
  const word = statusWord(answer);
  if (answer.kind !== "response") return word;
  const grpc = firstValue(answer.trailers, "grpc-status") ?? firstValue(answer.headers, "grpc-status");
  return grpc === undefined || grpc === "0" ? word : `${word} grpc-status ${grpc}`;
}
