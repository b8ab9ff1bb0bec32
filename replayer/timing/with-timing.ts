import type { StepComparison } from "../divergences/collect.js";
import type { SentStep } from "../findings.js";
import type { Contrast } from "../lanes/contrasts.js";
import { compareTimes, isOfOneSort } from "./compare-times.js";

/** Adds how long the Step took on the two sides that were compared, where both are lanes of this run and answered. */
export function withTiming(
  comparison: StepComparison,
  { sent }: Pick<SentStep, "sent">,
  contrasts: readonly Contrast[],
): StepComparison {
  const { lane, reference, control } = contrasts[comparison.contrast ?? 0]!;
  if (reference === undefined || !isOfOneSort(comparison.candidate)) return comparison;
  const tookMs = (at: number | undefined) => {
    const one = at === undefined ? undefined : sent[at];
    return one?.answer.kind === "response" ? one.answeredMs - one.sentMs : undefined;
  };
  const sides = { reference: tookMs(reference), lane: tookMs(lane) };
  if (sides.reference === undefined || sides.lane === undefined) return comparison;
  // The recording may come from another machine: its times are no control.
  const again = control?.reference === undefined ? undefined : tookMs(control.lane);
  const timing = compareTimes({ reference: sides.reference, lane: sides.lane, again });
  return timing === undefined ? comparison : { timing, ...comparison };
}
