/**
 * What a line of an answer stands for: the last part of its place, linked to what it is in, so that a deep one takes no more
 * room than a shallow one. `body:/ratings/0` is `0` in `ratings` in `body:`.
 */
export interface LinePlace {
  within?: LinePlace;
  part: string;
}

/** From a place as it is written: `status`, `header:etag`, `body:/ratings/0`. */
export function linePlace(place: string): LinePlace {
  const [root = "", ...parts] = place.split("/");
  return parts.reduce((within: LinePlace, part) => ({ within, part }), { part: root });
}

/** How a line's place stands to the place that is looked for. */
export type Reach = "apart" | "at" | "inside";

/** The places of the lines of two answers by numbers, equal ones by one; what a place is in has a lower number. */
export class PlaceNumbers {
  readonly #known = new Map<LinePlace, number>();
  readonly #numbers = new Map<string, number>();
  /** By number: what each is in, -1 for none, and its last part. */
  readonly #within: number[] = [];
  readonly #parts: string[] = [];

  /** Climbs and never calls itself: places may be of any depth. */
  numberOf(place: LinePlace): number {
    const below: LinePlace[] = [];
    let number = -1;
    for (let here: LinePlace | undefined = place; here !== undefined; here = here.within) {
      const known = this.#known.get(here);
      if (known !== undefined) {
        number = known;
        break;
      }
      below.push(here);
    }
    for (let here = below.pop(); here !== undefined; here = below.pop()) {
      number = this.#numberIn(number, here.part);
      this.#known.set(here, number);
    }
    return number;
  }

  /** For each number so far: how its place stands to the one looked for, in which `*` is any array index. */
  reachOf(place: string): (number: number) => Reach {
    const wanted = place.split("/");
    // How many of the wanted parts lead to each place: 0 where it lies apart, one more than there are where it lies inside.
    const met = new Uint32Array(this.#parts.length);
    for (let number = 0; number < met.length; number++) {
      const within = this.#within[number]!;
      const before = within === -1 ? 0 : met[within]!;
      if (within !== -1 && before === 0) continue;
      if (before >= wanted.length) met[number] = wanted.length + 1;
      else if (isPart(wanted[before]!, this.#parts[number]!)) met[number] = before + 1;
    }
    return (number) => (met[number]! < wanted.length ? "apart" : met[number] === wanted.length ? "at" : "inside");
  }

  #numberIn(within: number, part: string): number {
    const key = `${within} ${part}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#parts.length);
    this.#within.push(within);
    return this.#parts.push(part) - 1;
  }
}

function isPart(wanted: string, part: string): boolean {
  return wanted === part || (wanted === "*" && /^\d+$/.test(part));
}
