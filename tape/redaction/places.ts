import type { RedactedPlace } from "../exchange.js";

/** How many places of one message are told apart; what comes after is told as one, `…`. */
const placeLimit = 1000;

/** Before a place where what stands is the same for all values of its form, as the value was too short to stay distinct. */
const byClassMark = "class:";

/** Collects places in order, each once, with the rule that found something there first. */
export class PlaceList {
  /** Most messages that hold a secret hold one: a map is made for the second. */
  private first: RedactedPlace | undefined;
  private firstRule = "";
  private seen: Map<RedactedPlace, string> | undefined;

  add(place: RedactedPlace, rule = "names", byClass = false): void {
    if (this.first === undefined && !byClass) {
      this.first = place;
      this.firstRule = rule;
      return;
    }
    const seen = this.map();
    const told = seen.size < placeLimit ? place : "…";
    if (!seen.has(told)) seen.set(told, rule);
    if (byClass && told === place && !seen.has(byClassMark + place)) seen.set(byClassMark + place, "");
    this.first ??= told;
  }

  private map(): Map<RedactedPlace, string> {
    if (this.seen !== undefined) return this.seen;
    this.seen = new Map();
    if (this.first !== undefined) this.seen.set(this.first, this.firstRule);
    return this.seen;
  }

  addAll(others: PlaceList, asPlace: (place: RedactedPlace) => RedactedPlace = (place) => place): void {
    if (others.first === undefined) return;
    if (others.seen === undefined) {
      this.add(asPlace(others.first), others.firstRule);
      return;
    }
    for (const [place, rule] of others.seen) {
      if (!place.startsWith(byClassMark)) this.add(asPlace(place), rule, others.seen.has(byClassMark + place));
    }
  }

  /** Without what a request needs none of: that a value is compared by class. No copy when there is nothing in it. */
  list(): readonly RedactedPlace[] {
    if (this.first === undefined) return none;
    if (this.seen === undefined) return [this.first];
    return [...this.seen.keys()].filter((place) => !place.startsWith(byClassMark));
  }

  /** With the marks of values that are compared by class. */
  listWithClasses(): readonly RedactedPlace[] {
    if (this.seen === undefined) return this.list();
    return [...this.seen.keys()];
  }

  /** Each place with its rule. */
  *found(): Generator<[place: RedactedPlace, rule: string]> {
    if (this.first === undefined) return;
    for (const [place, rule] of this.map()) if (!place.startsWith(byClassMark)) yield [place, rule];
  }
}

const none: readonly RedactedPlace[] = [];
