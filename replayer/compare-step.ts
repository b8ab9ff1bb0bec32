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
  { contrasts, sameKey, metFault, askedBy, own }: StepComparing,
): StepComparison[] {
  const differences = comparer(answers, { sameKey, askedBy, own });
  const found: StepComparison[] = [];
  for (const [at, { effect, lane, reference, control }] of contrasts.entries()) {
    if (effect === "fault" && !metFault(lane)) continue;
    const candidate = differences(reference, lane);
    if (candidate === undefined) continue;
    const comparison: StepComparison = { step, exchangeId, hop: callee, route, candidate };
    if (at > 0) comparison.contrast = at;
    const controls = control && differences(control.reference, control.lane);
    if (controls !== undefined) comparison.control = controls;
    found.push(comparison);
  }
  return found;
}

const amongLanes: CompareOptions = {};

type SideComparer = (reference: number | undefined, lane: number) => Difference[] | undefined;

/** Compares two sides once, however often it is asked; undefined where one of them is not known. */
function comparer(
  { recorded, redacted, lanes }: StepAnswers,
  { sameKey, askedBy, own }: Pick<StepComparing, "sameKey" | "askedBy" | "own">,
): SideComparer {
  const withRecording: CompareOptions = sameKey ? {} : { redactedByClass: new Set(redacted), hashesUnrelated: true };
  let known: Difference[][] | undefined;
  return (reference, lane) => {
    const expected = reference === undefined ? recorded : lanes[reference];
    const actual = lanes[lane];
    if (expected === undefined || actual === undefined || expected.kind === "unknown") return undefined;
    const pair = lane * (lanes.length + 1) + (reference ?? lanes.length);
    const again = known?.[pair];
    if (again !== undefined) return again;
    const asked = () => ({ expected: askedBy(reference), actual: askedBy(lane) });
    const options = reference === undefined ? withRecording : amongLanes;
    const found = compareAsked(expected, actual, asked, own === undefined ? options : { ...options, ...own });
    known ??= [];
    known[pair] = found;
    return found;
  };
}
