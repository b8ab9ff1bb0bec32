import { NumberMap } from "../../base/index.js";
import { openHeap } from "../heap.js";
import type { Step } from "../step.js";
import { type ClockBounds, oneClock } from "./clocks.js";
import { openGate } from "./gate.js";
import type { OrderKeys } from "./keys.js";
import { Line } from "./line.js";
import type { Order, OrderKind, StepNeeds } from "./order.js";
import { Waiting } from "./waiting.js";

/** Steps that may wait, and what they may keep in memory: beyond it the tape is read no further for a while. */
const mostHeld = 8_192;
const mostHeldBytes = 64 * 2 ** 20;
/** Steps that wait for nothing but room: to hold the walk of the tape and let it go on for each one costs more than to read it. */
const mostReady = 16;
/**
 * So many times as many Steps may wait as may be in flight, while those are, or nearly: all that are held grow old in memory.
 * Without the second bound connections that are a little faster run ahead of the others, and what these have yet to send is
 * held meanwhile.
 */
const heldWhenFull = 1;
const heldWhenNearlyFull = 2;
const nearlyFull = 0.9;

/**
 * B waits for A if and only if A's recorded answer had surely ended before B began, and both share a connection, a session,
 * or something that one of them writes; or B needs a value of A's answer, which then is before it whatever the clocks say.
 *
 * Calls that have nothing to do with each other overtake, so one slow answer holds back its own session alone. Without due
 * times `concurrency` bounds how many are in flight, but never to fewer than overlapped on the tape: one of them may be what
 * another is waiting for.
 */
export const causal: OrderKind = {
  name: "causal",
  promise:
    "a call waits for those that had ended before it began and share its connection, its session, what it writes, or a value it needs; others overtake",
  asksForNeeds: true,
  start: ({ concurrency, isPaced = false, clocks }) =>
    new TiedOrder(isPaced ? () => Number.POSITIVE_INFINITY : roomFor(concurrency), clocks),
};

/** What a Step is tied by that is tied to none. */
export const noNeeds: StepNeeds = { keys: { exclusive: [], resource: 0, writes: false }, producers: [], bytes: 0 };

/** Steps wait for those that share a key with them, and for their producers, as far as they are told to have any. */
export class TiedOrder implements Order {
  readonly #clocks: ClockBounds;
  readonly #roomAhead: (step: Step) => number;
  readonly #gate = openGate();
  /** Entered and not final. */
  readonly #byStep = new NumberMap<Waiting>();
  readonly #lines = new NumberMap<Line>();
  /** Free to go, and waiting for room. */
  readonly #ready: Waiting[] = [];
  #inFlight = 0;
  #heldBytes = 0;
  /** How many may be in flight when the Step that was offered last is sent. */
  #roomForNext = 0;

  /** `roomAhead`: how many may be in flight when a Step is sent. */
  constructor(roomAhead: (step: Step) => number, clocks: ClockBounds = oneClock) {
    this.#clocks = clocks;
    this.#roomAhead = roomAhead;
  }

  take(step: Step, go: () => void, needs: StepNeeds = noNeeds): Promise<void> | undefined {
    this.#roomForNext = this.#roomAhead(step);
    const waiting = new Waiting(step, needs, this.#roomForNext, go);
    return this.#gate.pass(this.#hasRoom, () => this.#enter(waiting, needs));
  }

  #enter(waiting: Waiting, { producers, keys }: StepNeeds): void {
    for (const producer of producers) this.#byStep.get(producer)?.holdUntilFinal(waiting);
    eachKey(keys, (key, writes) => this.#lineOf(key).add(waiting, writes));
    this.#byStep.set(waiting.step, waiting);
    this.#heldBytes += waiting.bytes;
    if (waiting.waitsFor > 0) return;
    this.#addReady(waiting);
    this.#sendWhatMay();
  }

  final({ step }: { step: number }): void {
    const waiting = this.#byStep.get(step);
    if (waiting === undefined) return;
    this.#byStep.delete(step);
    if (waiting.endedNs !== undefined) this.#leaveLines(waiting);
    this.#inFlight--;
    for (const freed of waiting.end()) this.#addReady(freed);
    this.#sendWhatMay();
    if (this.#ready.length === 0 && this.#hasRoom) this.#gate.open();
  }

  letGo(): void {
    this.#gate.letGo();
  }

  /** Whether the next Step may enter. */
  get #hasRoom(): boolean {
    if (this.#ready.length >= mostReady) return false;
    return this.#byStep.size - this.#inFlight < this.#mostHeldNow && this.#heldBytes < mostHeldBytes;
  }

  /**
   * How many may wait. While as many are in flight as may be, or nearly, only a few more: what is read early grows old in
   * memory, and yet those that wait must not hide the ones behind them that wait for nobody.
   */
  get #mostHeldNow(): number {
    const room = this.#roomForNext;
    if (this.#inFlight >= room) return heldWhenFull * room;
    return this.#inFlight >= nearlyFull * room ? heldWhenNearlyFull * room : mostHeld;
  }

  /** Most come after all that are there. */
  #addReady(freed: Waiting): void {
    let at = this.#ready.length;
    while (at > 0 && this.#ready[at - 1]!.step > freed.step) at--;
    if (at === this.#ready.length) this.#ready.push(freed);
    else this.#ready.splice(at, 0, freed);
  }

  /** Sends what is free, and what that makes free, as far as there is room: in the order of the tape. */
  #sendWhatMay(): void {
    while (this.#ready.length > 0 && this.#inFlight < this.#ready[0]!.roomFor) {
      const next = this.#ready.shift()!;
      this.#inFlight++;
      this.#heldBytes -= next.bytes;
      const after = next.send();
      if (next.endedNs === undefined) this.#leaveLines(next);
      for (const freed of after) this.#addReady(freed);
    }
  }

  #lineOf(key: number): Line {
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = new Line(this.#clocks);
      this.#lines.set(key, line);
    }
    return line;
  }

  /** What is empty goes: a tape has as many keys as it has calls. */
  #leaveLines(waiting: Waiting): void {
    eachKey(waiting.keys, (key, writes) => {
      const line = this.#lines.get(key);
      if (line === undefined) return;
      line.remove(waiting, writes);
      if (line.isEmpty) this.#lines.delete(key);
    });
  }
}

function eachKey({ exclusive, resource, writes }: OrderKeys, use: (key: number, writes: boolean) => void): void {
  for (const key of exclusive) use(key, true);
  if (resource !== 0) use(resource, writes);
}

/** So many as were going on, on the tape, when a Step began; never fewer than the bound. Of a copy nobody knows for how long. */
function roomFor(concurrency: number): (step: Step) => number {
  const goingOn = openHeap<number>((endedNs) => endedNs);
  let leftOpen = 0;
  return ({ startedNs, endedNs, open }) => {
    for (let end = goingOn.peek(); end !== undefined && end < startedNs; end = goingOn.peek()) goingOn.pop();
    if (endedNs !== undefined) goingOn.push(endedNs);
    else if (open) leftOpen++;
    return Math.max(concurrency, goingOn.size + leftOpen);
  };
}
