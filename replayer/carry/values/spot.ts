import { jsonPointer } from "../../../message/index.js";

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
  /** Reference tokens below `base`, in a JSON document. */
  readonly keys: (string | number)[] = [];

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

  get place(): string {
    return this.keys.length === 0 ? this.base : this.base + jsonPointer(this.keys);
  }

  /** With array indexes as `*`. */
  get groupedPlace(): string {
    return this.keys.length === 0
      ? this.base
      : this.base + jsonPointer(this.keys.map((key) => (typeof key === "number" ? "*" : key)));
  }
}

/** Looks at a value, and gives what is to stand there instead; undefined leaves it, and what is inside is looked at. */
export type Visit = (spot: Spot) => string | undefined;
