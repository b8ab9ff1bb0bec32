import { keyedHashBytes } from "../../redaction/index.js";
import { type BodyIdentity, bodiesPerShelf, directoryEntryBytes } from "./body-shelf.js";

// Two generations of so many: 20 MB when there are as many different bodies.
const mostInGeneration = 2 ** 18;
const smallestSlots = 2 ** 10;

/**
 * Where the bodies of a segment are, by their identity: for the last quarter of a million different ones at least. 96 bits
 * of a keyed hash are compared: that two different bodies of a segment are taken for equal has a chance below 10^-15. What
 * was added since the last `commit` can be discarded.
 */
export class KnownBodies {
  #current = new Generation();
  #previous = new Generation();
  #staged: Words[] = [];

  /** The body's number; undefined where none is known. */
  find(identity: BodyIdentity): number | undefined {
    const words = wordsOf(identity.hash, identity.check);
    return this.#current.find(words) ?? this.#previous.find(words);
  }

  add(identity: BodyIdentity, number: number): void {
    const words = wordsOf(identity.hash, identity.check);
    this.#put(words, number);
    this.#staged.push(words);
  }

  commit(): void {
    if (this.#staged.length > 0) this.#staged = [];
  }

  discard(): void {
    for (const words of this.#staged) {
      this.#current.forget(words);
      this.#previous.forget(words);
    }
    this.#staged = [];
  }

  /** Takes over a shelf that is stored already. */
  addShelf(shelf: number, directory: Buffer): void {
    for (let start = 0, at = 0; start < directory.length; start += directoryEntryBytes, at++) {
      const check = directory.readUInt32LE(start + keyedHashBytes);
      this.#put(wordsOf(directory.subarray(start), check), shelf * bodiesPerShelf + at);
    }
  }

  #put(words: Words, number: number): void {
    if (this.#current.size >= mostInGeneration) {
      this.#previous = this.#current;
      this.#current = new Generation();
    }
    this.#current.put(words, number);
  }
}

type Words = readonly [number, number, number];

function wordsOf(hash: Uint8Array, check: number): Words {
  return [wordAt(hash, 0), wordAt(hash, 4), (wordAt(hash, 8) ^ check) >>> 0];
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** What a slot holds in place of a body's number, which is kept plus two. */
const free = 0;
const forgotten = 1;

/** A hash table with open addressing: three words and a number a slot, 20 bytes. */
class Generation {
  size = 0;
  #words = new Uint32Array(smallestSlots * 3);
  #numbers = new Float64Array(smallestSlots);

  find(words: Words): number | undefined {
    const held = this.#numbers[this.#slotOf(words)]!;
    return held <= forgotten ? undefined : held - 2;
  }

  put(words: Words, number: number): void {
    if (this.size * 2 >= this.#numbers.length) this.#grow();
    const slot = this.#slotOf(words);
    if (this.#numbers[slot] === free) this.size++;
    this.#words.set(words, slot * 3);
    this.#numbers[slot] = number + 2;
  }

  /** Its slot stays taken, so that what was put behind it is still found. */
  forget(words: Words): void {
    const slot = this.#slotOf(words);
    if (this.#numbers[slot] !== free) this.#numbers[slot] = forgotten;
  }

  #slotOf([a, b, c]: Words): number {
    const mask = this.#numbers.length - 1;
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      if (this.#numbers[slot] === free) return slot;
      const at = slot * 3;
      if (this.#words[at] === a && this.#words[at + 1] === b && this.#words[at + 2] === c) return slot;
    }
  }

  #grow(): void {
    const words = this.#words;
    const numbers = this.#numbers;
    this.#words = new Uint32Array(words.length * 2);
    this.#numbers = new Float64Array(numbers.length * 2);
    this.size = 0;
    for (let slot = 0; slot < numbers.length; slot++) {
      const at = slot * 3;
      if (numbers[slot]! > forgotten) this.put([words[at]!, words[at + 1]!, words[at + 2]!], numbers[slot]! - 2);
    }
  }
}
