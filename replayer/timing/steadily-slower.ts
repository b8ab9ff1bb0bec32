import type { DifferenceGroup } from "../divergences/groups.js";
import { chanceOfNoise } from "../noise/chance.js";

/** Fewer Steps say little of a machine that others use too. */
const fewestSteps = 20;
/** A pause makes a few Steps slow; a version that is slower is so in most. */
const leastShare = 0.5;
/** Stricter than elsewhere: times are never quite even. */
const significance = 0.0001;

/**
 * Whether Steps of a route took longer in most of its pairs and far more often than the other way round: only then is it
 * shown. Lesser unevenness is neither noise worth listing nor a divergence.
 */
export function isSteadilySlower({ route, candidate, candidateOnly, controlOnly }: DifferenceGroup): boolean {
  if (route.paired.size < fewestSteps || candidate.size < leastShare * route.compared.size) return false;
  return chanceOfNoise(candidateOnly, controlOnly) < significance;
}
