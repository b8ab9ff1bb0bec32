/** What an edge has done since it was opened. */
export interface Observed {
  calls: number;
  delayed: number;
  aborted: number;
  /** Copies sent. */
  mirrored: number;
  /** No route of the host's VirtualService took the call, or its destination is not in the lab. */
  unrouted: number;
  /** The service could not be reached. */
  unreachable: number;
}

export function nothingObserved(): Observed {
  return { calls: 0, delayed: 0, aborted: 0, mirrored: 0, unrouted: 0, unreachable: 0 };
}
