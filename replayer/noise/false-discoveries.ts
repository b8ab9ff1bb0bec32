/**
 * The greatest p that may be called a discovery when at most this share of discoveries is to be false: Benjamini and
 * Hochberg, "Controlling the False Discovery Rate" (1995), section 3. 0 when none may. `chances` in any order.
 */
export function discoveryBound(chances: readonly number[], falseShare: number): number {
  const ascending = chances.toSorted((one, other) => one - other);
  const last = ascending.findLastIndex((chance, at) => chance <= ((at + 1) / ascending.length) * falseShare);
  return last === -1 ? 0 : ascending[last]!;
}
