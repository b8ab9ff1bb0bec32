import type { NotSentReason, RedactedPlace } from "../tape/index.js";

/**
 * A call planned for sending. Numbers alone, so that the plan of millions stays small: what is sent is read from the
 * tape when its turn comes. Times are nanoseconds since the first Step's recorded start (exact up to 104 days).
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
  recordedStatus?: number;
}

/** What is sent of a tape, and what is not. */
export interface Plan {
  /** In tape order. */
  steps: readonly Step[];
  /** Recorded start of the first Step, in nanoseconds since the epoch. */
  firstNs: bigint;
  notSent: ReadonlyMap<NotSentReason, number>;
  /** Pseudonyms in the requests of Steps, with the number of Steps each is met in. */
  redacted: ReadonlyMap<RedactedPlace, number>;
  /** Hosts, with port where given, that the Steps' calls were made to, and that recorders forwarded to. */
  authorities: ReadonlySet<string>;
  /** Services that the Steps' calls were made to. */
  callees: ReadonlySet<string>;
  /** A Step was recorded over HTTP/2 or may be gRPC, so it is worth asking whether a target speaks it. */
  mayNeedHttp2: boolean;
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
