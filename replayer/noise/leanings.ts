import { type Distance, isFarther } from "./distance.js";

/**
 * Counts which of two distances is ten times the other, Step by Step: the candidate's from the reference (`farther`), or
 * that of two answers of one version (`nearer`). One pause of a process moves the numbers and times of all that it had in
 * hand, and those are no tosses of a coin each: what leans alike in a row, in the order it landed, is one burst.
 */
export class Leanings {
  farther = 0;
  nearer = 0;
  fartherBursts = 0;
  nearerBursts = 0;
  #last: "farther" | "nearer" | undefined;

  /** True when it is farther. */
  add(candidate: Distance, control: Distance): boolean {
    const lean = isFarther(candidate, control) ? "farther" : isFarther(control, candidate) ? "nearer" : undefined;
    if (lean !== undefined) {
      this[lean]++;
      if (lean !== this.#last) this[`${lean}Bursts`]++;
    }
    this.#last = lean;
    return lean === "farther";
  }
}
