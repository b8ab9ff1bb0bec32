/** Appends numbers, text and bytes to one buffer that grows; `bytes` is a view until the next `clear`. */
export class ByteWriter {
  #bytes: Buffer;
  #usedBytes = 0;

  constructor(capacityBytes = 16 * 1024) {
    this.#bytes = Buffer.allocUnsafeSlow(capacityBytes);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** What was written so far: a view, good until more is written or `clear` is called. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#usedBytes);
  }

  clear(): void {
    this.#usedBytes = 0;
  }

  /** Takes back what was written after `usedBytes`. */
  cutTo(usedBytes: number): void {
    this.#usedBytes = usedBytes;
  }

  /** A whole number from 0 to 2^53 − 1: seven bits a byte, the low ones first, a set high bit says that more follows. */
  uint(value: number): void {
    this.#makeRoom(8);
    const bytes = this.#bytes;
    let at = this.#usedBytes;
    let rest = value;
    while (rest > 0x7fffffff) {
      bytes[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#usedBytes = at;
  }

  /** A whole number between −2^52 and 2^52, small ones of both signs in few bytes. */
  int(value: number): void {
    this.uint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  /** One byte a character; the caller has seen to it that all are latin1. */
  latin1(text: string): void {
    this.#makeRoom(text.length);
    this.#usedBytes += this.#bytes.write(text, this.#usedBytes, "latin1");
  }

  raw(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#usedBytes);
    this.#usedBytes += bytes.length;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#usedBytes + bytes;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.bytes);
    this.#bytes = grown;
  }
}
