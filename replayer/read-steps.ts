import { type Exchange, type TapeReader, type TapeWalk, walkOf, walkOfTurns } from "../tape/index.js";
import type { Plan, Step } from "./step.js";

/** A Step whose turn has come, with what it is made from. */
export interface ReadyStep {
  step: Step;
  exchange: Exchange;
}

/** The Steps' Exchanges, in one walk of the tape, in the order of the plan, and which Step each is of. */
export interface StepSource {
  exchanges: TapeWalk<Exchange>;
  stepOf(exchange: Exchange): Step;
}

/** Flat in memory; where clocks were corrected, what they are off by is held. */
export function readSteps(tape: TapeReader, { steps }: Pick<Plan, "steps">): StepSource {
  const passes = steps.passes ?? 1;
  const inPass = steps.length / passes;
  const places = placesById(steps, inPass);
  let pass = 0;
  const stepOf = (exchange: Exchange) => steps.at(pass * inPass + places(exchange.id)!)!;
  const read = () => {
    const turns = tape.read({ whereId: (id) => places(id) !== undefined }).turns();
    return steps.isReordered ? inPlanOrder(turns, (id) => places(id)!) : turns;
  };
  const again = async function* () {
    for (; pass < passes; pass++) yield* read();
  };
  if (steps.length === 0) return { exchanges: walkOf(() => [].values()), stepOf };
  return { exchanges: walkOfTurns(passes === 1 ? read : again), stepOf };
}

/** Holds what the tape has earlier than the plan. */
async function* inPlanOrder(
  turns: AsyncIterable<Iterable<Exchange>>,
  placeOf: (id: number) => number,
): AsyncGenerator<Iterable<Exchange>> {
  const early = new Map<number, Exchange>();
  let next = 0;
  function* due(turn: Iterable<Exchange>): Generator<Exchange> {
    for (const exchange of turn) {
      early.set(placeOf(exchange.id), exchange);
      for (let one = early.get(next); one !== undefined; one = early.get(next)) {
        early.delete(next++);
        yield one;
      }
    }
  }
  for await (const turn of turns) yield due(turn);
  // An Exchange may have gone from a tape that is being written: what comes after it is not held back by it.
  yield [...early.keys()].sort((a, b) => a - b).map((place) => early.get(place)!);
}

/** Where in the first so many of the plan each Exchange's Step is: 12 bytes for each. */
function placesById(steps: Plan["steps"], length: number): (exchangeId: number) => number | undefined {
  const planned = new Float64Array(length).map((_, place) => steps.at(place)!.exchangeId);
  const order = new Uint32Array(planned.length).map((_, place) => place);
  if (planned.some((id, at) => at > 0 && id < planned[at - 1]!)) order.sort((a, b) => planned[a]! - planned[b]!);
  const ids = planned.sort();
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
