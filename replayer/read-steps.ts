import type { Exchange, TapeReader } from "../tape/index.js";
import type { Plan, Step } from "./step.js";

/** A Step whose turn has come, with what it is made from. */
export interface ReadyStep {
  step: Step;
  exchange: Exchange;
}

/** The Steps' Exchanges, in one walk of the tape, in tape order, in flat memory, and which Step each is of. */
export interface StepSource {
  exchanges: AsyncIterable<Exchange> | readonly Exchange[];
  stepOf(exchange: Exchange): Step;
}

/** Nothing stands between the tape's reader and who walks it: each further generator costs as much as a comparison. */
export function readSteps(tape: TapeReader, plan: Pick<Plan, "steps">): StepSource {
  const byExchange = new Map(plan.steps.map((step) => [step.exchangeId, step]));
  return {
    exchanges: byExchange.size === 0 ? [] : tape.read({ where: (head) => byExchange.has(head.id) }),
    stepOf: (exchange) => byExchange.get(exchange.id)!,
  };
}

/**
 * Whether the request asks to leave HTTP/1.1 for another protocol, such as WebSocket (RFC 9110, section 7.8). `h2c` is
 * no reason: a server is free to ignore it and answer, and the field is not sent again.
 */
export function asksForUpgrade(exchange: Exchange): boolean {
  return exchange.request.headers.some(
    ([name, value]) => name.length === 7 && name.toLowerCase() === "upgrade" && value.trim().toLowerCase() !== "h2c",
  );
}
