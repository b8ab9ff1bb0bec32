import { hash } from "node:crypto";

/** SHA-256's block and digest. */
const blockBytes = 64;
const digestBytes = 32;
/** Longer messages get a buffer of their own. */
const usualBytes = 4096;

/**
 * HMAC-SHA256 (RFC 2104) with one key, as two calls of Node's one-shot hash: for the short messages it is made for these
 * take two thirds of the time of `createHmac`.
 */
export class MacKey {
  /** The key's block for the inner hash, with room for a message behind it. */
  readonly #inner = Buffer.alloc(blockBytes + usualBytes, 0x36);
  /** The same for the outer one, with room for the inner digest. */
  readonly #outer = Buffer.alloc(blockBytes + digestBytes, 0x5c);

  /** @param key at most 64 bytes */
  constructor(key: Uint8Array) {
    if (key.length > blockBytes) throw new RangeError(`a key of ${key.length} bytes; at most ${blockBytes}`);
    for (const [at, byte] of key.entries()) {
      this.#inner[at]! ^= byte;
      this.#outer[at]! ^= byte;
    }
  }

  /** Of a text in this encoding: 32 bytes, one a character. */
  mac(text: string, encoding: "utf8" | "latin1"): string {
    const messageBytes = Buffer.byteLength(text, encoding);
    const inner = this.#innerWithRoom(messageBytes);
    inner.write(text, blockBytes, encoding);
    const digest = hash("sha256", inner.subarray(0, blockBytes + messageBytes), "binary");
    this.#outer.write(digest, blockBytes, "latin1");
    return hash("sha256", this.#outer, "binary");
  }

  #innerWithRoom(messageBytes: number): Buffer {
    if (messageBytes <= usualBytes) return this.#inner;
    const own = Buffer.allocUnsafe(blockBytes + messageBytes);
    this.#inner.copy(own, 0, 0, blockBytes);
    return own;
  }
}
