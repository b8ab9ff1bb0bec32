import type { Behaviour } from "./behave/behaviour.js";
import type { Peers } from "./peers.js";

/** What an endpoint may use of the process it runs in. */
export interface Service {
  name: string;
  peers: Peers;
  behaviour: Behaviour | undefined;
  /** Named counters, from 0: the only state there is. */
  counts: Map<string, number>;
}

/** Adds one to a counter and gives the new value. */
export function countUp(service: Pick<Service, "counts">, name: string): number {
  const next = (service.counts.get(name) ?? 0) + 1;
  service.counts.set(name, next);
  return next;
}
