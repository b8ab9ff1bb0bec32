/** Odd and not known outside, so that no body can be written whose identities all fall on one another. */
const multiplier = Math.floor(Math.random() * 0x7fffffff) * 2 + 1;

const nothing = -1;
const severalTimes = -2;
/** Places begin at {@link severalTimes}. */
const offset = 3;

/** Where identities stand, for so many of them at most: a `Map` of numbers without an object for each. */
export class IdentityTable {
  /** An identity, and {@link offset} more than its place, so that zero is an empty cell. */
  readonly #cells: Int32Array;
  readonly #shift: number;

  constructor(most: number) {
    // Between a third and two thirds of the cells are taken.
    const bits = Math.max(2, 32 - Math.clz32(most + (most >> 1)));
    this.#cells = new Int32Array(2 ** (bits + 1));
    this.#shift = 32 - bits;
  }

  /** Negative for an identity that is not here, or that was added more than once. */
  get(identity: number): number {
    const cell = this.#cell(identity);
    return this.#cells[cell + 1] === 0 ? nothing : this.#cells[cell + 1]! - offset;
  }

  addOnce(identity: number, place: number): void {
    const cell = this.#cell(identity);
    this.#put(cell, identity, this.#cells[cell + 1] === 0 ? place : severalTimes);
  }

  /** The place before; negative when there was none. */
  replace(identity: number, place: number): number {
    const cell = this.#cell(identity);
    const before = this.#cells[cell + 1] === 0 ? nothing : this.#cells[cell + 1]! - offset;
    this.#put(cell, identity, place);
    return before;
  }

  #put(cell: number, identity: number, place: number): void {
    this.#cells[cell] = identity;
    this.#cells[cell + 1] = place + offset;
  }

  /** Where it is, or else where it would be. */
  #cell(identity: number): number {
    const cells = this.#cells;
    const mask = cells.length - 1;
    let cell = (Math.imul(identity, multiplier) >>> this.#shift) << 1;
    while (cells[cell + 1] !== 0 && cells[cell] !== identity) cell = (cell + 2) & mask;
    return cell;
  }
}
