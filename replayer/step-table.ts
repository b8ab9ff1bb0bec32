import { grown } from "./columns.js";
import type { Step, StepList } from "./step.js";

/** What is known of a Step's ties to others before it is read whole: hashes of 32 bits, 0 for none. */
export interface StepTies {
  connection: number;
  session: number;
  resource: number;
  writes: boolean;
}

const is = { open: 1, write: 2 } as const;

/** The Steps of a plan in columns: 41 bytes for each, its ties included, so that the plan of millions is small and made once. */
export class StepTable implements StepList {
  isReordered = false;
  /** How often the Exchanges are sent, one pass after the other. */
  passes = 1;
  #length = 0;
  #exchangeIds = new Float64Array(256);
  #startedNs = new Float64Array(256);
  /** Infinite where it is not known. */
  #endedNs = new Float64Array(256);
  /** 0 where it is not known. */
  #statuses = new Uint16Array(256);
  #clocks = new Uint16Array(256);
  #flags = new Uint8Array(256);
  #ties = new Uint32Array(3 * 256);

  get length(): number {
    return this.#length;
  }

  /** As long as it is in order of starts. `ties` are for the forecast alone. */
  add(step: Omit<Step, "step">, ties?: StepTies): void {
    const at = this.#length;
    if (at === this.#flags.length) this.#grow();
    this.#exchangeIds[at] = step.exchangeId;
    this.#startedNs[at] = step.startedNs;
    this.#endedNs[at] = step.endedNs ?? Number.POSITIVE_INFINITY;
    this.#statuses[at] = step.recordedStatus ?? 0;
    this.#clocks[at] = step.clock ?? 0;
    this.#flags[at] = (step.open ? is.open : 0) | (ties?.writes ? is.write : 0);
    if (ties !== undefined) {
      this.#ties[3 * at] = ties.connection;
      this.#ties[3 * at + 1] = ties.session;
      this.#ties[3 * at + 2] = ties.resource;
    }
    this.#length++;
  }

  at(index: number): Step | undefined {
    const at = index < 0 ? this.#length + index : index;
    if (at < 0 || at >= this.#length) return undefined;
    const step: Step = {
      step: at,
      exchangeId: this.#exchangeIds[at]!,
      startedNs: this.#startedNs[at]!,
      open: (this.#flags[at]! & is.open) !== 0,
    };
    const endedNs = this.#endedNs[at]!;
    if (endedNs !== Number.POSITIVE_INFINITY) step.endedNs = endedNs;
    if (this.#statuses[at] !== 0) step.recordedStatus = this.#statuses[at]!;
    if (this.#clocks[at] !== 0) step.clock = this.#clocks[at]!;
    return step;
  }

  tiesOf(index: number): StepTies {
    return {
      connection: this.#ties[3 * index]!,
      session: this.#ties[3 * index + 1]!,
      resource: this.#ties[3 * index + 2]!,
      writes: (this.#flags[index]! & is.write) !== 0,
    };
  }

  *[Symbol.iterator](): Generator<Step> {
    for (let at = 0; at < this.#length; at++) yield this.at(at)!;
  }

  /** Adds all of it again, so often in sum: each pass begins so long after the last end of the one before. */
  repeat(times: number, gapNs: number): void {
    const [length, spanNs] = [this.#length, this.#lastNs() + gapNs];
    for (let pass = 1; pass < times; pass++) {
      for (let at = 0; at < length; at++) {
        const step = this.at(at)!;
        const startedNs = step.startedNs + pass * spanNs;
        const endedNs = step.endedNs === undefined ? {} : { endedNs: step.endedNs + pass * spanNs };
        this.add({ ...step, startedNs, ...endedNs }, this.tiesOf(at));
      }
    }
    this.passes = times;
  }

  #lastNs(): number {
    let lastNs = 0;
    for (const { startedNs, endedNs } of this) lastNs = Math.max(lastNs, endedNs ?? startedNs);
    return lastNs;
  }

  #grow(): void {
    const length = this.#flags.length * 2;
    this.#exchangeIds = grown(this.#exchangeIds, new Float64Array(length));
    this.#startedNs = grown(this.#startedNs, new Float64Array(length));
    this.#endedNs = grown(this.#endedNs, new Float64Array(length));
    this.#statuses = grown(this.#statuses, new Uint16Array(length));
    this.#clocks = grown(this.#clocks, new Uint16Array(length));
    this.#flags = grown(this.#flags, new Uint8Array(length));
    this.#ties = grown(this.#ties, new Uint32Array(3 * length));
  }
}
