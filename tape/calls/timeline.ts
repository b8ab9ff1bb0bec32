import type { ExchangeHead } from "../exchange.js";
import { type Clocks, unknownClocks } from "./clocks.js";
import type { Interval } from "./common-interval.js";

/** When a sighting was, on the tape's common scale: nanoseconds after its zero, corrected as far as is known. */
export interface Moments {
  /** The incarnation whose clock these are of. */
  clock: string;
  startNs: number;
  /** When its answer began, where it was seen to. */
  answerNs?: number;
  /** When its answer had ended, where it was seen to. */
  endNs?: number;
}

/** How far the clocks of two recorders are taken to be apart where no call ties them to each other. */
export const assumedClockNs = 10_000_000;

/** The moments of a tape on one scale, and how sure their order is. */
export interface Timeline {
  readonly clocks: Clocks;
  momentsOf(head: ExchangeHead): Moments;
  /** A moment of the tape as nanoseconds since the epoch. */
  epochNs(atNs: number): bigint;
  /**
   * What is added to (moment of `to` − moment of `from`) to get what it may truly be; zeros for one clock. Where nothing
   * ties the two, ± 10 ms: good enough to infer by, never to be sure by.
   */
  slack(from: string, to: string): Interval;
  /** Whether a chain of calls seen on both sides ties the two clocks, so that `slack` is known and not assumed. */
  isTied(from: string, to: string): boolean;
}

export function timelineOf(zeroNs: bigint, clocks: Clocks = unknownClocks): Timeline {
  /** By the one clock, then the other: asked for with every two sightings that are compared. */
  const slacks = new Map<string, Map<string, Interval>>();
  const correction = new Map<string, number>();
  const correctionOf = (clock: string) => {
    const known = correction.get(clock) ?? clocks.correctionNs(clock);
    correction.set(clock, known);
    return known;
  };
  return {
    clocks,
    momentsOf: ({ recorder, startedNs, answerStartedNs, answerEndedNs }) => {
      const clock = recorder.incarnation;
      const startNs = Number(startedNs - zeroNs) + correctionOf(clock);
      const moments: Moments = { clock, startNs };
      if (answerStartedNs !== undefined) moments.answerNs = startNs + Number(answerStartedNs - startedNs);
      if (answerEndedNs !== undefined) moments.endNs = startNs + Number(answerEndedNs - startedNs);
      return moments;
    },
    epochNs: (atNs) => zeroNs + BigInt(Math.round(atNs)),
    slack(from, to) {
      if (from === to) return none;
      const known = slacks.get(from)?.get(to);
      if (known !== undefined) return known;
      const { lo, hi } = clocks.between(from, to);
      const moved = correctionOf(to) - correctionOf(from);
      const slack = {
        lo: Number.isFinite(lo) ? lo - moved : Math.min(-assumedClockNs, hi - moved),
        hi: Number.isFinite(hi) ? hi - moved : Math.max(assumedClockNs, lo - moved),
      };
      slacks.set(from, (slacks.get(from) ?? new Map<string, Interval>()).set(to, slack));
      return slack;
    },
    isTied(from, to) {
      if (from === to) return true;
      const { lo, hi } = clocks.between(from, to);
      return Number.isFinite(lo) && Number.isFinite(hi);
    },
  };
}

const none: Interval = { lo: 0, hi: 0 };

/** Whether moment `b` of `to` may be after (or at) moment `a` of `from`. */
export function mayBeAfter({ slack }: Timeline, from: string, a: number, to: string, b: number): boolean {
  return b - a + slack(from, to).hi >= 0;
}
