import type { Answer, StepRecord } from "../tape/index.js";
import { type CompareOptions, compareAnswers } from "./compare/index.js";
import type { StepComparison } from "./divergences.js";

/** A Step's Answers: the recorded one, and the live ones after redaction. */
export interface StepAnswers {
  recorded: Answer;
  /** Places where the recorded Answer holds pseudonyms. */
  redacted: readonly string[];
  baseline?: Answer;
  candidate: Answer;
}

/**
 * Compares a Step's Answers, or gives undefined when there is no reference. Live answers were redacted with one key, so
 * between them equality holds; with the recording only when that was made with the same key.
 */
export function compareStep(
  { step, exchangeId, callee, route }: StepRecord,
  { recorded, redacted, baseline, candidate }: StepAnswers,
  { sameKey }: { sameKey: boolean },
): StepComparison | undefined {
  const withRecording: CompareOptions = sameKey ? {} : { redactedByClass: new Set(redacted), hashesUnrelated: true };
  if (baseline !== undefined) {
    const own = { step, exchangeId, hop: callee, route };
    const found = { ...own, candidate: compareAnswers(baseline, candidate) };
    return recorded.kind === "unknown"
      ? found
      : { ...found, control: compareAnswers(recorded, baseline, withRecording) };
  }
  if (recorded.kind === "unknown") return undefined;
  return { step, exchangeId, hop: callee, route, candidate: compareAnswers(recorded, candidate, withRecording) };
}
