import type { Sighting } from "./sighting.js";

/** From any identifier of a user request to the one that stands for all of them. */
export type TraceKeys = (identifier: string) => string;

/** A service may pass on one identifier and drop the other: two that were met on one sighting name one user request. */
export function linkTraces(sightings: Iterable<Sighting>): TraceKeys {
  const leader = new Map<string, string>();
  const find: TraceKeys = (identifier) => {
    let at = identifier;
    for (let next = leader.get(at); next !== undefined; next = leader.get(at)) {
      // Halving the way for the next time keeps long chains of links cheap.
      const afterNext = leader.get(next);
      if (afterNext !== undefined) leader.set(at, afterNext);
      at = next;
    }
    return at;
  };
  for (const { identifiers } of sightings) {
    const [first, second] = identifiers.map(find);
    if (first !== undefined && second !== undefined && first !== second) leader.set(second, first);
  }
  return find;
}
