import { type Judge, judges } from "./judge-batch.js";
import type { CaseScore } from "./score.js";

/** What the table says of one way of judging. Shares are 0 to 1. */
export interface Totals {
  changes: number;
  found: number;
  recall: number;
  falseFindings: number;
  precision: number;
  /** Of all true changes, and of all cases without one: shown with the right cause, or rightly not shown. */
  rightAttribution: number;
  /** Of all true changes. */
  rightHop: number;
}

export function totalsOf(scores: readonly CaseScore[]): Totals {
  const sum = (of: (score: CaseScore) => number) => scores.reduce((total, score) => total + of(score), 0);
  const still = scores.filter(({ changes }) => changes === 0);
  const [changes, found, falseFindings] = [
    sum((s) => s.changes),
    sum((s) => s.found),
    sum((s) => s.falseFindings.length),
  ];
  const quiet = still.filter((score) => score.falseFindings.length === 0).length;
  return {
    ...{ changes, found, falseFindings },
    recall: found / changes,
    precision: found / (found + falseFindings),
    rightAttribution: (sum((s) => s.rightAttribution) + quiet) / (changes + still.length),
    rightHop: sum((s) => s.rightHop) / changes,
  };
}

/** In Markdown, as it stands in `bench/RESULTS.md`. */
export function table(scores: Readonly<Record<Judge, readonly CaseScore[]>>): string {
  const head = [
    "| judged by | recall | false divergences | precision | right cause | right first hop |",
    "|---|---|---|---|---|---|",
  ];
  const rows = judges.map((judge) => {
    const of = totalsOf(scores[judge]);
    return `| ${judge} | ${percent(of.recall)} (${of.found} of ${of.changes}) | ${of.falseFindings} | ${percent(of.precision)} | ${percent(of.rightAttribution)} | ${percent(of.rightHop)} |`;
  });
  return [...head, ...rows].join("\n");
}

/** By kind of change: found of made, and false divergences, of each way of judging. */
export function tableByFamily(scores: Readonly<Record<Judge, readonly CaseScore[]>>): string {
  const families = [...new Set(scores.tapeloop.map(({ family }) => family))].sort();
  const cell = (judge: Judge, family: string) => {
    const of = totalsOf(scores[judge].filter((score) => score.family === family));
    const found = of.changes === 0 ? "–" : `${of.found}/${of.changes}`;
    return of.falseFindings === 0 ? found : `${found}, ${of.falseFindings} false`;
  };
  return [
    `| kind of change | cases | ${judges.join(" | ")} |`,
    `|---|---|${judges.map(() => "---").join("|")}|`,
    ...families.map((family) => {
      const cases = scores.tapeloop.filter((score) => score.family === family).length;
      return `| ${family} | ${cases} | ${judges.map((judge) => cell(judge, family)).join(" | ")} |`;
    }),
  ].join("\n");
}

function percent(share: number): string {
  return Number.isNaN(share) ? "–" : `${Math.floor(share * 1000) / 10} %`;
}
