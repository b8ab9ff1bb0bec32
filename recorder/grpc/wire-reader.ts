/**
 * Reads protobuf's wire format ("Encoding", protobuf.dev) field by field, without a schema, without copies. Strings come
 * as latin1: header values are bytes, and the tape keeps them so. Throws a RangeError for what runs past its end.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  #at = 0;
  #end: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#end = bytes.length;
  }

  /** Whether there is another field in the message at hand. */
  get hasMore(): boolean {
    return this.#at < this.#end;
  }

  /** Up to 2^53 exactly; of negative numbers (ten bytes) only that they are not 0. */
  varint(): number {
    let byte = this.#byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let factor = 0x80;
    do {
      byte = this.#byte();
      value += (byte & 0x7f) * factor;
      factor *= 0x80;
    } while (byte >= 0x80 && factor < 2 ** 77);
    return value;
  }

  double(): number {
    const from = this.#skip(8);
    return this.#view.getFloat64(from, true);
  }

  text(): string {
    const length = this.varint();
    const from = this.#skip(length);
    return this.#bytes.toString("latin1", from, from + length);
  }

  /** A view into what is read. */
  bytes(): Uint8Array {
    const length = this.varint();
    const from = this.#skip(length);
    return this.#bytes.subarray(from, from + length);
  }

  /**
   * Begins a message inside this one: until `leave`, `hasMore` and what is read are of that message.
   *
   * @returns what `leave` is to be given
   */
  enter(): number {
    const length = this.varint();
    const outer = this.#end;
    if (this.#at + length > outer) throw overrun();
    this.#end = this.#at + length;
    return outer;
  }

  /** Goes on with the message around, behind the one that was entered. */
  leave(outer: number): void {
    this.#at = this.#end;
    this.#end = outer;
  }

  /** Leaves out the value of a field. Groups, which no proto3 message has, are refused. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        this.varint();
        return;
      case 1:
        this.#skip(8);
        return;
      case 2:
        this.#skip(this.varint());
        return;
      case 5:
        this.#skip(4);
        return;
      default:
        throw new RangeError(`wire type ${tag & 7} is not of proto3`);
    }
  }

  /** @returns where the bytes begin that were passed over */
  #skip(length: number): number {
    const from = this.#at;
    if (from + length > this.#end) throw overrun();
    this.#at = from + length;
    return from;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw overrun();
    return this.#bytes[this.#at++]!;
  }
}

function overrun(): RangeError {
  return new RangeError("a protobuf message ends in the middle of a field");
}
