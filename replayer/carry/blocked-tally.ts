import type { BlockedSteps, Exchange } from "../../tape/index.js";

/** Groups that are told apart; what comes after is counted, and not listed. */
const mostGroups = 10_000;

/** Counts the Steps that were not sent for want of a value, by lane, route and the call at the root. */
export class BlockedTally {
  readonly #byLane = new Map<string, number>();
  readonly #groups = new Map<string, BlockedSteps>();

  add(lane: string, exchange: Exchange, route: string, by: { by: number; route: string }): void {
    this.#byLane.set(lane, (this.#byLane.get(lane) ?? 0) + 1);
    const key = `${lane}\n${exchange.callee}\n${route}\n${by.by}`;
    const known = this.#groups.get(key);
    if (known !== undefined) known.count++;
    else if (this.#groups.size < mostGroups) {
      const { callee: hop, id: sinceExchange } = exchange;
      const producer = { producerExchange: by.by, producerRoute: by.route };
      this.#groups.set(key, { lane, hop, route, count: 1, sinceExchange, ...producer });
    }
  }

  /** Steps of the lane that lacks most. */
  get most(): number {
    return Math.max(0, ...this.#byLane.values());
  }

  /** The most frequent first. */
  readonly steps = (): BlockedSteps[] => [...this.#groups.values()].sort((a, b) => b.count - a.count);
}
