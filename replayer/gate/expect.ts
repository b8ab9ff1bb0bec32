import type { KnownReport, RunSummary, Verdict } from "../../tape/index.js";

/**
 * What `--expect` makes of a verdict: a fix is shown when none of the divergences it should take away is met. One that is
 * met fails the run; one whose route was never compared leaves it inconclusive, for its absence says nothing. Pure.
 */
export function withExpectations(
  verdict: Verdict,
  expected: readonly KnownReport[],
  routes: NonNullable<RunSummary["routes"]>,
): Verdict {
  const met = expected.filter((one) => one.met);
  if (verdict.kind !== "inconclusive" && met.length > 0) {
    const reasons = met.map((one) => `expected to be gone and still met: ${inWords(one)}`);
    return { kind: "diverged", reasons: [...reasons, ...(verdict.kind === "diverged" ? verdict.reasons : [])] };
  }
  if (verdict.kind !== "passed") return verdict;
  const unseen = expected.filter((one) => !routes.some(({ hop, route }) => hop === one.hop && route === one.route));
  if (unseen.length > 0) {
    const reasons = unseen.map((one) => `expected to be gone, and its route was not compared: ${inWords(one)}`);
    return { kind: "inconclusive", reasons };
  }
  const count = expected.length;
  const gone = count === 0 ? [] : [`${count} expected ${count === 1 ? "divergence is" : "divergences are"} gone`];
  return { kind: "passed", reasons: [...verdict.reasons, ...gone] };
}

function inWords({ hop, route, place, kind }: KnownReport): string {
  return `${hop} ${route}: ${kind} at ${place}`;
}
