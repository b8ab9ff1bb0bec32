import { type Clock, type MonotonicMs, Roster, type Rostered } from "../../base/index.js";

/** Something that ends by itself, or is ended at a moment. */
export interface Timed extends Rostered {
  /** May be moved to a later moment at will; to an earlier one by adding it again. */
  dueMs: MonotonicMs;
  expire(): void;
}

/**
 * Many deadlines on one timer, which is set for the earliest alone: most are never reached, and a timer for each call
 * costs more than the rest of its bookkeeping.
 */
export class Deadlines<T extends Timed> {
  readonly #clock: Pick<Clock, "now">;
  readonly #running = new Roster<T>();
  #timer: NodeJS.Timeout | undefined;
  #timerMs = Number.POSITIVE_INFINITY;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  add(timed: T): void {
    this.#running.add(timed);
    if (timed.dueMs < this.#timerMs) this.#wakeAt(timed.dueMs);
  }

  delete(timed: T): void {
    this.#running.delete(timed);
  }

  /** All that were added and not deleted. */
  running(): readonly T[] {
    return this.#running.all();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#running.clear();
  }

  #wakeAt(dueMs: MonotonicMs): void {
    clearTimeout(this.#timer);
    this.#timerMs = dueMs;
    // A timer may come up to 1 ms early, and no further away than 2^31 ms.
    const waitMs = Math.min(2 ** 31 - 1, Math.max(1, Math.ceil(dueMs - this.#clock.now())));
    this.#timer = setTimeout(() => this.#look(), waitMs);
  }

  #look(): void {
    const nowMs = this.#clock.now();
    let nextMs = Number.POSITIVE_INFINITY;
    const overdue: T[] = [];
    for (const timed of this.running()) {
      if (timed.dueMs <= nowMs) overdue.push(timed);
      else if (timed.dueMs < nextMs) nextMs = timed.dueMs;
    }
    // Before any expires: what is added by that sets the timer for itself.
    this.#timerMs = Number.POSITIVE_INFINITY;
    for (const timed of overdue.sort((a, b) => a.dueMs - b.dueMs)) if (this.#running.has(timed)) timed.expire();
    if (nextMs < this.#timerMs) this.#wakeAt(nextMs);
  }
}
