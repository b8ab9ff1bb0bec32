/**
 * So many calls a second and no more: a bucket that fills evenly and holds what one second gives. Calls that come evenly
 * at the rate all fit; after a pause those of one second fit at once.
 */
export class RateBound {
  readonly #perSecond: number;
  readonly #most: number;
  #room: number;
  #filledMs: number;

  /** @param nowMs monotonic, as in {@link take} */
  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#most = Math.max(1, perSecond);
    this.#room = this.#most;
    this.#filledMs = nowMs;
  }

  /** Room for one call; false, and nothing taken, when there is none. */
  take(nowMs: number): boolean {
    this.#room = Math.min(this.#most, this.#room + ((nowMs - this.#filledMs) / 1000) * this.#perSecond);
    this.#filledMs = nowMs;
    if (this.#room < 1) return false;
    this.#room--;
    return true;
  }

  /** So many that had taken room turned out not to be kept. */
  giveBack(calls: number): void {
    this.#room = Math.min(this.#most, this.#room + calls);
  }
}
