import { type Answer, recordedLane } from "../../../tape/index.js";
import type { BatchRun } from "../run-batch.js";

/** What the service users call answered to one Step in each lane; other tools see no more than that. */
export interface EntryAnswers {
  route: string;
  old: Answer;
  /** The old version asked again; where it was not, the recording. */
  oldAgain: Answer;
  new: Answer;
}

/** Of every Step, from what the run kept: an Answer that was the same as another lane's is that one. */
export function entryAnswers({ kept, recorded }: BatchRun): EntryAnswers[] {
  const outcomes = new Map(kept.outcomes.map((outcome) => [`${outcome.step} ${outcome.lane}`, outcome.answer]));
  const hasAgain = kept.outcomes.some(({ lane }) => lane === "baseline-again");
  return kept.steps.map(({ step, route, exchangeId }) => {
    const answerOf = (lane: string): Answer => {
      const answer = outcomes.get(`${step} ${lane}`);
      if (answer === undefined || lane === recordedLane) return recorded.get(exchangeId)!;
      return answer.kind === "same" ? answerOf(answer.as) : answer;
    };
    return {
      route,
      old: answerOf("baseline"),
      oldAgain: answerOf(hasAgain ? "baseline-again" : recordedLane),
      new: answerOf("candidate"),
    };
  });
}
