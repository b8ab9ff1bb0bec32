import type { StubMiss, StubSummary } from "../../tape/index.js";

/** More routes than this are counted together. */
const mostMisses = 1_000;

/** Counts what a stub did. */
export class StubTally {
  readonly #service: string;
  readonly #misses = new Map<string, StubMiss>();
  #served = 0;
  #inferred = 0;
  #missed = 0;

  constructor(service: string) {
    this.#service = service;
  }

  served(inferred: boolean): void {
    this.#served++;
    if (inferred) this.#inferred++;
  }

  missed(miss: Omit<StubMiss, "count">): void {
    this.#missed++;
    const { callee, route, why } =
      this.#misses.size < mostMisses ? miss : { ...miss, callee: "(others)", route: "(others)" };
    const key = JSON.stringify([callee, route, why]);
    const known = this.#misses.get(key);
    this.#misses.set(
      key,
      known === undefined ? { ...miss, callee, route, count: 1 } : { ...known, count: known.count + 1 },
    );
  }

  summary(): StubSummary {
    const misses = [...this.#misses.values()].sort((a, b) => b.count - a.count || (a.route < b.route ? -1 : 1));
    return { service: this.#service, served: this.#served, inferred: this.#inferred, missed: this.#missed, misses };
  }
}
