import type { Answer } from "../../tape/index.js";
import { isSameAnswer } from "../compare/index.js";
import { isUnmistakable } from "./links/strength.js";
import { namingOf } from "./links/subject.js";
import type { Link } from "./links/table.js";
import { walkAnswer } from "./values/message.js";
import { PlaceFilter } from "./values/place-filter.js";
import type { Spot } from "./values/spot.js";

/**
 * What a live answer has at the places from which later requests take values; a place that it lacks is missing. Where the
 * recorded value is still among those of a list, at another index, it is what later requests mean: its order changed.
 */
export function liveValuesOf(links: readonly Link[], recorded: Answer, live: Answer): Map<string, string> {
  const wanted = new Set(links.map(({ producerPlace }) => producerPlace));
  const values = new Map<string, string>();
  const mayHaveMoved = [...wanted].some((place) => /\/\d+(?:\/|$)/.test(place)) && !isSameAnswer(recorded, live);
  const lookedFor = new PlaceFilter(wanted);
  const lists = mayHaveMoved ? recordedInLists(wanted, recorded, lookedFor) : undefined;
  const stable = new Map<string, string>();
  const visit = (spot: Spot) => {
    const { place } = spot;
    if (wanted.has(place)) values.set(place, spot.value);
    const inList = lists?.get(spot.groupedPlace);
    if (inList?.has(spot.value)) for (const one of inList.get(spot.value)!) stable.set(one, spot.value);
    return undefined;
  };
  walkAnswer(live, visit, lookedFor);
  for (const [place, value] of stable) values.set(place, value);
  return values;
}

/** By grouped place, the recorded values at the wanted places there, with these. */
function recordedInLists(
  wanted: ReadonlySet<string>,
  recorded: Answer,
  lookedFor: PlaceFilter,
): Map<string, Map<string, string[]>> {
  const found = new Map<string, Map<string, string[]>>();
  const visit = (spot: Spot) => {
    const { place, groupedPlace, value } = spot;
    if (!wanted.has(place) || place === groupedPlace) return undefined;
    const values = found.get(groupedPlace) ?? new Map<string, string[]>();
    values.set(value, [...(values.get(value) ?? []), place]);
    found.set(groupedPlace, values);
    return undefined;
  };
  walkAnswer(recorded, visit, lookedFor);
  return found;
}

/** A value at a place where its route makes new ones. */
export interface ProducedValue {
  value: string;
  /** Its place with array indexes as `*`. */
  groupedPlace: string;
  isNumber: boolean;
  subjects: readonly string[];
}

/** The places at which a route makes values anew. */
export class ProducingPlaces {
  readonly #lookedFor: PlaceFilter;

  constructor(private readonly grouped: ReadonlySet<string>) {
    this.#lookedFor = new PlaceFilter(grouped);
  }

  /** What an answer has there, by concrete place. */
  valuesOf(answer: Answer, noun: string): Map<string, ProducedValue> {
    const found = new Map<string, ProducedValue>();
    const visit = (spot: Spot) => {
      if (!this.grouped.has(spot.groupedPlace)) return undefined;
      const { value, groupedPlace, isNumber } = spot;
      found.set(spot.place, { value, groupedPlace, isNumber, subjects: namingOf(spot, noun).subjects });
      return undefined;
    };
    walkAnswer(answer, visit, this.#lookedFor);
    return found;
  }
}

/**
 * Tells live values that the recording has elsewhere in the same answer: a list came in another order, nothing was made anew
 * there. A value that is unmistakable tells so alone; one that a count may reach again does where all that one
 * side has, in their list or in all of the answer, the other has too.
 */
export function movedIn(
  recorded: ReadonlyMap<string, ProducedValue>,
  live: ReadonlyMap<string, ProducedValue>,
): (was: ProducedValue, now: ProducedValue) => boolean {
  const [before, after] = [stockOf(recorded), stockOf(live)];
  return (was, now) => {
    if (was.value === now.value || !before.get(wholeAnswer)!.has(now.value)) return false;
    if (isUnmistakable(now.value)) return true;
    return [was.groupedPlace, wholeAnswer].some((list) => isSameStock(before.get(list), after.get(list)));
  };
}

const wholeAnswer = "";

/** The values of each list, and of the whole answer. */
function stockOf(values: ReadonlyMap<string, ProducedValue>): Map<string, Set<string>> {
  const stock = new Map<string, Set<string>>([[wholeAnswer, new Set()]]);
  for (const { value, groupedPlace } of values.values()) {
    stock.get(wholeAnswer)!.add(value);
    stock.set(groupedPlace, (stock.get(groupedPlace) ?? new Set()).add(value));
  }
  return stock;
}

function isSameStock(one: ReadonlySet<string> = new Set(), other: ReadonlySet<string> = new Set()): boolean {
  const [fewer, more] = one.size <= other.size ? [one, other] : [other, one];
  return [...fewer].every((value) => more.has(value));
}

/** Whether a live value may stand for a recorded one: both are of one class. */
export function isOfOneClass(recorded: ProducedValue, live: ProducedValue): boolean {
  if (recorded.isNumber !== live.isNumber) return false;
  return classOf(recorded.value) === classOf(live.value) || bothHex(recorded.value, live.value);
}

function classOf(value: string): string {
  if (/^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value)) return "uuid";
  if (/^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(value)) return "jwt";
  if (/^-?\d+(?:\.\d+)?$/.test(value)) return "number";
  return "text";
}

/** A hash may happen to be of digits alone. */
function bothHex(one: string, other: string): boolean {
  return one.length === other.length && one.length >= 8 && /^[0-9a-f]+$/i.test(one) && /^[0-9a-f]+$/i.test(other);
}

/** Whether the live answer went as the recorded one: what else it holds is no value to carry. */
export function isOfSameStatusClass(recorded: Answer, live: Answer): boolean {
  if (live.kind !== "response") return false;
  return !("status" in recorded) || Math.floor(recorded.status / 100) === Math.floor(live.status / 100);
}
