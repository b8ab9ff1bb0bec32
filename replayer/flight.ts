import type { MonotonicMs } from "../base/index.js";
import type { OpenLane } from "./lanes.js";
import type { ReadyStep } from "./read-steps.js";
import { type Sent, UnsendableRequest } from "./send/index.js";
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

  const landed = (ready: ReadyStep, dueMs: MonotonicMs, sent: readonly Sent[]) => {
    try {
      events.landed({ step: ready.step, exchange: ready.exchange, dueMs, sent });
    } catch (error) {
      fail(error);
    }
    over();
  };

  const lost = (ready: ReadyStep, error: unknown) => {
    try {
      if (error instanceof UnsendableRequest) events.unsendable(ready);
      else fail(error);
    } catch (thrownThere) {
      fail(thrownThere);
    }
    over();
  };

  const over = () => {
    if (--inFlight === 0) whenEmpty();
  };

  /** Without an async function: this is done for each Step, and one lane is the common case. */
  const fly = (ready: ReadyStep, dueMs: MonotonicMs): Promise<void> => {
    const timeoutMs = timeoutMsOf(ready.step, options.stepTimeoutMs);
    const { exchange, step } = ready;
    if (lanes.length > 1) {
      const sending = lanes.map((lane) => lane.send(exchange, step.step, timeoutMs));
      return Promise.all(sending).then(
        (sent) => landed(ready, dueMs, sent),
        (error: unknown) => lost(ready, error),
      );
    }
    return lanes[0]!.send(exchange, step.step, timeoutMs).then(
      (sent) => landed(ready, dueMs, [sent]),
      (error: unknown) => lost(ready, error),
    );
  };

  return {
    launch(ready, dueMs) {
      inFlight++;
      try {
        void fly(ready, dueMs);
      } catch (error) {
        lost(ready, error);
      }
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
