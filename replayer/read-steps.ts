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
export function readSteps(tape: TapeReader, { steps }: Pick<Plan, "steps">): StepSource {
  const places = placesById(steps);
  return {
    exchanges: steps.length === 0 ? [] : tape.read({ where: (head) => places(head.id) !== undefined }),
    stepOf: (exchange) => steps[places(exchange.id)!]!,
  };
}

/** Where in the plan each Exchange's Step is: 12 bytes for each. */
function placesById(steps: Plan["steps"]): (exchangeId: number) => number | undefined {
  const order = Uint32Array.from(steps.keys()).sort((a, b) => steps[a]!.exchangeId - steps[b]!.exchangeId);
  const ids = Float64Array.from(order, (place) => steps[place]!.exchangeId);
  let last = -1;
  return (exchangeId) => {
    // They are asked about in tape order, which is mostly that of their ids.
    last = ids[last + 1] === exchangeId ? last + 1 : ids[last] === exchangeId ? last : find(ids, exchangeId);
    return ids[last] === exchangeId ? order[last] : undefined;
  };
}

/** The place of the first number that is not below; binary search. */
function find(ascending: Float64Array, wanted: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
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
