/** Odd and not known outside, so that no body can be written whose identities all fall on one another. */
const multiplier = Math.floor(Math.random() * 0x7fffffff) * 2 + 1;

const nothing = -1;
const severalTimes = -2;
/** Places begin at {@link severalTimes}. */
const offset = 3;

/** Where identities stand, for so many of them at most: a `Map` of numbers without an object for each. */
export class IdentityTable {
  readonly #identities: Int32Array;
  /** {@link offset} more than the place, so that zero is an empty cell. */
  readonly #places: Int32Array;
  readonly #shift: number;

  constructor(most: number) {
    const bits = Math.max(2, 33 - Math.clz32(most));
    this.#identities = new Int32Array(2 ** bits);
    this.#places = new Int32Array(2 ** bits);
    this.#shift = 32 - bits;
  }

  /** Negative for an identity that is not here, or that was added more than once. */
  get(identity: number): number {
    const cell = this.#cell(identity);
    return this.#places[cell] === 0 ? nothing : this.#at(cell);
  }

  addOnce(identity: number, place: number): void {
    const cell = this.#cell(identity);
    this.#put(cell, identity, this.#places[cell] === 0 ? place : severalTimes);
  }

  /** The place before; negative when there was none. */
  replace(identity: number, place: number): number {
    const cell = this.#cell(identity);
    const before = this.#places[cell] === 0 ? nothing : this.#at(cell);
    this.#put(cell, identity, place);
    return before;
  }

  #at(cell: number): number {
    return this.#places[cell]! - offset;
  }

  #put(cell: number, identity: number, place: number): void {
    this.#identities[cell] = identity;
    this.#places[cell] = place + offset;
  }

  /** Where it is, or else where it would be. */
  #cell(identity: number): number {
    const mask = this.#places.length - 1;
    let cell = Math.imul(identity, multiplier) >>> this.#shift;
    while (this.#places[cell] !== 0 && this.#identities[cell] !== identity) cell = (cell + 1) & mask;
    return cell;
  }
}
