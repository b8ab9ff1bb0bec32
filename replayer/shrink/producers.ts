import type { TapeReader } from "../../tape/index.js";
import { LinkLearner } from "../carry/links/learn.js";
import type { LinkRules } from "../carry/links/rules.js";
import { tapeCan } from "../carry/vantages.js";
import { readPlan } from "../read-plan.js";
import { readSteps } from "../read-steps.js";
import type { Producers } from "./closure.js";

/**
 * Which of these calls need which, for a value in the request that an earlier answer gave: what a replay of them would
 * carry. None on a tape that cannot teach links.
 */
export async function readProducers(tape: TapeReader, ids: readonly number[], rules?: LinkRules): Promise<Producers> {
  const selection = { ids, text: "" };
  const plan = await readPlan(tape, {
    selection,
    allowWrites: true,
    skipRedacted: false,
    headers: [],
    order: "recorded",
  });
  const producers = new Map<number, Set<number>>();
  if (!tapeCan("links", plan.stats)) return producers;
  const learner = new LinkLearner({ steps: plan.steps.length, routeOf: plan.routeOf, ...(rules && { rules }) });
  const { exchanges, stepOf } = readSteps(tape, plan);
  for await (const exchange of exchanges) {
    const { step } = stepOf(exchange);
    learner.consume(exchange, step);
    learner.produce(exchange, step);
  }
  for (const { producer, consumer } of learner.links.pairs((step) => plan.steps.at(step)!.exchangeId)) {
    const known = producers.get(consumer);
    if (known === undefined) producers.set(consumer, new Set([producer]));
    else known.add(producer);
  }
  return producers;
}
