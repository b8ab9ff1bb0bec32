import { type PackedBytes, packBytes } from "./compression.js";

/** Packed bytes, and the dictionary that they are unpacked with. */
export interface Packed extends PackedBytes {
  dictionary: number | null;
}

/** What is as long as this holds its own repeats; shorter runs are packed with a dictionary. */
const ownRepeatsBytes = 16 * 1024;
const longestDictionary = 12 * 1024;
const shortestDictionary = 512;
/** After so many runs packed with one dictionary another is made of what came last: traffic changes. */
const runsPerDictionary = 512;
const runsBeforeFirst = 4;

/**
 * Packs the runs of one kind that go into a segment. When little is recorded, runs are short, and each alone would pack
 * badly: they share dictionaries, made of what came shortly before and stored in the segment. `store` stores one and
 * gives its number.
 */
export class Packer {
  readonly #store: (dictionary: Uint8Array) => number;
  #recent: Uint8Array[] = [];
  #recentBytes = 0;
  #runs = 0;
  #dictionary: { number: number; bytes: Uint8Array } | undefined;

  constructor(store: (dictionary: Uint8Array) => number) {
    this.#store = store;
  }

  pack(plain: Uint8Array): Packed {
    if (plain.length >= ownRepeatsBytes) return { dictionary: null, ...packBytes(plain) };
    if (this.#isDue()) this.#makeDictionary();
    this.#remember(plain);
    const dictionary = this.#dictionary;
    const packed = packBytes(plain, dictionary?.bytes);
    // Kept as it is, it needs none.
    const number = packed.bytes === plain ? null : (dictionary?.number ?? null);
    return { dictionary: number, ...packed };
  }

  /** Forgets the dictionary: its row was taken back with what else was being written. */
  forget(): void {
    this.#dictionary = undefined;
    this.#runs = 0;
  }

  #isDue(): boolean {
    if (this.#recentBytes < shortestDictionary) return false;
    return this.#runs >= (this.#dictionary === undefined ? runsBeforeFirst : runsPerDictionary);
  }

  #makeDictionary(): void {
    const bytes = Buffer.concat(this.#recent).subarray(-longestDictionary);
    this.#dictionary = { number: this.#store(bytes), bytes };
    this.#runs = 0;
  }

  /** What came last, up to the length of a dictionary and one more run: copies, for the bytes are the writer's. */
  #remember(plain: Uint8Array): void {
    this.#runs++;
    const kept = Uint8Array.prototype.slice.call(plain, -longestDictionary);
    this.#recent.push(kept);
    this.#recentBytes += kept.length;
    while (this.#recentBytes - this.#recent[0]!.length >= longestDictionary) {
      this.#recentBytes -= this.#recent.shift()!.length;
    }
  }
}
