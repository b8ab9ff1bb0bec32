import type { MonotonicMs } from "../base/index.js";
import type { Exchange, ExchangeHead } from "../tape/index.js";

/**
 * A call is on the tape when it is over: those that began before it are waited for so long, by the tape's own time, and by
 * our clock from when it came: the time of a tape that is quiet stands still.
 */
const settleMs = 1_000;
const settleNs = BigInt(settleMs) * 1_000_000n;
/** A call that took longer than this, and was stored later than all that began after it, is not looked for. */
const lookBackNs = 120_000_000_000n;

/** An Exchange that came to a tape, and when that was seen. */
export interface Arrival {
  head: ExchangeHead;
  exchange: Exchange;
  arrivedMs: MonotonicMs;
}

/** What has come to a tape that is followed and is not taken yet, and what was met before. */
export class Arrivals {
  readonly #waiting: Arrival[] = [];
  /** Of those that are expected. */
  readonly #heads = new Map<number, ExchangeHead>();
  /** Ids met, with their start: forgotten when they are no longer looked for. */
  readonly #met = new Map<number, bigint>();
  #newestNs = 0n;

  /** What is new began no earlier. */
  get sinceNs(): bigint {
    return this.#newestNs - lookBackNs;
  }

  /** Whether it is met for the first time. One that is not over is met later, unless nothing more comes of it. */
  isNew(head: ExchangeHead, asItStands: boolean): boolean {
    if (this.#met.has(head.id) || !(asItStands || isOver(head))) return false;
    this.#met.set(head.id, head.startedNs);
    if (head.startedNs > this.#newestNs) this.#newestNs = head.startedNs;
    return true;
  }

  /** False where it is not wanted; else it may be added. */
  expect(head: ExchangeHead, wanted: (head: ExchangeHead) => boolean): boolean {
    if (!wanted(head)) return false;
    this.#heads.set(head.id, head);
    return true;
  }

  add(exchange: Exchange, arrivedMs: MonotonicMs): void {
    this.#waiting.push({ head: this.#heads.get(exchange.id)!, exchange, arrivedMs });
    this.#heads.delete(exchange.id);
  }

  /** Those that nothing which is still going on is likely to come before, and all that began before one of them. */
  takeDue(nowMs: MonotonicMs): Iterable<Arrival> {
    for (const [id, startedNs] of this.#met) if (startedNs < this.#newestNs - lookBackNs) this.#met.delete(id);
    let dueNs = this.#newestNs - settleNs;
    for (const { head, arrivedMs } of this.#waiting) {
      if (head.startedNs > dueNs && nowMs - arrivedMs >= settleMs) dueNs = head.startedNs;
    }
    return this.#take(({ startedNs }) => startedNs <= dueNs);
  }

  takeAll(): Iterable<Arrival> {
    return this.#take(() => true);
  }

  /** In order of their start, each gone from here as it is taken. */
  *#take(isDue: (head: ExchangeHead) => boolean): Generator<Arrival> {
    // Those whose headers or body were not wanted after all.
    this.#heads.clear();
    const waiting = this.#waiting.sort(byStart);
    let taken = 0;
    try {
      while (taken < waiting.length && isDue(waiting[taken]!.head)) yield waiting[taken++]!;
    } finally {
      waiting.splice(0, taken);
    }
  }
}

function byStart({ head: a }: Arrival, { head: b }: Arrival): number {
  return a.startedNs < b.startedNs ? -1 : a.startedNs > b.startedNs ? 1 : 0;
}

/** Whether nothing more comes of a call; of a copy no answer does. */
function isOver({ request, answer, vantage }: ExchangeHead): boolean {
  if (request.end === "open") return false;
  if (answer.kind === "unknown") return vantage === "mirror";
  return answer.kind !== "response" || answer.end !== "open";
}
