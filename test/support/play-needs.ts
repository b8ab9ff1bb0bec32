import type { Order, StepNeeds } from "../../replayer/order/index.js";
import { KeyTable } from "../../replayer/order/key-table.js";
import type { Step } from "../../replayer/step.js";
import { type Went, WentTable } from "../../replayer/went.js";

/** A Step with what ties it to others. */
export interface TiedStep {
  step: Step;
  needs: StepNeeds;
}

/** What happened to Steps that were played through an order, by Step. */
export interface PlayedSteps {
  went: (Went & { step: number })[];
  table: WentTable;
  keys: KeyTable;
  /** How many were in flight at once, at most. */
  mostInFlight: number;
}

/**
 * Plays tied Steps through an order in simulated time: the answer of each takes the delay of its index, in milliseconds. The
 * walk goes on when the order lets it, as that of the replay does. Rejects when Steps are left that nothing will free.
 */
export async function playNeeds(
  order: Order,
  steps: readonly TiedStep[],
  delaysMs: readonly number[],
): Promise<PlayedSteps> {
  const played: PlayedSteps = {
    went: [],
    table: new WentTable(steps.length),
    keys: new KeyTable(steps.length),
    mostInFlight: 0,
  };
  const inFlight: { step: Step; answeredMs: number }[] = [];
  let nowMs = 0;
  let isHeld = false;

  const go = (step: Step) => {
    const answeredMs = nowMs + delaysMs[step.step]!;
    const one = { ...step, sentMs: nowMs, writtenMs: nowMs, answeredMs };
    played.went.push(one);
    played.table.set(step.step, one);
    inFlight.push({ step, answeredMs });
    played.mostInFlight = Math.max(played.mostInFlight, inFlight.length);
  };
  const landNext = async () => {
    inFlight.sort((a, b) => a.answeredMs - b.answeredMs);
    const landed = inFlight.shift();
    if (landed === undefined) throw new Error("nothing is in flight, and the order holds the rest back");
    nowMs = landed.answeredMs;
    order.final(landed.step);
    // What the order promised is resolved in a later microtask.
    await Promise.resolve();
    await Promise.resolve();
  };

  for (const { step, needs } of steps) {
    played.keys.add(step.step, needs.keys, needs.producers);
    const held = order.take(step, () => go(step), needs);
    if (held === undefined) continue;
    isHeld = true;
    void held.then(() => {
      isHeld = false;
    });
    while (isHeld) await landNext();
  }
  while (played.went.length < steps.length || inFlight.length > 0) await landNext();
  return played;
}
