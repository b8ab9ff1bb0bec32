const chunkBits = 4096;
const chunkWords = chunkBits / 32;

/**
 * A set of Step numbers in chunks of bits: at most one bit a Step where it is dense, 512 bytes for each stretch of
 * 4,096 Steps where it is sparse. A divergence met in all of two million Steps takes 250 kB.
 */
export class StepSet {
  readonly #chunks = new Map<number, Uint32Array>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(step: number): void {
    const at = Math.floor(step / chunkBits);
    let chunk = this.#chunks.get(at);
    if (chunk === undefined) {
      chunk = new Uint32Array(chunkWords);
      this.#chunks.set(at, chunk);
    }
    const word = (step % chunkBits) >>> 5;
    const bit = 1 << (step & 31);
    if ((chunk[word]! & bit) !== 0) return;
    chunk[word]! |= bit;
    this.#size++;
  }

  has(step: number): boolean {
    const chunk = this.#chunks.get(Math.floor(step / chunkBits));
    return chunk !== undefined && (chunk[(step % chunkBits) >>> 5]! & (1 << (step & 31))) !== 0;
  }

  /** The Steps in both. */
  and(other: StepSet): StepSet {
    return this.#combined(other, (mine, theirs) => mine & theirs);
  }

  /** The Steps in this and not in the other. */
  without(other: StepSet): StepSet {
    return this.#combined(other, (mine, theirs) => mine & ~theirs);
  }

  #combined(other: StepSet, combine: (mine: number, theirs: number) => number): StepSet {
    const found = new StepSet();
    for (const [at, chunk] of this.#chunks) {
      const theirs = other.#chunks.get(at) ?? noSteps;
      const words = chunk.map((word, index) => combine(word, theirs[index]!));
      const size = countOf(words);
      if (size === 0) continue;
      found.#chunks.set(at, words);
      found.#size += size;
    }
    return found;
  }
}

const noSteps = new Uint32Array(chunkWords);

function countOf(words: Uint32Array): number {
  let count = 0;
  for (let word of words) for (; word !== 0; word &= word - 1) count++;
  return count;
}
