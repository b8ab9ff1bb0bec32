import type { Answer, BlockedSteps, Exchange, Request } from "../../tape/index.js";

/** One Step that has to wait for another's live answer, in every lane. */
export interface CarriedPair {
  /** Exchange ids. */
  producer: number;
  consumer: number;
  /** Indexes of the same two in the plan. */
  producerStep: number;
  consumerStep: number;
}

/** What becomes of a Step's request in one lane. */
export type Prepared =
  /** The recorded request itself when nothing in it is to be replaced. */
  | { kind: "send"; request: Request }
  /** It needs a value that the Step of this Exchange should have answered, and did not: not to be sent in this lane. */
  | { kind: "blocked"; by: number };

/**
 * State that follows the live session: what live answers produce replaces the recorded values in later requests, and
 * credentials that no recorded answer produced come from providers. One for a run; lanes are told apart by name and never
 * see each other's values. What it holds stays in this process's memory: nothing of it is logged or stored.
 */
export interface Carry {
  /** In the order of the consumers; every pair once. */
  pairs(): Iterable<CarriedPair>;
  /** The Steps whose live answers a Step needs, each once; mostly none. */
  producersOf(step: number): readonly number[];
  /** The Step holds a redacted value that nothing replaces, and `--skip-redacted` leaves it out, in every lane. */
  leavesOut(step: number): boolean;
  /** Before a Step is sent to a lane: the producers it waits for have landed there. */
  prepare(exchange: Exchange, step: number, lane: string): Prepared;
  /** The live Answer of a Step that was sent to a lane, before redaction. */
  landed(exchange: Exchange, step: number, lane: string, answer: Answer): void;
  /** A Step was not sent to a lane for a reason of its own (it cannot be written): those that need it are blocked. */
  unsent(exchange: Exchange, step: number, lane: string): void;
  /**
   * Live Answers after redaction, as they would read had they produced the recorded values: for comparing. A produced
   * value is so compared by its class where it is produced, and exactly wherever it is met later. `lanes` and `answers` go
   * together, the reference's first. The very same objects come back when there is nothing to do.
   */
  asRecorded(exchange: Exchange, step: number, lanes: readonly string[], answers: readonly Answer[]): readonly Answer[];
  /** What was done so far, for the report. */
  tally(): CarryTally;
  /** What an operator should know before the run, one sentence each. */
  readonly warnings: readonly string[];
  /** Ends what providers still have to do. */
  close(): void;
}

/** What carrying did in a run. */
export interface CarryTally {
  /** Values that requests need of earlier answers. */
  links: number;
  /** Of these, in how many requests and lanes they were replaced by live values. */
  carried: number;
  /** Values that providers gave. */
  provided: number;
  /** Steps that were not sent in the lane that lacks most. */
  blocked: number;
  /** The same by lane, route and cause, the most frequent first. */
  blockedSteps: readonly BlockedSteps[];
}
