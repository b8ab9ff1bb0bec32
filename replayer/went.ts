import { grown } from "./columns.js";

/** What happened to a Step, beside what was recorded of it: all that the certificate is made from. */
export interface Went {
  /** Recorded, in nanoseconds from any one zero. */
  startedNs: number;
  /** Absent where it is not known. */
  endedNs?: number;
  /** The recorded answer never ended. */
  open: boolean;
  /** Which recorder's clock the recorded times are of; the first where it is absent. */
  clock?: number;
  /** When the first lane was given the request, in milliseconds from any one zero. */
  sentMs: number;
  /** When the request began to be written to its connection: what a start inversion is told by. */
  writtenMs: number;
  /** When the last lane's Outcome was final. */
  answeredMs: number;
}

/** How all Steps of a run went, by Step: 43 bytes for each, whether it was sent or not. Grows where more come than were planned. */
export class WentTable {
  #startedNs: Float64Array<ArrayBuffer>;
  #endedNs: Float64Array<ArrayBuffer>;
  #open: Uint8Array<ArrayBuffer>;
  #clock: Uint16Array<ArrayBuffer>;
  #sentMs: Float64Array<ArrayBuffer>;
  #writtenMs: Float64Array<ArrayBuffer>;
  #answeredMs: Float64Array<ArrayBuffer>;

  constructor(steps: number) {
    this.#startedNs = new Float64Array(steps);
    this.#endedNs = new Float64Array(steps);
    this.#open = new Uint8Array(steps);
    this.#clock = new Uint16Array(steps);
    this.#sentMs = new Float64Array(steps).fill(Number.NaN);
    this.#writtenMs = new Float64Array(steps);
    this.#answeredMs = new Float64Array(steps);
  }

  set(step: number, { startedNs, endedNs, open, clock, sentMs, writtenMs, answeredMs }: Went): void {
    if (step >= this.#open.length) this.#grow(step + 1);
    this.#startedNs[step] = startedNs;
    this.#endedNs[step] = endedNs ?? Number.POSITIVE_INFINITY;
    this.#open[step] = open ? 1 : 0;
    this.#clock[step] = clock ?? 0;
    this.#sentMs[step] = sentMs;
    this.#writtenMs[step] = writtenMs;
    this.#answeredMs[step] = answeredMs;
  }

  #grow(least: number): void {
    const length = Math.max(1024, 2 * this.#open.length, least);
    this.#startedNs = grown(this.#startedNs, new Float64Array(length));
    this.#endedNs = grown(this.#endedNs, new Float64Array(length));
    this.#open = grown(this.#open, new Uint8Array(length));
    this.#clock = grown(this.#clock, new Uint16Array(length));
    this.#sentMs = grown(this.#sentMs, new Float64Array(length).fill(Number.NaN));
    this.#writtenMs = grown(this.#writtenMs, new Float64Array(length));
    this.#answeredMs = grown(this.#answeredMs, new Float64Array(length));
  }

  /** The Steps that were sent, ascending. */
  sent(): Uint32Array {
    const steps = Uint32Array.from(this.#sentMs.keys());
    return steps.filter((step) => !Number.isNaN(this.#sentMs[step]));
  }

  wasSent(step: number): boolean {
    return !Number.isNaN(this.#sentMs[step]);
  }

  startedNs(step: number): number {
    return this.#startedNs[step]!;
  }

  /** Infinite where it is not known. */
  endedNs(step: number): number {
    return this.#endedNs[step]!;
  }

  isOpen(step: number): boolean {
    return this.#open[step] === 1;
  }

  clock(step: number): number {
    return this.#clock[step]!;
  }

  sentMs(step: number): number {
    return this.#sentMs[step]!;
  }

  writtenMs(step: number): number {
    return this.#writtenMs[step]!;
  }

  answeredMs(step: number): number {
    return this.#answeredMs[step]!;
  }
}
