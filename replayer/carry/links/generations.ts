/**
 * A map that forgets what was not asked for in a long time: when the young half is full it becomes the old one, and the
 * old one goes. Whatever is found in the old half is young again.
 */
export class Generations<V> {
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  /** How often half of it was forgotten. */
  turns = 0;

  /** `half`: how many entries each half holds. */
  constructor(private readonly half: number) {}

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    if (this.#young.size >= this.half && !this.#young.has(key)) {
      this.#old = this.#young;
      this.#young = new Map();
      this.turns++;
    }
    this.#young.set(key, value);
  }
}
