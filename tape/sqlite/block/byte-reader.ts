const mostScale = 2 ** 53;

/** Reads what `ByteWriter` wrote. Throws a RangeError when the bytes end too early or are nothing it could have written. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    if (start > end || end > bytes.length) throw new RangeError("a run of packed bytes ends too early");
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get at(): number {
    return this.#at;
  }

  uint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      if (this.#at >= this.#end) throw new RangeError("a run of packed bytes ends within a number");
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
      if (scale > mostScale) throw new RangeError("a packed number is too large");
    }
  }

  int(): number {
    const folded = this.uint();
    return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
  }

  latin1(length: number): string {
    const start = this.#take(length);
    return this.#bytes.toString("latin1", start, start + length);
  }

  /** A view. */
  raw(length: number): Buffer {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  #take(length: number): number {
    const start = this.#at;
    if (start + length > this.#end) throw new RangeError("a run of packed bytes ends too early");
    this.#at = start + length;
    return start;
  }
}
