import { escapePointerToken } from "../../../message/index.js";

/**
 * One value in a message and where it stands. A walk hands out one Spot again and again: what is to last is copied.
 *
 * Places are those of redaction where it has one: `path/2` (the second segment), `query:token`, `header:x-cart`,
 * `cookie:sid`, `set-cookie:sid`, `form:field`, `body:/a/0/b`. What stands decoded inside a value follows after a bar:
 * `header:location|path/2`, `body:/token|jwt:/sub`, `query:state|base64:/cart`, `body|input:csrf`.
 */
export class Spot {
  /** Decoded: no percent-encoding, no escapes. Of a JSON number its lexeme. */
  value = "";
  isNumber = false;
  readonly #keys: Key[] = [];
  readonly #places = new Containers((key) => key);
  readonly #grouped = new Containers((key) => (typeof key === "number" ? "*" : key));

  constructor(
    /** The place without `keys`. */
    public base: string,
    /** What the place is called where it has no keys: the field's name, or the segment before. */
    public label = "",
    /** How many decodings deep. */
    readonly depth = 0,
    /** Inside a JSON Web Token: it can be read, and not written, for nobody here can sign it again. */
    readonly isSigned = false,
  ) {}

  /** Reference tokens below `base`, in a JSON document. */
  get keys(): readonly Key[] {
    return this.#keys;
  }

  get place(): string {
    return this.#keys.length === 0 ? this.base : this.#places.at(this.base, this.#keys);
  }

  /** With array indexes as `*`. */
  get groupedPlace(): string {
    return this.#keys.length === 0 ? this.base : this.#grouped.at(this.base, this.#keys);
  }

  /** Within an array, not within an object in it. */
  get isInArray(): boolean {
    return typeof this.#keys.at(-1) === "number";
  }

  /** Goes before the first element of an array, or the first member of an object. */
  enter(container: "array" | "object"): void {
    this.#keys.push(container === "array" ? -1 : "");
  }

  leave(): void {
    this.#keys.pop();
  }

  /** Goes to the next element, within an array; a member is gone to by its name. */
  advance(): void {
    const last = this.#keys.at(-1);
    if (typeof last === "number") this.#goTo(last + 1);
  }

  /** Goes to a member of the object that was entered last. */
  goToMember(name: string): void {
    this.#goTo(name);
  }

  #goTo(key: Key): void {
    this.#keys[this.#keys.length - 1] = key;
    this.#places.forget(this.#keys.length);
    this.#grouped.forget(this.#keys.length);
  }
}

type Key = string | number;

/** The places of the containers that a Spot is in, the outermost first: all that is in one shares the beginning. */
class Containers {
  /** Of the first so many they are known. */
  #known = 0;
  readonly #places: string[] = [];

  constructor(private readonly tokenOf: (key: Key) => Key) {}

  at(base: string, keys: readonly Key[]): string {
    const last = keys.length - 1;
    for (; this.#known <= last; this.#known++) {
      const { [this.#known - 1]: outer } = this.#places;
      this.#places[this.#known] = outer === undefined ? base : this.#within(outer, keys[this.#known - 1]!);
    }
    return this.#within(this.#places[last]!, keys[last]!);
  }

  /** Those that are so deep, or deeper, are others now. */
  forget(depth: number): void {
    if (this.#known > depth) this.#known = depth;
  }

  #within(place: string, key: Key): string {
    const token = this.tokenOf(key);
    return `${place}/${typeof token === "number" ? token : escapePointerToken(token)}`;
  }
}

/** Looks at a value, and gives what is to stand there instead; undefined leaves it, and what is inside is looked at. */
export type Visit = (spot: Spot) => string | undefined;
