/** By consumer: the calls whose live answers it takes values from. */
export type Producers = ReadonlyMap<number, ReadonlySet<number>>;

/** The calls with all that they need, and what that needs; each once. */
export function closedUnder(ids: readonly number[], producers: Producers): number[] {
  const closed = new Set(ids);
  // A set is walked in the order in which it grows.
  for (const id of closed) for (const producer of producers.get(id) ?? []) closed.add(producer);
  return [...closed];
}

/** Without one call, and without all that would then lack a producer. */
export function withoutCall(ids: readonly number[], gone: number, producers: Producers): number[] {
  const left = new Set(ids);
  left.delete(gone);
  for (let changed = true; changed; ) {
    changed = false;
    for (const id of left) {
      const needs = [...(producers.get(id) ?? [])].filter((producer) => ids.includes(producer));
      if (needs.every((producer) => left.has(producer))) continue;
      left.delete(id);
      changed = true;
    }
  }
  return [...left];
}
