import { jsonPointer } from "../../../message/index.js";
import type { Difference } from "../../../tape/index.js";
import type { GroupedPlace } from "./places.js";

/** A Difference before it has a place. */
type Unplaced<T> = T extends Difference ? Omit<T, "place" | "grouped"> : never;
export type BodyDifference = Unplaced<Difference>;

/** Reference tokens from the root: member names as text, array indexes as numbers. */
export type BodyPath = readonly (string | number)[];

/** Both sides of a changed value as they are, uncut: what rules look at. */
export type WholeSides = readonly [expected: string, actual: string];

/** What the operator's rules say of a body; see `rules/`. */
export interface BodyRules {
  /** Whether a rule hides this Difference; it is counted there. */
  hides(path: BodyPath, difference: BodyDifference, whole?: WholeSides): boolean;
  /** How the elements of this array are paired, where a rule says so. */
  arrayAt(path: BodyPath): ArrayRule | undefined;
}

/** `unordered`: equal elements are partners wherever they stand. `key`: elements with equal members of these names are. */
export interface ArrayRule {
  unordered?: () => void;
  key?: readonly string[];
}

/** Of one kind at one grouped place: further elements of the same array add nothing that a group would keep. */
const mostAtOnePlace = 10;
/** Different grouped places and kinds in one body; those of structure are counted apart from those of values. */
const mostPlaces = 200;

interface Found {
  order: number;
  difference: Difference;
}

/**
 * The Differences of one body, bounded: at most ten of a kind at one grouped place, at most 200 such places of high
 * severity and 200 of lower, so that many changed values never crowd out a missing field. When places were left out, a
 * last Difference at `body` says how many at least. What a rule hides takes no room.
 */
export class BodyFindings {
  readonly #found: Found[] = [];
  #timesAt: Map<string, number> | undefined;
  readonly #places = { structure: 0, value: 0 };
  readonly #leftOut = { structure: 0, value: 0 };
  readonly #rules: BodyRules | undefined;

  constructor(rules?: BodyRules) {
    this.#rules = rules;
  }

  /** How many Differences were added, those included that a rule hides or that found no room. */
  count = 0;

  /** Whether a Difference of this kind would only be counted: there are ten at the place, and no rule wants to see it. */
  isFull(kind: string, group: () => GroupedPlace): boolean {
    if (this.#rules !== undefined || this.#found.length < mostAtOnePlace) return false;
    const timesAt = this.#counted();
    const { text, full } = group();
    if (!full.includes(kind)) {
      if ((timesAt.get(`${kind} ${text}`) ?? 0) < mostAtOnePlace) return false;
      full.push(kind);
    }
    this.count++;
    return true;
  }

  /**
   * Takes the Difference over: it gets its place.
   *
   * @param order where it stands in the expected body: Differences are given in this order
   */
  add(path: BodyPath, difference: BodyDifference, order = 0, whole?: WholeSides): void {
    this.count++;
    if (this.#rules?.hides(path, difference, whole) === true) return;
    const placed = difference as Difference;
    placed.place = placeOf(path);
    if (needsGrouped(path)) placed.grouped = groupedPlace(path);
    if (this.#takesRoom(placed)) this.#found.push({ order, difference: placed });
  }

  /** A Difference that only the body's absence brings up, and that is somewhere else. */
  addOutside(difference: Difference): void {
    this.#found.push({ order: 0, difference });
  }

  arrayAt(path: () => BodyPath): ArrayRule | undefined {
    return this.#rules?.arrayAt(path());
  }

  all(): Difference[] {
    const found = this.#found.sort((one, other) => one.order - other.order).map(({ difference }) => difference);
    for (const [sort, severity] of [
      ["structure", "high"],
      ["value", "medium"],
    ] as const) {
      const count = this.#leftOut[sort];
      if (count === 0) continue;
      const actual = `${count} or more further differences of ${sort} in this body are not listed`;
      found.push({ kind: "changed-value", place: "body", severity, expected: "…", actual });
    }
    return found;
  }

  /** Most bodies have a Difference or two: nothing is counted before a place could be full. */
  #takesRoom(difference: Difference): boolean {
    if (this.#found.length < mostAtOnePlace) return true;
    const timesAt = this.#counted();
    const times = timesAt.get(keyOf(difference)) ?? 0;
    const sort = sortOf(difference);
    if (times >= mostAtOnePlace) return false;
    if (times === 0 && this.#places[sort] >= mostPlaces) {
      this.#leftOut[sort]++;
      return false;
    }
    this.#countIn(timesAt, difference);
    return true;
  }

  #counted(): Map<string, number> {
    if (this.#timesAt === undefined) {
      this.#timesAt = new Map();
      for (const { difference } of this.#found) this.#countIn(this.#timesAt, difference);
    }
    return this.#timesAt;
  }

  #countIn(timesAt: Map<string, number>, difference: Difference): void {
    const times = timesAt.get(keyOf(difference)) ?? 0;
    timesAt.set(keyOf(difference), times + 1);
    if (times === 0) this.#places[sortOf(difference)]++;
  }
}

function keyOf({ kind, place, grouped }: Difference): string {
  return `${kind} ${grouped ?? place}`;
}

function sortOf({ severity }: Difference): "structure" | "value" {
  return severity === "high" ? "structure" : "value";
}

function placeOf(path: BodyPath): string {
  return path.length === 0 ? "body" : `body:${jsonPointer(path)}`;
}

function groupedPlace(path: BodyPath): string {
  return placeOf(path.map((token) => (typeof token === "number" ? "*" : token)));
}

/** Member names made of digits look like indexes in a pointer: only here are they known apart. */
function needsGrouped(path: BodyPath): boolean {
  for (const token of path) if (typeof token === "number" || isDigits(token)) return true;
  return false;
}

function isDigits(token: string): boolean {
  const first = token.charCodeAt(0);
  return first >= 0x30 && first <= 0x39 && /^\d+$/.test(token);
}
