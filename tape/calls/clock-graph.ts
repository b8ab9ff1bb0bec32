import { anywhere, type Interval } from "./common-interval.js";

/** By how much `to`'s clock is behind `from`'s, in nanoseconds: what is added to a time of `to` to compare it with one of `from`. */
export interface ClockBound extends Interval {
  from: string;
  to: string;
}

/** All that follows from a set of bounds. */
export interface ClockGraph {
  /** Of `to` against `from`; infinite where no chain of bounds leads from one to the other. */
  between(from: string, to: string): Interval;
  /** The clocks that are tied to each other, each group in order of their names. */
  readonly groups: readonly (readonly string[])[];
  /** By how much the bounds contradict each other, in nanoseconds; 0 when they do not. All were loosened by it. */
  readonly contradictionNs: number;
}

interface Edge {
  to: number;
  /** offset(to) − offset(from) is at most this. */
  most: number;
}

/**
 * Bounds on differences of offsets, chained: offset(b) − offset(a) ≤ w is an edge a → b of length w, and what follows for
 * two clocks is the shortest way between them (a system of difference constraints, solved by Bellman and Ford). Bounds
 * that contradict each other are a circle of negative length; they are loosened, all alike, until there is none.
 */
export function clockGraph(bounds: readonly ClockBound[]): ClockGraph {
  const names = [...new Set(bounds.flatMap(({ from, to }) => [from, to]))].sort();
  const places = new Map(names.map((name, at) => [name, at]));
  const contradictionNs = contradictionOf(names.length, (slack) => edgesOf(bounds, places, slack));
  const edges = edgesOf(bounds, places, contradictionNs);
  const known = new Map<number, readonly number[]>();
  const from = (place: number) => {
    const distances = known.get(place) ?? distancesFrom(edges, place);
    known.set(place, distances);
    return distances;
  };
  return {
    between(a, b) {
      if (a === b) return { lo: 0, hi: 0 };
      const [one, other] = [places.get(a), places.get(b)];
      if (one === undefined || other === undefined) return anywhere;
      return { lo: -from(other)[one]!, hi: from(one)[other]! };
    },
    groups: groupsOf(names, edges),
    contradictionNs,
  };
}

function edgesOf(bounds: readonly ClockBound[], places: ReadonlyMap<string, number>, slack: number): Edge[][] {
  const edges: Edge[][] = Array.from(places, () => []);
  for (const { from, to, lo, hi } of bounds) {
    const [a, b] = [places.get(from)!, places.get(to)!];
    if (hi < Number.POSITIVE_INFINITY) edges[a]!.push({ to: b, most: hi + slack });
    if (lo > Number.NEGATIVE_INFINITY) edges[b]!.push({ to: a, most: slack - lo });
  }
  return edges;
}

/** Doubled until it is enough: a recorder's clock that drifted is out by micro- or milliseconds. */
function contradictionOf(size: number, edgesWith: (slack: number) => Edge[][]): number {
  if (!hasNegativeCircle(edgesWith(0), size)) return 0;
  let slack = 1_000;
  while (hasNegativeCircle(edgesWith(slack), size)) slack *= 2;
  return slack;
}

function hasNegativeCircle(edges: readonly (readonly Edge[])[], size: number): boolean {
  const distances = new Array<number>(size).fill(0);
  for (let round = 0; round < size; round++) {
    if (!relaxed(edges, distances)) return false;
  }
  return relaxed(edges, distances);
}

function distancesFrom(edges: readonly (readonly Edge[])[], start: number): readonly number[] {
  const distances = new Array<number>(edges.length).fill(Number.POSITIVE_INFINITY);
  distances[start] = 0;
  // Without a negative circle no way is longer than all places; sums of large numbers may still creep by rounding.
  for (let round = 0; round <= edges.length && relaxed(edges, distances); round++);
  return distances;
}

/** One round of Bellman and Ford; whether anything became shorter. */
function relaxed(edges: readonly (readonly Edge[])[], distances: number[]): boolean {
  let shorter = false;
  for (const [from, leading] of edges.entries()) {
    const here = distances[from]!;
    if (here === Number.POSITIVE_INFINITY) continue;
    for (const { to, most } of leading) {
      if (here + most >= distances[to]!) continue;
      distances[to] = here + most;
      shorter = true;
    }
  }
  return shorter;
}

function groupsOf(names: readonly string[], edges: readonly (readonly Edge[])[]): string[][] {
  const neighbours: number[][] = names.map(() => []);
  for (const [from, leading] of edges.entries()) {
    for (const { to } of leading) {
      neighbours[from]!.push(to);
      neighbours[to]!.push(from);
    }
  }
  const seen = new Set<number>();
  const groups: string[][] = [];
  for (const start of names.keys()) {
    if (seen.has(start)) continue;
    const group = [start];
    seen.add(start);
    for (const at of group) {
      for (const next of neighbours[at]!) if (seen.size < seen.add(next).size) group.push(next);
    }
    groups.push(group.sort((a, b) => a - b).map((at) => names[at]!));
  }
  return groups;
}
