import { NumberMap } from "../../base/index.js";
import type { LinkTable } from "./links/table.js";

/** What a Step's live answer gave to later requests, by place; or why it gave nothing. */
export type Live =
  | { kind: "values"; values: ReadonlyMap<string, string>; route: string }
  /** It diverged, or was not sent for want of a value itself; `by` is the Exchange at the root, `route` its route. */
  | { kind: "blocked"; by: number; route: string };

/** Values kept after their last consumer was made ready, in case it is sent again. */
const mostKept = 20_000;

/**
 * What the answers of one lane gave, until every request that needs it was made ready: memory grows with the values that are
 * still awaited, not with the tape.
 */
export class LiveValues {
  readonly #awaited = new NumberMap<{ live: Live; left: number }>();
  readonly #kept = new NumberMap<Live>();
  /** The Steps that are kept, the next to go at `#keptAt`. */
  readonly #keptSteps = new Float64Array(mostKept).fill(-1);
  #keptAt = 0;

  constructor(private readonly links: LinkTable) {}

  of(step: number): Live | undefined {
    return this.#awaited.get(step)?.live ?? this.#kept.get(step);
  }

  set(step: number, live: Live): void {
    const left = this.links.ofProducer(step).length;
    if (left > 0) this.#awaited.set(step, { live, left });
  }

  /** A Step's request was made ready, or is not sent: it needs nothing any more. */
  release(consumerStep: number): void {
    for (const { producerStep } of this.links.ofConsumer(consumerStep)) {
      const found = this.#awaited.get(producerStep);
      if (found === undefined || --found.left > 0) continue;
      this.#awaited.delete(producerStep);
      this.#keep(producerStep, found.live);
    }
  }

  #keep(step: number, live: Live): void {
    const isAgain = this.#kept.get(step) !== undefined;
    this.#kept.set(step, live);
    if (isAgain) return;
    this.#kept.delete(this.#keptSteps[this.#keptAt]!);
    this.#keptSteps[this.#keptAt] = step;
    this.#keptAt = (this.#keptAt + 1) % mostKept;
  }
}
