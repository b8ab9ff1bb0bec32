import type { Order } from "../../replayer/order/index.js";
import type { Step } from "../../replayer/step.js";
import type { Went } from "../../replayer/went.js";

/**
 * Plays Steps through an order in simulated time: the answer of each takes the delay of its index, in milliseconds.
 * Offers a further Step only when the order lets it, as the replay does.
 */
export function playThrough(order: Order, steps: readonly Step[], delaysMs: readonly number[]): Went[] {
  const went: (Went & { step: Step })[] = [];
  const inFlight: (Went & { step: Step })[] = [];
  let nowMs = 0;
  let next = 0;
  let isHeld = false;

  const go = (step: Step) => {
    const answeredMs = nowMs + delaysMs[step.step]!;
    const one = { ...step, step, sentMs: nowMs, writtenMs: nowMs, answeredMs };
    isHeld = false;
    went.push(one);
    inFlight.push(one);
  };
  const offer = () => {
    while (!isHeld && next < steps.length) {
      const step = steps[next++]!;
      isHeld = true;
      order.take(step, () => go(step));
    }
  };

  for (offer(); inFlight.length > 0; offer()) {
    inFlight.sort((a, b) => a.answeredMs - b.answeredMs);
    const landed = inFlight.shift()!;
    nowMs = landed.answeredMs;
    order.final(landed.step);
  }
  return went;
}
