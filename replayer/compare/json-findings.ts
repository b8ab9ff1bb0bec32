import { jsonPointer } from "../../message/index.js";
import type { Difference, Severity } from "../../tape/index.js";

/** A Difference before it has a place. */
type Unplaced<T> = T extends Difference ? Omit<T, "place" | "grouped"> : never;
export type JsonDifference = Unplaced<Difference>;

/** Reference tokens from the root: member names as text, array indexes as numbers. */
export type JsonPath = readonly (string | number)[];

/** Of one kind at one grouped place: further elements of the same array add nothing that a group would keep. */
const mostAtOnePlace = 10;
/** Different grouped places and kinds in one body; those of structure are counted apart from those of values. */
const mostPlaces = 200;

/**
 * The Differences of one body, bounded: at most ten of a kind at one grouped place, at most 200 such places of high
 * severity and 200 of lower, so that many changed values never crowd out a missing field. When places were left out, a
 * last Difference at `body` says how many at least.
 */
export class JsonFindings {
  readonly #found: Difference[] = [];
  readonly #timesAt = new Map<string, number>();
  readonly #places = { structure: 0, value: 0 };
  readonly #leftOut = { structure: 0, value: 0 };

  add(path: JsonPath, difference: JsonDifference): void {
    const grouped = groupedPlace(path);
    const key = `${difference.kind} ${grouped}`;
    const times = this.#timesAt.get(key) ?? 0;
    if (times >= mostAtOnePlace || (times === 0 && !this.#hasRoom(difference.severity))) return;
    this.#timesAt.set(key, times + 1);
    const place = placeOf(path);
    this.#found.push({ ...difference, place, ...(needsGrouped(path) && { grouped }) } as Difference);
  }

  all(): Difference[] {
    for (const [sort, severity] of [
      ["structure", "high"],
      ["value", "medium"],
    ] as const) {
      const count = this.#leftOut[sort];
      if (count === 0) continue;
      const actual = `${count} or more further differences of ${sort} in this body are not listed`;
      this.#found.push({ kind: "changed-value", place: "body", severity, expected: "…", actual });
    }
    return this.#found;
  }

  #hasRoom(severity: Severity): boolean {
    const sort = severity === "high" ? "structure" : "value";
    if (this.#places[sort] < mostPlaces) {
      this.#places[sort]++;
      return true;
    }
    this.#leftOut[sort]++;
    return false;
  }
}

function placeOf(path: JsonPath): string {
  return path.length === 0 ? "body" : `body:${jsonPointer(path)}`;
}

function groupedPlace(path: JsonPath): string {
  return placeOf(path.map((token) => (typeof token === "number" ? "*" : token)));
}

/** Member names made of digits look like indexes in a pointer: only here are they known apart. */
function needsGrouped(path: JsonPath): boolean {
  return path.some((token) => typeof token === "number" || /^\d+$/.test(token));
}
