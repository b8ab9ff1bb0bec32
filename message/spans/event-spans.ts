import { noSpans, type Span, type SpanFinder } from "./span-finder.js";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const colon = 0x3a;
const byteOrderMark = [0xef, 0xbb, 0xbf];

/**
 * Finds the events of a `text/event-stream` (WHATWG HTML, section 9.2.6): from their first line to the blank line that
 * ends them (of a CR LF that ends this line the CR). Lines that are comments only, as servers send them to keep a
 * connection open, are no event. What follows the last blank line is none either: it never takes effect.
 */
export class EventSpans implements SpanFinder {
  #seenBytes = 0;
  /** Where the lines since the last blank one begin. */
  #offset: number | undefined;
  #isLineStart = true;
  #hasField = false;
  #afterReturn = false;

  push(bytes: Uint8Array): readonly Span[] {
    let found: Span[] | undefined;
    for (const byte of bytes) {
      const span = this.#byte(byte);
      this.#seenBytes++;
      if (span === undefined) continue;
      found ??= [];
      found.push(span);
    }
    return found ?? noSpans;
  }

  #byte(byte: number): Span | undefined {
    const completesReturn = this.#afterReturn && byte === lineFeed;
    this.#afterReturn = byte === carriageReturn;
    if (completesReturn || byte === byteOrderMark[this.#seenBytes]) return undefined;
    if (byte === lineFeed || byte === carriageReturn) return this.#lineEnd();
    this.#offset ??= this.#seenBytes;
    if (this.#isLineStart && byte !== colon) this.#hasField = true;
    this.#isLineStart = false;
    return undefined;
  }

  #lineEnd(): Span | undefined {
    const isBlank = this.#isLineStart;
    this.#isLineStart = true;
    if (!isBlank) return undefined;
    const event = this.#hasField ? { offset: this.#offset!, length: this.#seenBytes + 1 - this.#offset! } : undefined;
    this.#offset = undefined;
    this.#hasField = false;
    return event;
  }
}
