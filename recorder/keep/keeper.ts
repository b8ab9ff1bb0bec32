import type { Clock, Log } from "../../base/index.js";
import {
  atEnd,
  atStart,
  type CapturedCall,
  drawOfCall,
  drawOfHeaders,
  type KeepRules,
  parseKeepRules,
} from "../../tape/index.js";
import type { Recording } from "../capture/recording.js";
import type { KeepOptions } from "./options.js";
import { RateBound } from "./rate-bound.js";

/**
 * Decides which calls are kept, as early as it can be known, so that nothing is held of the others: with the head of the
 * request, with the head of the answer, at the end. What only a body or a regular expression can decide is kept here and
 * left to the writer of the tape, whose thread nobody waits for.
 */
export interface Keeper {
  /** With the head of its request: false when it is left out. */
  begins(recording: Recording): boolean;
  /** While it is open; undefined while that depends on what is to come, so that nothing of it may be stored yet. */
  goesOn(recording: Recording): boolean | undefined;
  /** At its end: false when it is left out. */
  ends(call: CapturedCall): boolean;
  /** For each one that is to be stored: false when the rate is reached, and it is to be dropped. */
  withinRate(): boolean;
  /** The writer left so many out that had been within the rate. */
  leftOut(calls: number): void;
}

/** Keeps every call. */
export const keepAll: Keeper = {
  begins: () => true,
  goesOn: () => true,
  ends: () => true,
  withinRate: () => true,
  leftOut: () => {},
};

/** @throws OperatorError for rules that cannot be read */
export function keeperOf(options: KeepOptions | undefined, env: { clock: Clock; log: Log }): Keeper {
  if (options === undefined) return keepAll;
  const { rules, sample, recorder, mostCallsPerSecond } = options;
  const parsed = rules && parseKeepRules(rules, recorder);
  const inSample = sample === undefined ? () => true : samplerOf(sample, recorder.id.incarnation, env.log);
  const begins = beginsBy(parsed);
  return {
    begins: (recording) => inSample(recording) && begins(recording),
    goesOn: parsed === undefined ? keepAll.goesOn : (recording) => parsed.decide(recording.soFar(), recording.moment),
    ends: parsed === undefined ? keepAll.ends : (call) => parsed.decide(call, atEnd) !== false,
    ...rateOf(mostCallsPerSecond, env.clock),
  };
}

function beginsBy(rules: KeepRules | undefined): Keeper["begins"] {
  return rules === undefined ? keepAll.begins : (recording) => rules.decide(recording.soFar(), atStart) !== false;
}

/** By trace; a call that nothing names is drawn by itself, and that this happens is said once. */
function samplerOf(
  { share, by }: NonNullable<KeepOptions["sample"]>,
  incarnation: string,
  log: Log,
): (recording: Recording) => boolean {
  let isSaid = false;
  return (recording) => {
    const draw = drawOfHeaders(withTraceBeside(recording), by);
    if (draw !== undefined) return draw < share;
    if (!isSaid)
      log.warn({}, "calls come without traceparent and x-request-id: these are sampled one by one, not by trace");
    isSaid = true;
    return drawOfCall(incarnation, recording.sequence) < share;
  };
}

/** At its first hop a call is told before its proxy gave it the trace that all other hops see: that stands beside. */
function withTraceBeside({ head, original, beside }: Recording): readonly string[] {
  const headers = original?.headers ?? head.headers;
  return beside?.traceparent === undefined ? headers : [...headers, "traceparent", beside.traceparent];
}

function rateOf(mostCallsPerSecond: number | undefined, clock: Clock): Pick<Keeper, "withinRate" | "leftOut"> {
  if (mostCallsPerSecond === undefined) return { withinRate: keepAll.withinRate, leftOut: keepAll.leftOut };
  const bound = new RateBound(mostCallsPerSecond, clock.now());
  return { withinRate: () => bound.take(clock.now()), leftOut: (calls) => bound.giveBack(calls) };
}
