import type { Answer } from "../../tape/index.js";
import { Generations } from "./links/generations.js";
import { strengthOf } from "./links/strength.js";
import { namingOf } from "./links/subject.js";
import { walkAnswer } from "./values/message.js";
import type { Spot } from "./values/spot.js";

/** Half of how many live values are remembered for each lane. */
const half = 100_000;

/**
 * The live values of one lane that stand for recorded ones, so that its answers can be read as if the recorded values had
 * been produced again. Values after redaction on both sides: no secret is in here.
 */
export class RecordedTerms {
  readonly #recorded = new Generations<string>(half);

  get isEmpty(): boolean {
    return this.#recorded.size === 0;
  }

  /** `live` stands for `recorded`. Short values do so under their names alone: see {@link namingOf}. */
  add(recorded: string, live: string, subjects: readonly string[]): void {
    if (recorded === live) return;
    if (strengthOf({ value: live }) === "alone") this.#recorded.set(live, recorded);
    else for (const subject of subjects) this.#recorded.set(`${subject}\n${live}`, recorded);
  }

  /** The Answer with every live value that is known replaced by the one it stands for; itself when there is none. */
  translate(answer: Answer, noun: string): Answer {
    return walkAnswer(answer, (spot) => this.#recordedOf(spot, noun));
  }

  #recordedOf(spot: Spot, noun: string): string | undefined {
    const { value } = spot;
    switch (strengthOf(spot)) {
      case "never":
        return undefined;
      case "alone":
        return this.#recorded.get(value);
      case "named": {
        for (const subject of namingOf(spot, noun).subjects) {
          const recorded = this.#recorded.get(`${subject}\n${value}`);
          if (recorded !== undefined) return recorded;
        }
        return this.#inWords(value);
      }
    }
  }

  /** `Order 100042 is on its way`: values in a sentence, as long as each is enough by itself. */
  #inWords(text: string): string | undefined {
    if (!text.includes(" ")) return undefined;
    const replaced = text.replace(/[\w-]{6,}/g, (word) =>
      strengthOf({ value: word }) === "alone" ? (this.#recorded.get(word) ?? word) : word,
    );
    return replaced === text ? undefined : replaced;
  }
}
