/** What covers something: an Exchange and the numbers of the features that it has. */
export interface Covering {
  id: number;
  features: readonly number[];
}

/** One that was chosen, and how many features nothing chosen before it had. */
export interface Chosen {
  id: number;
  brings: number;
}

/**
 * A small set that together has every feature: greedily, the one that brings most each time, of equals the one with the
 * lowest id. What is `pinned` comes first, whatever it brings. The greedy choice is at most 1 + ln(f) times as large as the
 * smallest set, f being the most features of one (Chvátal 1979); to find the smallest is NP-hard.
 *
 * What one brings only ever falls, so who is still best after it was counted anew needs no look at the others.
 */
export function coverSet(candidates: readonly Covering[], pinned: readonly number[] = []): Chosen[] {
  const covered = new Set<number>();
  const chosen: Chosen[] = [];
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const take = (candidate: Covering) => {
    chosen.push({ id: candidate.id, brings: bringsOf(candidate, covered) });
    for (const feature of candidate.features) covered.add(feature);
  };
  for (const id of [...new Set(pinned)].sort((a, b) => a - b)) take(byId.get(id) ?? { id, features: [] });
  const queue = new BestFirst(candidates.map((candidate) => ({ candidate, brings: bringsOf(candidate, covered) })));
  for (let best = queue.pop(); best !== undefined && best.brings > 0; best = queue.pop()) {
    const brings = bringsOf(best.candidate, covered);
    const isStillBest = brings === best.brings;
    if (isStillBest) take(best.candidate);
    else if (brings > 0) queue.push({ candidate: best.candidate, brings });
  }
  return chosen;
}

function bringsOf({ features }: Covering, covered: ReadonlySet<number>): number {
  let brings = 0;
  for (const feature of features) if (!covered.has(feature)) brings++;
  return brings;
}

interface Bid {
  candidate: Covering;
  brings: number;
}

/** A binary heap: most first, of equals the lowest id. */
class BestFirst {
  readonly #bids: Bid[] = [];

  constructor(bids: readonly Bid[]) {
    for (const bid of bids) this.push(bid);
  }

  push(bid: Bid): void {
    let at = this.#bids.push(bid) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(this.#bids[at]!, this.#bids[parent]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): Bid | undefined {
    const best = this.#bids[0];
    const last = this.#bids.pop();
    if (best === undefined || last === undefined || this.#bids.length === 0) return best;
    this.#bids[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let first = at;
      for (const child of [left, right]) {
        const bid = this.#bids[child];
        if (bid !== undefined && isBefore(bid, this.#bids[first]!)) first = child;
      }
      if (first === at) return best;
      this.#swap(at, first);
      at = first;
    }
  }

  #swap(a: number, b: number): void {
    const held = this.#bids[a]!;
    this.#bids[a] = this.#bids[b]!;
    this.#bids[b] = held;
  }
}

function isBefore(a: Bid, b: Bid): boolean {
  return a.brings !== b.brings ? a.brings > b.brings : a.candidate.id < b.candidate.id;
}
