import type { ClockBounds } from "./clocks.js";
import type { Waiting } from "./waiting.js";

/**
 * The Steps of one key that are not final yet: what a further Step of the key has to wait for. What a Step waits for holds
 * back through it, so all but the last needed edges are let go: a Step is dropped once every later one also comes after a
 * Step that waited for it. Each Step is added and dropped once; a look costs what overlaps.
 */
export class Line {
  /** Those that hold every later one back. */
  readonly #writers: Held = { ended: [], unsent: [] };
  /** Those that hold writes back alone; most keys have none. */
  #readers: Held | undefined;
  readonly #clocks: ClockBounds;

  constructor(clocks: ClockBounds) {
    this.#clocks = clocks;
  }

  get isEmpty(): boolean {
    return areNone(this.#writers) && (this.#readers === undefined || areNone(this.#readers));
  }

  /** Makes a Step wait for all that it needs to, and adds it. */
  add(step: Waiting, writes: boolean): void {
    this.#waitFor(this.#writers, step, writes);
    if (writes && this.#readers !== undefined) this.#waitFor(this.#readers, step, writes);
    const own = writes ? this.#writers : this.#ofReaders();
    if (step.endedNs === undefined) {
      if (own.unsent.length === 0) own.unsent = [step];
      else own.unsent.push(step);
    } else insertByEnd(own, { step, endedNs: step.endedNs, coveredFromNs: Number.POSITIVE_INFINITY });
  }

  /** A Step that is final, or was sent and has no end, holds nobody back. */
  remove(step: Waiting, writes: boolean): void {
    const { ended, unsent } = writes ? this.#writers : this.#ofReaders();
    const among = step.endedNs === undefined ? unsent : ended;
    const at = among === unsent ? unsent.indexOf(step) : ended.findIndex((one) => one.step === step);
    if (at >= 0) among.splice(at, 1);
  }

  #ofReaders(): Held {
    this.#readers ??= { ended: [], unsent: [] };
    return this.#readers;
  }

  #waitFor({ ended, unsent }: Held, step: Waiting, writes: boolean): void {
    let kept = 0;
    let at = 0;
    for (; at < ended.length && ended[at]!.endedNs < step.startedNs; at++) {
      const before = ended[at]!;
      if (step.startedNs > before.coveredFromNs) continue;
      ended[kept++] = before;
      if (!this.#isBefore(before.step, before.endedNs, step)) continue;
      before.step.holdUntilFinal(step);
      // Only what holds every later one back covers, and only after its own end, by whatever clock.
      if (writes && step.endedNs !== undefined) {
        before.coveredFromNs = Math.min(before.coveredFromNs, step.endedNs + this.#clocks.mostNs);
      }
    }
    if (kept < at) ended.splice(kept, at - kept);
    for (const before of unsent) if (this.#isBefore(before, before.startedNs, step)) before.holdUntilSent(step);
  }

  #isBefore(before: Waiting, momentNs: number, step: Waiting): boolean {
    return momentNs + this.#clocks.lagNs(before.clock, step.clock) < step.startedNs;
  }
}

/** Lists of none are replaced by such of one, for one that grows takes room for many. */
interface Held {
  /** Not final, ascending by their recorded end. */
  ended: Ended[];
  /** Without a recorded end, and not sent yet: their start alone is kept before later ones. */
  unsent: Waiting[];
}

function areNone({ ended, unsent }: Held): boolean {
  return ended.length + unsent.length === 0;
}

interface Ended {
  step: Waiting;
  endedNs: number;
  /** Later Steps of this key that start after this moment need not wait for it: they wait for one that does. */
  coveredFromNs: number;
}

function insertByEnd(held: Held, ended: Ended): void {
  const among = held.ended;
  if (among.length === 0) {
    held.ended = [ended];
    return;
  }
  let at = among.length;
  while (at > 0 && among[at - 1]!.endedNs > ended.endedNs) at--;
  if (at === among.length) among.push(ended);
  else among.splice(at, 0, ended);
}
