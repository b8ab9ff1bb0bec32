import type { MonotonicMs } from "../base/index.js";
import type { OpenLane } from "./lanes.js";
import type { ReadyStep } from "./read-steps.js";
import { type Landing, type Sent, UnsendableRequest } from "./send/index.js";
import { timeoutMsOf } from "./step.js";

/** A Step whose Outcome is final in every lane. */
export interface LandedStep extends ReadyStep {
  dueMs: MonotonicMs;
  /** One for each lane, in the lanes' order. */
  sent: readonly Sent[];
}

/** What is told of Steps in flight. */
export interface FlightEvents {
  landed(step: LandedStep): void;
  /** It could not be written as it was recorded, and was not sent. */
  unsendable(step: ReadyStep): void;
}

/** The Steps in flight: each is sent to all lanes at once. */
export interface Flight {
  launch(step: ReadyStep, dueMs: MonotonicMs): void;
  /** Resolves when nothing is in flight. Rejects with what was thrown by us, not by a target, at the first chance. */
  landed(): Promise<void>;
  /** Set when something was thrown: nothing more is to be launched. */
  readonly broken: boolean;
}

/** Nothing is in flight at first. `events` are told in the order Steps land. */
export function openFlight(
  lanes: readonly OpenLane[],
  events: FlightEvents,
  options: { stepTimeoutMs: number | undefined },
): Flight {
  let inFlight = 0;
  let thrown: { error: unknown } | undefined;
  let whenEmpty = () => {};

  const fail = (error: unknown) => {
    thrown ??= { error };
    for (const lane of lanes) lane.giveUp();
  };

  const over = (step: StepInFlight) => {
    try {
      const { lost } = step;
      if (lost === undefined) events.landed(step);
      else if (lost.error instanceof UnsendableRequest) events.unsendable(step);
      else fail(lost.error);
    } catch (error) {
      fail(error);
    }
    if (--inFlight === 0) whenEmpty();
  };

  return {
    launch(ready, dueMs) {
      inFlight++;
      const timeoutMs = timeoutMsOf(ready.step, options.stepTimeoutMs);
      const step = new StepInFlight(ready, dueMs, lanes.length, over);
      for (let at = 0; at < lanes.length; at++) step.sendTo(lanes[at]!, at, timeoutMs);
    },
    async landed() {
      if (inFlight > 0) {
        await new Promise<void>((resolve) => {
          whenEmpty = resolve;
        });
      }
      if (thrown !== undefined) throw thrown.error;
    },
    get broken() {
      return thrown !== undefined;
    },
  };
}

/** Told by callback: promises for each Step and lane would cost as much as comparing the answers. */
class StepInFlight implements LandedStep {
  readonly step: LandedStep["step"];
  readonly exchange: LandedStep["exchange"];
  readonly sent: Sent[] = [];
  /** The first error of a lane. */
  lost: { error: unknown } | undefined;
  #lanesLeft: number;
  readonly #over: (step: StepInFlight) => void;

  constructor(
    { step, exchange }: ReadyStep,
    readonly dueMs: MonotonicMs,
    lanes: number,
    over: (step: StepInFlight) => void,
  ) {
    this.step = step;
    this.exchange = exchange;
    this.#lanesLeft = lanes;
    this.#over = over;
  }

  sendTo(lane: OpenLane, at: number, timeoutMs: number): void {
    const landing: Landing = {
      landed: (sent) => {
        this.sent[at] = sent;
        this.#laneOver();
      },
      lost: (error) => {
        this.lost ??= { error };
        this.#laneOver();
      },
    };
    try {
      lane.send(this.exchange, this.step.step, timeoutMs, landing);
    } catch (error) {
      landing.lost(error);
    }
  }

  #laneOver(): void {
    if (--this.#lanesLeft === 0) this.#over(this);
  }
}
