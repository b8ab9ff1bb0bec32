import { markedRequestId } from "../base/index.js";
import type { Comparing } from "./compare/index.js";
import type { Gatherer } from "./gatherer.js";
import { compareHops, type HopContrast } from "./hops/compare.js";
import type { ReplayEnv } from "./options.js";

/** Recorders inside the target hand on what they saw within 50 ms unless told otherwise; then it is on their tapes. */
const settleMs = 250;

/** Where recorders stood inside the targets: what changed below each Step. Gives warnings. */
export async function addHops(gatherer: Gatherer, env: ReplayEnv, comparing: Comparing): Promise<string[]> {
  const warnings: string[] = [];
  if (env.openHops === undefined) return warnings;
  // After an interrupt, too: a tape that is followed ends so, and hops that are not there yet would differ.
  await env.clock.sleepUntil(env.clock.now() + settleMs);
  const replayed = await env.openHops();
  try {
    const comparisons = compareHops({
      run: env.runId,
      steps: gatherer.findings.records,
      recorded: env.tape,
      replayed,
      contrasts: hopContrasts(gatherer),
      comparing,
      requestIdOf: (lane, step, requestId) => {
        const fault = gatherer.faultMet(lane, step);
        return fault === undefined ? requestId : markedRequestId(requestId, fault);
      },
      differsAtEntry: (step) => gatherer.differed(step),
      onPaired: (paired) => gatherer.addPairedHops(paired),
      warn: (warning) => warnings.push(warning),
    });
    for await (const comparison of comparisons) gatherer.addHop(comparison);
    return warnings;
  } finally {
    await replayed.close();
  }
}

/** What is held against each other at the entry is so below it. */
function hopContrasts({ contrasts, faultMet }: Gatherer): HopContrast[] {
  return contrasts.map(({ at, names, control, effect }) => ({
    ...{ at, ...names },
    control: control?.names,
    isFor: (step) => effect !== "fault" || faultMet(names.lane, step) !== undefined,
  }));
}
