import { hopNames, type JudgedCase, type TrueChange } from "../case.js";
import type { Finding } from "./finding.js";

/** How a way of judging did at one case. */
export interface CaseScore {
  name: string;
  family: string;
  /** True changes, and those of them that were shown in any way. */
  changes: number;
  found: number;
  /** Of the found ones: shown with the right cause, and at the right hop alone. */
  rightAttribution: number;
  rightHop: number;
  /** Shown, and no change explains them. */
  falseFindings: readonly Finding[];
  missed: readonly TrueChange[];
  /** Why a cause or a hop was wrong. */
  wrong: readonly string[];
}

/** How a finding is compared with the truth: some ways of judging know places and kinds better than others. */
export interface Reading {
  /** Whether the finding is this change where it began. */
  isAt(finding: Finding, change: TrueChange, judged: JudgedCase): boolean;
  /** Whether the finding is what this change made of answers further up. */
  isAbove(finding: Finding, change: TrueChange, judged: JudgedCase): boolean;
}

/** `findings`: what was shown as a change, noise left out. */
export function scoreCase(judged: JudgedCase, findings: readonly Finding[], reading: Reading): CaseScore {
  const explained = new Set<Finding>();
  const score = { found: 0, rightAttribution: 0, rightHop: 0 };
  const missed: TrueChange[] = [];
  const wrong: string[] = [];
  // What is one change where it began is not what another made of answers further up.
  const others = findings.filter((finding) => !judged.truth.some((change) => reading.isAt(finding, change, judged)));
  for (const change of judged.truth) {
    const at = findings.filter((finding) => reading.isAt(finding, change, judged));
    const above = others.filter((finding) => reading.isAbove(finding, change, judged));
    for (const finding of [...at, ...above]) explained.add(finding);
    const shown = at.length > 0 ? at : above;
    if (shown.length === 0) {
      missed.push(change);
      continue;
    }
    score.found++;
    if (shown.every(({ attribution }) => attribution === change.attribution)) score.rightAttribution++;
    else wrong.push(`cause: ${shown.map(inWords).join(", ")}; it is ${change.attribution}`);
    if (at.length > 0 && above.length === 0) score.rightHop++;
    else
      wrong.push(
        `hop: ${above.map(inWords).join(", ")} beside or instead of ${change.hop} ${String(change.places[0])}`,
      );
  }
  const falseFindings = findings.filter((finding) => !explained.has(finding) && !isConsequence(finding, judged));
  return {
    ...{ name: judged.name, family: judged.family, changes: judged.truth.length },
    ...{ ...score, falseFindings, missed, wrong },
  };
}

function isConsequence(finding: Finding, { consequences = [], truth }: JudgedCase): boolean {
  // A body that is another is seldom as long.
  if (finding.place === "header:content-length" && truth.length > 0) return true;
  return consequences.some(({ hop, places }) => hop === finding.hop && isPlace(finding.place, places));
}

export function isPlace(place: string, places: TrueChange["places"]): boolean {
  return places.some((one) => (typeof one === "string" ? one === place : one.test(place)));
}

export function inWords({ hop, route, place, kind, attribution }: Finding): string {
  return `${hop} ${route} ${place} ${kind ?? ""} (${attribution})`;
}

/** How many services lie between the user and a hop. */
export function depthOf(hop: string): number {
  return (hopNames as readonly string[]).indexOf(hop);
}
