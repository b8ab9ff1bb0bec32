import type { RedactedPlace } from "../exchange.js";

/** How many places of one message are told apart; what comes after is told as one, `…`. */
const placeLimit = 1000;

/** Before a place where what stands is the same for all values of its form, as the value was too short to stay distinct. */
const byClassMark = "class:";

/** Collects places in order, each once, with the rule that found something there first. */
export class PlaceList {
  /** Made when needed: most messages hold no secret. */
  private seen: Map<RedactedPlace, string> | undefined;

  add(place: RedactedPlace, rule = "names", byClass = false): void {
    this.seen ??= new Map();
    const told = this.seen.size < placeLimit ? place : "…";
    if (!this.seen.has(told)) this.seen.set(told, rule);
    if (byClass && told === place && !this.seen.has(byClassMark + place)) this.seen.set(byClassMark + place, "");
  }

  addAll(others: PlaceList, asPlace: (place: RedactedPlace) => RedactedPlace = (place) => place): void {
    if (others.seen === undefined) return;
    for (const [place, rule] of others.seen) {
      if (!place.startsWith(byClassMark)) this.add(asPlace(place), rule, others.seen.has(byClassMark + place));
    }
  }

  /** Without what a request needs none of: that a value is compared by class. No copy when there is nothing in it. */
  list(): readonly RedactedPlace[] {
    if (this.seen === undefined) return none;
    return [...this.seen.keys()].filter((place) => !place.startsWith(byClassMark));
  }

  /** With the marks of values that are compared by class. */
  listWithClasses(): readonly RedactedPlace[] {
    return this.seen === undefined ? none : [...this.seen.keys()];
  }

  /** Each place with its rule. */
  *found(): Generator<[place: RedactedPlace, rule: string]> {
    for (const [place, rule] of this.seen ?? []) if (!place.startsWith(byClassMark)) yield [place, rule];
  }
}

const none: readonly RedactedPlace[] = [];
