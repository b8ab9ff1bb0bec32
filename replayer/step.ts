import type { NotSentReason, RedactedPlace } from "../tape/index.js";
import type { ClockBounds } from "./order/index.js";

/**
 * A call planned for sending. Numbers alone: what is sent is read from the tape when its turn comes. Times are nanoseconds since the first Step's recorded start (exact up to 104 days).
 */
export interface Step {
  /** Index in its run, from 0, in tape order. */
  step: number;
  exchangeId: number;
  startedNs: number;
  /** When its recorded answer had ended; absent where the vantage cannot know, and for an answer left open. */
  endedNs?: number;
  /** The recorded answer never ended: it holds nobody back. */
  open: boolean;
  /** Which recorder's clock its times are of, as an index into those of the plan; the first where it is absent. */
  clock?: number;
  recordedStatus?: number;
}

/** Steps in order, as a StepTable or an array holds them. */
export interface StepList extends Iterable<Step> {
  readonly length: number;
  /** From the end where it is negative. */
  at(index: number): Step | undefined;
  /** By corrected clocks some come in another order than on the tape. */
  readonly isReordered?: boolean;
  /** How often the same Exchanges are in it, one pass after the other; once where it is absent. */
  readonly passes?: number;
}

/** What is sent of a tape, and what is not. */
export interface Plan {
  /** In order of their start, on the common scale of the recorders' clocks: that is tape order but for clocks that are off. */
  steps: StepList;
  /** Recorded start of the first Step, in nanoseconds since the epoch. */
  firstNs: bigint;
  notSent: ReadonlyMap<NotSentReason, number>;
  /** Pseudonyms in the requests of Steps, with the number of Steps each is met in. */
  redacted: ReadonlyMap<RedactedPlace, number>;
  /** Hosts, with port where given, that the Steps' calls were made to, and that recorders forwarded to. */
  authorities: ReadonlySet<string>;
  /** Services that the Steps' calls were made to. */
  callees: ReadonlySet<string>;
  /** How sure the order of moments of several recorders is; absent where one clock told all of them. */
  clocks?: ClockBounds;
  /** A Step was recorded over HTTP/2 or may be gRPC, so it is worth asking whether a target speaks it. */
  mayNeedHttp2: boolean;
  /** One of the Steps was recorded over HTTP/2. */
  wasHttp2: boolean;
}

/** How long the recorded answer took, in milliseconds. */
export function recordedMs(step: Step): number | undefined {
  return step.endedNs === undefined ? undefined : (step.endedNs - step.startedNs) / 1e6;
}

/** An answer may take ten times as long as the recorded one did, and never less than this, before it is given up. */
const leastStepTimeoutMs = 30_000;

/** How long to wait for a Step's answer, in milliseconds. */
export function timeoutMsOf(step: Step, chosenMs?: number): number {
  return chosenMs ?? Math.max(leastStepTimeoutMs, 10 * (recordedMs(step) ?? 0));
}
