/** So few values may climb by chance. */
const fewest = 4;

/** Watches whether whole numbers only climb, on both sides of a comparison: two counters, each of its own process. */
export class Climbs {
  readonly #expected = new Side();
  readonly #actual = new Side();

  /** In about the order the answers came. */
  add(expected: string, actual: string): void {
    this.#expected.add(expected);
    this.#actual.add(actual);
  }

  get areCounters(): boolean {
    return this.#expected.climbs && this.#actual.climbs;
  }
}

class Side {
  #last: number | undefined;
  #rises = 0;
  #falls = 0;
  #isWhole = true;

  add(text: string): void {
    if (!/^"?\d{1,15}"?$/.test(text)) this.#isWhole = false;
    if (!this.#isWhole) return;
    const value = Number(text.replaceAll('"', ""));
    if (this.#last !== undefined && value > this.#last) this.#rises++;
    if (this.#last !== undefined && value < this.#last) this.#falls++;
    this.#last = value;
  }

  /** Steps land a little out of order, so now and then a number is less than the one before. */
  get climbs(): boolean {
    return this.#isWhole && this.#rises >= fewest && this.#falls * 5 <= this.#rises;
  }
}
