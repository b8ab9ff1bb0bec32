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
  readonly #awaited = new Map<number, { live: Live; left: number }>();
  readonly #kept = new Map<number, Live>();

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
      this.#kept.set(producerStep, found.live);
      if (this.#kept.size > mostKept) this.#kept.delete(this.#kept.keys().next().value!);
    }
  }
}
