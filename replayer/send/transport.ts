import type { AnswerCollector } from "./answer-collector.js";
import type { WireRequest } from "./wire-request.js";

/** One way of putting a request on the wire, to one target. */
export interface Transport {
  /**
   * Sends once and tells the collector what happens; never throws for what the target does. The returned function gives
   * the request up: nothing is sent of it any more, its connection is not used again.
   * Throws an {@link UnsendableRequest} for a request that this client cannot write as it was recorded.
   */
  send(request: WireRequest, collector: AnswerCollector): () => void;
  /** Closes all connections. Safe to call twice. */
  close(): Promise<void>;
}

/** The client refuses to write this request (a control character in a field, a path with spaces). */
export class UnsendableRequest extends Error {}
