import type { RedactedPlace } from "../exchange.js";

/** How many places of one message are told apart; what comes after is told as one, `…`. */
const placeLimit = 1000;

/** Collects places in order, each once. */
export class PlaceList {
  /** Made when needed: most messages hold no secret. */
  private seen: Set<RedactedPlace> | undefined;

  add(place: RedactedPlace): void {
    this.seen ??= new Set();
    this.seen.add(this.seen.size < placeLimit ? place : "…");
  }

  addAll(others: PlaceList): void {
    for (const place of others.list()) this.add(place);
  }

  /** No copy when there is nothing in it. */
  list(): readonly RedactedPlace[] {
    return this.seen === undefined ? none : [...this.seen];
  }
}

const none: readonly RedactedPlace[] = [];
