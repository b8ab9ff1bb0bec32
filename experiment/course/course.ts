import type { Clock, MonotonicMs } from "../../base/index.js";
import type { ExperimentChange } from "../../report/index.js";
import { next, pending, type Standing, type State, type Turn } from "./states.js";

/** The course an experiment takes: its states, and what happened, each with its time from the start. */
export class Course {
  standing: Standing = pending;
  readonly startMs: MonotonicMs;
  readonly states: { state: State; atMs: number }[] = [{ state: "Pending", atMs: 0 }];
  readonly changes: ExperimentChange[] = [];
  readonly #clock: Clock;
  readonly #told: (standing: Standing) => void;

  constructor(clock: Clock, told: (standing: Standing) => void = () => {}) {
    this.#clock = clock;
    this.#told = told;
    this.startMs = clock.now();
  }

  get nowMs(): number {
    return this.#clock.now() - this.startMs;
  }

  /** Moves on; a new state is kept with its time. */
  turn(turn: Turn): void {
    const before = this.standing;
    this.standing = next(before, turn);
    if (this.standing.state === before.state) return;
    this.states.push({ state: this.standing.state, atMs: this.nowMs });
    this.#told(this.standing);
  }

  note(kind: ExperimentChange["kind"], what: string): void {
    this.changes.push({ atMs: this.nowMs, kind, what });
  }
}
