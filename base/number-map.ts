/**
 * A map from whole numbers, of which many come and go; `NaN` is none. Not a `Map`, for the reason told at `Roster`. Its tables
 * grow and do not shrink.
 */
export class NumberMap<V extends object> {
  #keys = new Float64Array(16);
  /** Absent where the place is free. Keys that fall on one place follow each other without a gap (linear probing). */
  #values: (V | undefined)[] = emptied(16);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: number): V | undefined {
    return this.#values[this.#placeOf(key)];
  }

  set(key: number, value: V): void {
    const place = this.#placeOf(key);
    const isNew = this.#values[place] === undefined;
    this.#keys[place] = key;
    this.#values[place] = value;
    if (isNew && ++this.#size * 2 > this.#values.length) this.#grow();
  }

  delete(key: number): boolean {
    const mask = this.#values.length - 1;
    let free = this.#placeOf(key);
    if (this.#values[free] === undefined) return false;
    this.#size--;
    // Those that follow move up, as far as none comes before its first place.
    for (let at = (free + 1) & mask; this.#values[at] !== undefined; at = (at + 1) & mask) {
      const fromFirst = (at - firstPlace(this.#keys[at]!, mask)) & mask;
      if (fromFirst < ((at - free) & mask)) continue;
      this.#keys[free] = this.#keys[at]!;
      this.#values[free] = this.#values[at];
      free = at;
    }
    this.#values[free] = undefined;
    return true;
  }

  /** Where the key is, or would be. */
  #placeOf(key: number): number {
    const mask = this.#values.length - 1;
    let at = firstPlace(key, mask);
    while (this.#values[at] !== undefined && this.#keys[at] !== key) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Float64Array(keys.length * 2);
    this.#values = emptied(values.length * 2);
    for (const [at, value] of values.entries()) {
      if (value === undefined) continue;
      const place = this.#placeOf(keys[at]!);
      this.#keys[place] = keys[at]!;
      this.#values[place] = value;
    }
  }
}

function emptied<V>(length: number): (V | undefined)[] {
  return new Array<V | undefined>(length).fill(undefined);
}

/** Both halves of the number, mixed as MurmurHash3 mixes its last ones. */
function firstPlace(key: number, mask: number): number {
  let mixed = (key | 0) ^ Math.imul((key / 2 ** 32) | 0, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) & mask;
}
