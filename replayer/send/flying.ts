import type { MonotonicMs, OperatorError } from "../../base/index.js";
import { AnswerCollector, type Collecting, type CollectorEvents, type Sent } from "./answer-collector.js";
import type { Deadlines, Timed } from "./deadlines.js";
import type { Expected, Landing } from "./landing.js";

/** What all requests of a sender share. */
export interface Takeoff extends Collecting {
  deadlines: Deadlines<Flying>;
  /** Set when this machine could not open another connection: then nothing that comes is the target's doing. */
  shortage: () => OperatorError | undefined;
}

/** One request in flight, until its answer has ended, is left open, or is given up. */
export class Flying implements Timed, CollectorEvents {
  place = -1;
  dueMs: MonotonicMs;
  readonly collector: AnswerCollector;
  /** Tells the transport that the answer is of no interest any more. */
  release: () => void = nothing;
  readonly #takeoff: Takeoff;
  readonly #landing: Landing;
  readonly #sentMs: MonotonicMs;
  readonly #openMs: number | undefined;
  #isToBeLeft = false;

  constructor(takeoff: Takeoff, { timeoutMs, openMs, known }: Expected, landing: Landing) {
    this.#takeoff = takeoff;
    this.#landing = landing;
    this.#sentMs = takeoff.clock.now();
    this.#openMs = openMs;
    this.dueMs = this.#sentMs + timeoutMs;
    this.collector = new AnswerCollector(takeoff, this, this.#sentMs, known);
    takeoff.deadlines.add(this);
  }

  begun(): void {
    if (this.#openMs === undefined) return;
    const { clock, deadlines } = this.#takeoff;
    const leaveMs = Math.max(clock.now(), this.#sentMs + this.#openMs);
    if (leaveMs >= this.dueMs) return;
    this.#isToBeLeft = true;
    this.dueMs = leaveMs;
    deadlines.add(this);
  }

  settled(sent: Sent): void {
    this.#takeoff.deadlines.delete(this);
    const shortage = this.#takeoff.shortage();
    if (shortage === undefined) this.#landing.landed(sent);
    else this.#landing.lost(shortage);
  }

  expire(): void {
    if (this.#isToBeLeft) {
      this.collector.leaveOpen();
      this.release();
    } else this.giveUp("timed-out");
  }

  /** It was not sent. */
  fail(error: unknown): void {
    this.#takeoff.deadlines.delete(this);
    this.#landing.lost(error);
  }

  giveUp(reason: "aborted" | "timed-out"): void {
    this.collector.broke(reason);
    this.release();
  }
}

const nothing = () => {};
