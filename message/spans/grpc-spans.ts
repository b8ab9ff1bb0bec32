import { grpcPrefixBytes } from "../grpc.js";
import { noSpans, type Span, type SpanFinder } from "./span-finder.js";

/**
 * Finds the messages of a gRPC body ("gRPC over HTTP2", Length-Prefixed-Message), each with its prefix. A flag other
 * than 0, 1 and gRPC-Web's 128 (trailers) ends the finding: the body is no gRPC.
 */
export class GrpcSpans implements SpanFinder {
  /** Of the message at hand; its bytes so far, the prefix's among them. */
  #offset = 0;
  #seenBytes = 0;
  #messageBytes = 0;
  #isLost = false;

  push(bytes: Uint8Array): readonly Span[] {
    let found: Span[] | undefined;
    for (let at = 0; at < bytes.length && !this.#isLost; ) {
      at = this.#seenBytes < grpcPrefixBytes ? this.#prefixByte(bytes, at) : this.#skip(bytes, at);
      if (!this.#isWhole()) continue;
      found ??= [];
      found.push(this.#next());
    }
    return found ?? noSpans;
  }

  #prefixByte(bytes: Uint8Array, at: number): number {
    const byte = bytes[at]!;
    if (this.#seenBytes === 0) this.#isLost = (byte & 0x7f) > 1;
    else this.#messageBytes = this.#messageBytes * 256 + byte;
    this.#seenBytes++;
    return at + 1;
  }

  #skip(bytes: Uint8Array, at: number): number {
    const skipped = Math.min(bytes.length - at, grpcPrefixBytes + this.#messageBytes - this.#seenBytes);
    this.#seenBytes += skipped;
    return at + skipped;
  }

  #isWhole(): boolean {
    return this.#seenBytes >= grpcPrefixBytes && this.#seenBytes === grpcPrefixBytes + this.#messageBytes;
  }

  #next(): Span {
    const span = { offset: this.#offset, length: this.#seenBytes };
    this.#offset += this.#seenBytes;
    this.#seenBytes = 0;
    this.#messageBytes = 0;
    return span;
  }
}
