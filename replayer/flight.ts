import type { MonotonicMs } from "../base/index.js";
import type { Carry } from "./carry/index.js";
import type { FreshKeys } from "./fresh-keys.js";
import type { OpenLane } from "./lanes/lanes.js";
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
  /** In one lane at least it was not sent, for it needs a value that no answer there gave. */
  blocked(step: BlockedStep): void;
  /** Something was thrown, and nothing more will be launched. */
  broke?(): void;
}

/** A Step that was not sent to each lane, final in those it was sent to. */
export interface BlockedStep extends ReadyStep {
  dueMs: MonotonicMs;
  /** In the lanes' order; absent where it was not sent. */
  sent: readonly (Sent | undefined)[];
  /** In the lanes' order: the Exchange whose answer lacked the value; absent where it was sent. */
  blockedBy: readonly (number | undefined)[];
}

/** The Steps in flight: each is sent to all lanes at once. */
export interface Flight {
  launch(step: ReadyStep, dueMs: MonotonicMs): void;
  /** Resolves when nothing is in flight. Rejects with what was thrown by us, not by a target, at the first chance. */
  landed(): Promise<void>;
  /** Set when something was thrown: nothing more is to be launched. */
  readonly broken: boolean;
}

export interface FlightOptions {
  /** Instead of what follows from the recorded duration. */
  stepTimeoutMs: number | undefined;
  /** State that follows the live session. */
  carry?: Carry | undefined;
  /** Absent where those of the tape are sent. */
  keys?: FreshKeys | undefined;
}

/** Nothing is in flight at first. `events` are told in the order Steps land. */
export function openFlight(
  lanes: readonly OpenLane[],
  events: FlightEvents,
  { stepTimeoutMs, carry, keys }: FlightOptions,
): Flight {
  const live = { carry, keys };
  let inFlight = 0;
  let thrown: { error: unknown } | undefined;
  let whenEmpty = () => {};

  const fail = (error: unknown) => {
    thrown ??= { error };
    for (const lane of lanes) lane.giveUp();
    events.broke?.();
  };

  const over = (step: StepInFlight) => {
    try {
      const { lost } = step;
      if (step.blockedBy !== undefined) events.blocked({ ...step, blockedBy: step.blockedBy });
      else if (lost === undefined) events.landed(step);
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
      const timeoutMs = timeoutMsOf(ready.step, stepTimeoutMs);
      const step = new StepInFlight(ready, dueMs, lanes.length, live, over);
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
  readonly sent: Sent[];
  /** The first error of a lane. */
  lost: { error: unknown } | undefined;
  /** Where it was blocked. */
  blockedBy: (number | undefined)[] | undefined;
  #lanesLeft: number;
  readonly #carry: Carry | undefined;
  readonly #keys: FreshKeys | undefined;
  readonly #over: (step: StepInFlight) => void;

  constructor(
    { step, exchange }: ReadyStep,
    readonly dueMs: MonotonicMs,
    lanes: number,
    { carry, keys }: Pick<FlightOptions, "carry" | "keys">,
    over: (step: StepInFlight) => void,
  ) {
    this.step = step;
    this.exchange = exchange;
    this.sent = new Array<Sent>(lanes);
    this.#lanesLeft = lanes;
    this.#carry = carry;
    this.#keys = keys;
    this.#over = over;
  }

  sendTo(lane: OpenLane, at: number, timeoutMs: number): void {
    try {
      const exchange = this.#prepared(lane, at);
      if (exchange === undefined) this.#laneOver();
      else lane.send(exchange, this.step.step, timeoutMs, new LaneLanding(this, lane.name, at));
    } catch (error) {
      this.lostIn(lane.name, error);
    }
  }

  landedIn(lane: string, at: number, sent: Sent): void {
    this.sent[at] = sent;
    try {
      this.#carry?.landed(this.exchange, this.step.step, lane, sent.answer);
    } catch (error) {
      this.lost ??= { error };
    }
    this.#laneOver();
  }

  lostIn(lane: string, error: unknown): void {
    this.lost ??= { error };
    this.#carry?.unsent(this.exchange, this.step.step, lane);
    this.#laneOver();
  }

  /** As it goes to this lane; undefined where it cannot. */
  #prepared(lane: OpenLane, at: number): LandedStep["exchange"] | undefined {
    const asked = this.#keys?.prepare(this.exchange, this.step.step, lane.name) ?? this.exchange;
    if (this.#carry === undefined) return asked;
    // A key that a live answer gave goes out as it gave it.
    const prepared = this.#carry.prepare(asked, this.step.step, lane.name);
    if (prepared.kind === "blocked") {
      this.blockedBy ??= [];
      this.blockedBy[at] = prepared.by;
      return undefined;
    }
    const { request } = prepared;
    return request === asked.request ? asked : { ...asked, request };
  }

  #laneOver(): void {
    if (--this.#lanesLeft === 0) this.#over(this);
  }
}

/** Of a Step in one lane. */
class LaneLanding implements Landing {
  readonly #step: StepInFlight;
  readonly #lane: string;
  readonly #at: number;

  constructor(step: StepInFlight, lane: string, at: number) {
    this.#step = step;
    this.#lane = lane;
    this.#at = at;
  }

  landed(sent: Sent): void {
    this.#step.landedIn(this.#lane, this.#at, sent);
  }

  lost(error: unknown): void {
    this.#step.lostIn(this.#lane, error);
  }
}
