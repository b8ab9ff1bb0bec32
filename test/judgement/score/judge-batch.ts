import type { JudgedCase } from "../case.js";
import type { BatchRun } from "../run-batch.js";
import { diffyFindings, diffyReading } from "./diffy.js";
import { entryAnswers } from "./entry-answers.js";
import type { Finding } from "./finding.js";
import { naiveFindings, naiveReading } from "./naive.js";
import { ourFindings, ourReading } from "./ours.js";
import { type CaseScore, type Reading, scoreCase } from "./score.js";

/** Ways of judging, as the table names them. */
export const judges = ["byte diff", "Diffy's rule", "tapeloop"] as const;
export type Judge = (typeof judges)[number];

/** What each way of judging makes of the same answers. */
export function judgeBatch(run: BatchRun): Record<Judge, CaseScore[]> {
  const answers = entryAnswers(run);
  return {
    "byte diff": scores(run.cases, naiveFindings(answers), naiveReading),
    "Diffy's rule": scores(run.cases, diffyFindings(answers), diffyReading),
    tapeloop: scores(run.cases, ourFindings(run.summary), ourReading),
  };
}

function scores(cases: readonly JudgedCase[], findings: readonly Finding[], reading: Reading): CaseScore[] {
  const stray = findings.find(({ route }) => !cases.some((judged) => isOf(judged, route)));
  if (stray !== undefined) throw new Error(`a finding at ${stray.hop} ${stray.route} is of none of the cases`);
  return cases.map((judged) =>
    scoreCase(
      judged,
      findings.filter(({ route }) => isOf(judged, route)),
      reading,
    ),
  );
}

function isOf({ name }: JudgedCase, route: string): boolean {
  return route.includes(` /${name}/`);
}
