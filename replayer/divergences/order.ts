import type { Attribution, DifferenceKind, Divergence, Severity } from "../../tape/index.js";

const severities: readonly Severity[] = ["high", "medium", "low"];
/** Those that say least of the candidate, last: what faults do by themselves, then noise. */
const lasts: readonly Attribution[] = ["fault", "unproven-noise", "noise"];

/** Beside another answer than before, what stands in it is a consequence. */
const otherAnswers: ReadonlySet<DifferenceKind> = new Set(["status", "failure", "answer-end"]);

/** What a reader should see first: what the candidate does, then what faults do, then noise; of each by severity, then other statuses and failures, then by how many Steps meet it. Numbered from 1. */
export function inReportOrder(divergences: readonly Omit<Divergence, "number">[]): Divergence[] {
  return divergences
    .toSorted(
      (left, right) =>
        lasts.indexOf(left.attribution) - lasts.indexOf(right.attribution) ||
        severities.indexOf(left.severity) - severities.indexOf(right.severity) ||
        Number(otherAnswers.has(right.kind)) - Number(otherAnswers.has(left.kind)) ||
        right.count - left.count ||
        left.sinceExchange - right.sinceExchange ||
        compareNames(left, right),
    )
    .map((divergence, at) => ({ ...divergence, number: at + 1 }));
}

/** So that equal runs give equal reports. */
function compareNames(left: Omit<Divergence, "number">, right: Omit<Divergence, "number">): number {
  const names = (of: Omit<Divergence, "number">) => [of.hop, of.route, of.place, of.kind].join("\n");
  return names(left) < names(right) ? -1 : 1;
}
