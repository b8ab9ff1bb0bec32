/** Below this, chance is not taken as the explanation. */
export const significance = 0.05;

/**
 * The exact one-sided test on discordant pairs (McNemar): of the Steps in which only one of two comparisons differed,
 * `candidateOnly` were the candidate's and `controlOnly` the baseline's own. Were both equally noisy, each would be a
 * toss of a fair coin; the result is the chance of at least `candidateOnly` heads, between 0 and 1.
 */
export function chanceOfNoise(candidateOnly: number, controlOnly: number): number {
  const tosses = candidateOnly + controlOnly;
  if (candidateOnly <= controlOnly) return 1 - upperTail(tosses, controlOnly + 1);
  return upperTail(tosses, candidateOnly);
}

/**
 * The chance that all `drawn` Steps fall among `marked` of `all` when they were drawn at random: how surprising it is
 * that one divergence never appears without another.
 */
export function chanceOfContainment(all: number, marked: number, drawn: number): number {
  let chance = 1;
  for (let at = 0; at < drawn && chance > 1e-12; at++) chance *= Math.max(0, marked - at) / (all - at);
  return chance;
}

/**
 * The share below which the noise of a place lies with 95 % confidence when none was seen in `pairs` pairs: the rule of
 * three, 3/n.
 */
export function noiseBound(pairs: number): number {
  return Math.min(1, 3 / pairs);
}

/** P(at least `least` heads in `tosses` tosses), for `least` above the half: its terms fall, so few are summed. */
function upperTail(tosses: number, least: number): number {
  if (least > tosses) return 0;
  let term = Math.exp(logFactorial(tosses) - logFactorial(least) - logFactorial(tosses - least) - tosses * Math.LN2);
  let sum = 0;
  for (let heads = least; heads <= tosses && term > sum * 1e-15; heads++) {
    sum += term;
    term *= (tosses - heads) / (heads + 1);
  }
  return Math.min(1, sum);
}

/** ln(n!), by Stirling's series above 20: its error there is below 1e-12. */
function logFactorial(n: number): number {
  if (n > 20) return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1 / (12 * n) - 1 / (360 * n ** 3);
  let sum = 0;
  for (let factor = 2; factor <= n; factor++) sum += Math.log(factor);
  return sum;
}
