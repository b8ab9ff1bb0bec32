import type { KnownBody, Sent } from "./answer-collector.js";

/** What is expected of an answer. */
export interface Expected {
  /** It is given up when it has not ended after this. */
  timeoutMs: number;
  /** A body that is likely to come. */
  known?: KnownBody;
  /** It is a stream that never ended: once its head has come it is left, `open`, this long after the request. */
  openMs?: number;
}

/** Whom a sender tells what became of a request: one of the two, once. */
export interface Landing {
  landed(sent: Sent): void;
  /**
   * Nothing that a target did: an `UnsendableRequest` for a request that cannot be written, an OperatorError when this
   * machine cannot open another connection.
   */
  lost(error: unknown): void;
}
