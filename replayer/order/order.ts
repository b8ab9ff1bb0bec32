import type { Step } from "../step.js";

/**
 * Says what must have ended before a Step may be sent. Steps are offered in tape order; a Step is final when its
 * Outcome is known in every lane, a failure or a timeout included.
 */
export interface Order {
  /**
   * Takes the next Step and calls `go` once, at once or later, when nothing it has to wait for is left. While the
   * returned promise is pending no further Step is to be offered; undefined means that the next may come.
   */
  take(step: Step, go: () => void): Promise<void> | undefined;
  /** The Step's Outcome is known. Each Step that went is said to be final once. */
  final(step: Step): void;
}

export interface OrderKind {
  name: string;
  /** What it promises, in one sentence, for help and report. */
  promise: string;
  start(options: { concurrency: number }): Order;
}
