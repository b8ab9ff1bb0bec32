import type { Difference, RunWriter } from "../../tape/index.js";

/** A Difference of the target, and the service whose answer has it. */
export type HopDifference = Difference & { hop: string };

/** A run that is kept nowhere but for the Differences of one of its calls. */
export interface TryRun extends RunWriter {
  /** Of that call and the hops below it, once the run has finished. */
  readonly differencesOfTarget: readonly HopDifference[];
}

/** `target`: the Exchange whose Differences are looked at. */
export function openTryRun(target: number): TryRun {
  const found: HopDifference[] = [];
  let step: number | undefined;
  const nothing = () => {};
  return {
    differencesOfTarget: found,
    steps(batch) {
      step ??= batch.find((one) => one.exchangeId === target)?.step;
    },
    outcomes: nothing,
    requests: nothing,
    differences(of, hop, differences) {
      if (of === step) found.push(...differences.map((difference) => ({ ...difference, hop })));
    },
    pairedHops: nothing,
    finish: async () => {},
    close: async () => {},
  };
}
