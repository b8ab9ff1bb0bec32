import { type CapturedBody, type KeyedHasher, keyedHasher, type RedactionKey } from "../../tape/index.js";

/** No body. */
export const noBody: CapturedBody = { pieces: [], fullBytes: 0 };

/**
 * The first bytes of a body as they pass, up to a cap; beyond it bytes are counted and hashed only. The hash begins
 * when the cap is met, over what was kept and then over the rest: a body that is kept whole is hashed by the store.
 */
export class KeptBody {
  readonly #pieces: Uint8Array[] = [];
  readonly #maxBytes: number;
  readonly #key: RedactionKey;
  #keptBytes = 0;
  #fullBytes = 0;
  #hasher: KeyedHasher | undefined;
  #hash: Uint8Array | undefined;

  constructor(maxBytes: number, key: RedactionKey) {
    this.#maxBytes = maxBytes;
    this.#key = key;
  }

  get isCut(): boolean {
    return this.#fullBytes > this.#keptBytes;
  }

  /** How many bytes of a piece of this length would be kept. */
  roomFor(pieceBytes: number): number {
    return Math.min(pieceBytes, this.#maxBytes - this.#keptBytes);
  }

  /** Takes the piece itself, not a copy: nobody may write into it afterwards. */
  add(piece: Uint8Array): void {
    const kept = this.roomFor(piece.length);
    if (kept < piece.length) this.#hashOnwards(piece);
    if (kept > 0) this.#pieces.push(kept === piece.length ? piece : piece.subarray(0, kept));
    this.#keptBytes += kept;
    this.#fullBytes += piece.length;
  }

  #hashOnwards(piece: Uint8Array): void {
    if (this.#hasher === undefined) {
      this.#hasher = keyedHasher(this.#key);
      for (const kept of this.#pieces) this.#hasher.update(kept);
    }
    this.#hasher.update(piece);
  }

  /** What was kept, for the store; nothing is added afterwards. May be called again. */
  finish(): CapturedBody {
    const whole = { pieces: this.#pieces, fullBytes: this.#fullBytes };
    if (this.#hasher !== undefined) this.#hash = this.#hasher.digest();
    this.#hasher = undefined;
    return this.#hash === undefined ? whole : { ...whole, hash: this.#hash };
  }

  /** What was kept so far of a body that is still coming: bytes beyond the cap are told at its end. */
  soFar(): CapturedBody {
    return { pieces: this.#pieces.slice(), fullBytes: this.#keptBytes };
  }
}
