import { OperatorError } from "../../base/index.js";
import {
  type KeepTexts,
  parseKeepRules,
  type RecorderDescription,
  refuseUnknowable,
  type SampleKey,
  type Vantage,
} from "../../tape/index.js";

/** Which of the calls it sees a recorder keeps. All, without any of these. */
export interface KeepOptions {
  /** As conditions see the recorder: its name, where it runs, its clock. */
  recorder: RecorderDescription;
  /** The writer must have been opened with the same: what only bodies and regular expressions decide is decided there. */
  rules?: KeepTexts;
  /** Whole traces: a share from 0 to 1, and what names a trace. */
  sample?: { share: number; by: SampleKey };
  /** A bound, so what is beyond it is dropped, not sampled out. */
  mostCallsPerSecond?: number;
}

/** Throws an OperatorError that names the first that cannot be at these vantages. */
export function checkKeepOptions(
  { recorder, rules, sample, mostCallsPerSecond }: KeepOptions,
  vantages: readonly Vantage[],
): void {
  if (rules !== undefined) {
    parseKeepRules(rules, recorder);
    refuseUnknowable(rules, vantages);
  }
  if (sample !== undefined && !(sample.share >= 0 && sample.share <= 1)) {
    throw new OperatorError(`recorder: the share of a sample must be from 0 to 1 (got ${sample.share})`);
  }
  if (mostCallsPerSecond !== undefined && !(mostCallsPerSecond > 0)) {
    throw new OperatorError(`recorder: the most calls a second must be more than 0 (got ${mostCallsPerSecond})`);
  }
}
