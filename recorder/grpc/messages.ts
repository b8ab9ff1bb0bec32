import { grpcPrefixBytes } from "../../message/index.js";

/**
 * Takes the messages out of a gRPC stream while its bytes come, in whatever pieces. A message inside one piece is a view
 * into it. A compressed message, and one above the bound, throws a RangeError: Envoy sends neither.
 */
export class GrpcMessages {
  readonly #mostBytes: number;
  readonly #take: (message: Uint8Array) => void;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** Prefix and message at hand; the prefix alone while it is not whole. */
  #neededBytes = grpcPrefixBytes;

  constructor(mostBytes: number, take: (message: Uint8Array) => void) {
    this.#mostBytes = mostBytes;
    this.#take = take;
  }

  /** Bytes of a message that is not whole yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  push(piece: Uint8Array): void {
    let bytes = piece;
    if (this.#heldBytes > 0) {
      this.#held.push(piece);
      this.#heldBytes += piece.length;
      if (this.#heldBytes < this.#neededBytes) return;
      bytes = Buffer.concat(this.#held);
    }
    this.#keep(this.#takeFrom(bytes));
  }

  /** @returns what follows the last whole message */
  #takeFrom(bytes: Uint8Array): Uint8Array {
    let at = 0;
    for (;;) {
      this.#neededBytes = grpcPrefixBytes;
      if (bytes.length - at < grpcPrefixBytes) return bytes.subarray(at);
      this.#neededBytes += this.#messageBytes(bytes, at);
      if (bytes.length - at < this.#neededBytes) return bytes.subarray(at);
      this.#take(bytes.subarray(at + grpcPrefixBytes, at + this.#neededBytes));
      at += this.#neededBytes;
    }
  }

  #messageBytes(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== 0) throw new RangeError("a gRPC message is compressed, or the stream is no gRPC");
    const length = new DataView(bytes.buffer, bytes.byteOffset + at + 1, 4).getUint32(0);
    if (length > this.#mostBytes) throw new RangeError(`a gRPC message of ${length} bytes is above the bound`);
    return length;
  }

  #keep(rest: Uint8Array): void {
    this.#held = rest.length > 0 ? [rest] : [];
    this.#heldBytes = rest.length;
  }
}
