import type { Step } from "../step.js";
import type { ClockBounds } from "./clocks.js";
import type { OrderKeys } from "./keys.js";

/**
 * Says what must have ended before a Step may be sent. Steps are offered in the order of their starts; a Step is final when
 * its Outcome is known in every lane, a failure or a timeout included.
 */
export interface Order {
  /**
   * Takes the next Step and calls `go` once, at once or later, when nothing it has to wait for is left. While the
   * returned promise is pending no further Step is to be offered; undefined means that the next may come.
   */
  take(step: Step, go: () => void, needs?: StepNeeds): Promise<void> | undefined;
  /** The Step's Outcome is known. Each Step that went is said to be final once. */
  final(step: Step): void;
  /** Nothing more will be sent: no Step is held back from now on, one that is held is let go, and both without being sent. */
  letGo(): void;
}

/** What ties a Step to others, where the order asks for it. */
export interface StepNeeds {
  keys: OrderKeys;
  /** Steps whose live answers hold values it needs, each before it. */
  producers: readonly number[];
  /** What it keeps in memory while it is held. */
  bytes: number;
}

/** What an order stands on. */
export interface OrderOptions {
  /** Most Steps in flight, where the order bounds them. */
  concurrency: number;
  /** Due times hold the Steps back, so that the order need not bound how many are in flight. */
  isPaced?: boolean;
  /** Of several recorders; absent for one clock. */
  clocks?: ClockBounds | undefined;
}

export interface OrderKind {
  name: string;
  /** What it promises, in one sentence, for help and report. */
  promise: string;
  /** Whether `take` is to be given what ties a Step to others; `producers`: these alone, where there are any. */
  asksForNeeds?: true | "producers";
  start(options: OrderOptions): Order;
}
