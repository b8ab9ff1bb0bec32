const pageBits = 2 ** 15;

/** A set of the sequences of a recorder: a bit each, in pages. What was added since the last `commit` can be discarded. */
export class SequenceSet {
  readonly #pages = new Map<number, Uint32Array>();
  readonly #staged: number[] = [];

  has(sequence: number): boolean {
    const page = this.#pages.get(Math.floor(sequence / pageBits));
    const bit = sequence % pageBits;
    return page !== undefined && (page[bit >>> 5]! & (1 << (bit & 31))) !== 0;
  }

  add(sequence: number): void {
    const page = this.#pageOf(sequence);
    const bit = sequence % pageBits;
    page[bit >>> 5]! |= 1 << (bit & 31);
    this.#staged.push(sequence);
  }

  commit(): void {
    this.#staged.length = 0;
  }

  discard(): void {
    for (const sequence of this.#staged) {
      const bit = sequence % pageBits;
      this.#pageOf(sequence)[bit >>> 5]! &= ~(1 << (bit & 31));
    }
    this.#staged.length = 0;
  }

  #pageOf(sequence: number): Uint32Array {
    const number = Math.floor(sequence / pageBits);
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = new Uint32Array(pageBits / 32);
      this.#pages.set(number, page);
    }
    return page;
  }
}
