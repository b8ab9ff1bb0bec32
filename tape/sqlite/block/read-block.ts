import { ByteReader } from "./byte-reader.js";

/** What the row of a block says of where its numbers count from. */
export interface BlockBase {
  baseNs: bigint;
  baseSequence: number;
}

/** A block that was unpacked: its directory is read at once, its records when asked for. */
export class ReadBlock {
  readonly #base: BlockBase;
  readonly #plain: Buffer;
  /** Where each record begins; one more for the end of the last. */
  readonly #offsets: number[];
  readonly #shapes: number[] = [];
  readonly #starts: number[] = [];
  readonly #sequences: number[] = [];

  /** Throws a RangeError when the bytes are no block of so many Exchanges. */
  constructor(plain: Buffer, exchanges: number, base: BlockBase) {
    this.#base = base;
    this.#plain = plain;
    const from = new ByteReader(plain);
    if (from.uint() !== exchanges) throw new RangeError("a block does not hold the Exchanges it is said to");
    const lengths: number[] = [];
    for (let at = 0; at < exchanges; at++) {
      lengths.push(from.uint());
      this.#shapes.push(from.uint());
      this.#starts.push(from.int());
      this.#sequences.push(from.int());
    }
    let offset = from.at;
    this.#offsets = [offset];
    for (const length of lengths) {
      offset += length;
      this.#offsets.push(offset);
    }
    if (offset !== plain.length) throw new RangeError("a block is not as long as its records");
  }

  get exchanges(): number {
    return this.#shapes.length;
  }

  shapeNumber(at: number): number {
    return this.#shapes[at]!;
  }

  startedNs(at: number): bigint {
    return this.#base.baseNs + BigInt(this.#starts[at]!);
  }

  sequence(at: number): number {
    return this.#base.baseSequence + this.#sequences[at]!;
  }

  /** Whether these bytes stand in it anywhere: what does not is in none of its Exchanges. */
  contains(text: string): boolean {
    return this.#plain.includes(text, 0, "latin1");
  }

  /** A reader that stands at the beginning of a record. */
  record(at: number): ByteReader {
    return new ByteReader(this.#plain, this.#offsets[at]!, this.#offsets[at + 1]!);
  }
}
