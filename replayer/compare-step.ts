import type { Answer, Difference, StepRecord } from "../tape/index.js";
import { type CompareOptions, compareAsked, type RequestFields } from "./compare/index.js";
import type { StepComparison } from "./divergences/collect.js";
import type { Contrast } from "./lanes/contrasts.js";

/** A Step's Answers: the recorded one, and the live ones after redaction. */
export interface StepAnswers {
  recorded: Answer;
  /** Places where the recorded Answer holds pseudonyms. */
  redacted: readonly string[];
  /** In the lanes' order; undefined where it was not sent. */
  lanes: readonly (Answer | undefined)[];
}

export interface StepComparing {
  contrasts: readonly Contrast[];
  /** The tape was redacted with the key of the live answers. */
  sameKey: boolean;
  /** Whether the Step met a fault in a lane. */
  metFault: (lane: number) => boolean;
  /** What the request of a lane, or the recorded one, had in its fields: an Answer that repeats it does not differ by it. */
  askedBy: (side: number | undefined) => RequestFields;
  /** The operator's rules for this call, and the schema of its method. */
  own?: Pick<CompareOptions, "rules" | "grpc"> | undefined;
}

/**
 * Compares a Step's Answers, side by side: one comparison for each contrast that has both of its sides; what faults do is
 * looked for where one was met. Live answers were redacted with one key, so between them equality holds; with the
 * recording only when that was made with the same key.
 */
export function compareStep(
  { step, exchangeId, callee, route }: StepRecord,
  answers: StepAnswers,
  comparing: StepComparing,
): StepComparison[] {
  const { contrasts } = comparing;
  const sides = new Sides(answers, comparing);
  let found: StepComparison[] = [];
  // By index, and most Steps have one contrast: this is done for each Step.
  for (let at = 0; at < contrasts.length; at++) {
    const { effect, lane, reference, control } = contrasts[at]!;
    if (effect === "fault" && !comparing.metFault(lane)) continue;
    const candidate = sides.differences(reference, lane);
    if (candidate === undefined) continue;
    const comparison: StepComparison = { step, exchangeId, hop: callee, route, candidate };
    if (at > 0) comparison.contrast = at;
    const controls = control && sides.differences(control.reference, control.lane);
    if (controls !== undefined) comparison.control = controls;
    found = found.length === 0 ? [comparison] : [...found, comparison];
  }
  return found;
}

const plainly: CompareOptions = {};

/** Compares two sides of a Step once, however often it is asked: where there is one contrast that is once at most. */
class Sides {
  readonly #answers: StepAnswers;
  readonly #comparing: StepComparing;
  #known: Difference[][] | undefined;

  constructor(answers: StepAnswers, comparing: StepComparing) {
    this.#answers = answers;
    this.#comparing = comparing;
  }

  /** Undefined where one of the two is not known. */
  differences(reference: number | undefined, lane: number): Difference[] | undefined {
    const { recorded, lanes } = this.#answers;
    const expected = reference === undefined ? recorded : lanes[reference];
    const actual = lanes[lane];
    if (expected === undefined || actual === undefined || expected.kind === "unknown") return undefined;
    const pair = lane * (lanes.length + 1) + (reference ?? lanes.length);
    const again = this.#known?.[pair];
    if (again !== undefined) return again;
    const { askedBy, own, contrasts } = this.#comparing;
    const asked = () => ({ expected: askedBy(reference), actual: askedBy(lane) });
    const options = this.#options(reference);
    const found = compareAsked(expected, actual, asked, own === undefined ? options : { ...options, ...own });
    if (contrasts.length > 1) {
      this.#known ??= [];
      this.#known[pair] = found;
    }
    return found;
  }

  #options(reference: number | undefined): CompareOptions {
    if (reference !== undefined || this.#comparing.sameKey) return plainly;
    return { redactedByClass: new Set(this.#answers.redacted), hashesUnrelated: true };
  }
}
