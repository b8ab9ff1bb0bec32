/** A window is kept in so many parts: what it holds reaches back between one window and one window and a hundredth. */
const parts = 100;

/** What was counted in the last so many milliseconds, in parts that are forgotten whole. */
export class Window<Part> {
  readonly #partMs: number;
  readonly #empty: () => Part;
  readonly #slots: ({ number: number; part: Part } | undefined)[] = new Array(parts + 1);

  constructor(lengthMs: number, empty: () => Part) {
    this.#partMs = lengthMs / parts;
    this.#empty = empty;
  }

  /** The part of this moment, to be added to. Moments only go on. */
  at(atMs: number): Part {
    const number = Math.floor(atMs / this.#partMs);
    const slot = number % this.#slots.length;
    const there = this.#slots[slot];
    if (there?.number === number) return there.part;
    const part = this.#empty();
    this.#slots[slot] = { number, part };
    return part;
  }

  /** The parts that lie within the window before this moment. */
  within(atMs: number): Part[] {
    const newest = Math.floor(atMs / this.#partMs);
    return this.#slots.flatMap((slot) =>
      slot !== undefined && slot.number <= newest && slot.number >= newest - parts ? [slot.part] : [],
    );
  }
}
