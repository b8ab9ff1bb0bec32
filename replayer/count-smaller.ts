/** Counts how many of the numbers added so far are not above a bound. */
export interface SmallerCounter {
  /** One of the values it was made for. */
  add(value: number): void;
  countUpTo(bound: number): number;
}

/** A Fenwick tree over the ranks of `values`: both operations are O(log n). */
export function countSmaller(values: Iterable<number>): SmallerCounter {
  const sorted = Float64Array.from(values).sort();
  const tree = new Uint32Array(sorted.length + 1);
  return {
    add(value) {
      for (let at = rankOf(sorted, value); at < tree.length; at += at & -at) tree[at]!++;
    },
    countUpTo(bound) {
      let count = 0;
      for (let at = rankOf(sorted, bound); at > 0; at -= at & -at) count += tree[at]!;
      return count;
    },
  };
}

/** How many of the sorted numbers are not above the bound. */
function rankOf(sorted: Float64Array, bound: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
