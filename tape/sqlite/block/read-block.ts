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
  /** Where each record begins, from the beginning of the first; one more for the end of the last. */
  readonly #offsets: Float64Array;
  readonly #recordsAt: number;
  readonly #shapes: Float64Array;
  readonly #starts: Float64Array;
  readonly #sequences: Float64Array;
  #inTapeOrder: Uint32Array | undefined;

  /** Throws a RangeError when the bytes are no block of so many Exchanges. */
  constructor(plain: Buffer, exchanges: number, base: BlockBase) {
    this.#base = base;
    this.#plain = plain;
    const from = new ByteReader(plain);
    // Each takes four bytes in the directory at least: nothing is made for what cannot be there.
    if (from.uint() !== exchanges || exchanges * 4 > plain.length)
      throw new RangeError("a block does not hold the Exchanges it is said to");
    this.#offsets = new Float64Array(exchanges + 1);
    this.#shapes = new Float64Array(exchanges);
    this.#starts = new Float64Array(exchanges);
    this.#sequences = new Float64Array(exchanges);
    let records = 0;
    for (let at = 0; at < exchanges; at++) {
      this.#offsets[at] = records;
      records += from.uint();
      this.#shapes[at] = from.uint();
      this.#starts[at] = from.int();
      this.#sequences[at] = from.int();
    }
    this.#offsets[exchanges] = records;
    if (from.at + records !== plain.length) throw new RangeError("a block is not as long as its records");
    this.#recordsAt = from.at;
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

  /** Their places in tape order: mostly that in which they stand. */
  get inTapeOrder(): Uint32Array {
    this.#inTapeOrder ??= this.#sorted();
    return this.#inTapeOrder;
  }

  /** Whether these bytes stand in it anywhere: what does not is in none of its Exchanges. */
  contains(text: string): boolean {
    return this.#plain.includes(text, 0, "latin1");
  }

  /** A reader that stands at the beginning of a record. */
  record(at: number): ByteReader {
    return new ByteReader(this.#plain, this.#recordsAt + this.#offsets[at]!, this.#recordsAt + this.#offsets[at + 1]!);
  }

  #sorted(): Uint32Array {
    const [starts, sequences] = [this.#starts, this.#sequences];
    const compare = (a: number, b: number) => starts[a]! - starts[b]! || sequences[a]! - sequences[b]!;
    const places = new Uint32Array(this.exchanges);
    let isSorted = true;
    for (let at = 0; at < places.length; at++) {
      places[at] = at;
      isSorted &&= at === 0 || compare(at - 1, at) <= 0;
    }
    return isSorted ? places : places.sort(compare);
  }
}
