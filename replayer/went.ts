/** What happened to a Step, beside what was recorded of it: all that the certificate is made from. */
export interface Went {
  /** Recorded, in nanoseconds from any one zero. */
  startedNs: number;
  /** Absent where it is not known. */
  endedNs?: number;
  /** The recorded answer never ended. */
  open: boolean;
  /** When the first lane was given the request, in milliseconds from any one zero. */
  sentMs: number;
  /** When the request began to be written to its connection: what a start inversion is told by. */
  writtenMs: number;
  /** When the last lane's Outcome was final. */
  answeredMs: number;
}

/** How all Steps of a run went, by Step: 41 bytes for each, whether it was sent or not. */
export class WentTable {
  readonly #startedNs: Float64Array;
  readonly #endedNs: Float64Array;
  readonly #open: Uint8Array;
  readonly #sentMs: Float64Array;
  readonly #writtenMs: Float64Array;
  readonly #answeredMs: Float64Array;

  constructor(steps: number) {
    this.#startedNs = new Float64Array(steps);
    this.#endedNs = new Float64Array(steps);
    this.#open = new Uint8Array(steps);
    this.#sentMs = new Float64Array(steps).fill(Number.NaN);
    this.#writtenMs = new Float64Array(steps);
    this.#answeredMs = new Float64Array(steps);
  }

  set(step: number, { startedNs, endedNs, open, sentMs, writtenMs, answeredMs }: Went): void {
    this.#startedNs[step] = startedNs;
    this.#endedNs[step] = endedNs ?? Number.POSITIVE_INFINITY;
    this.#open[step] = open ? 1 : 0;
    this.#sentMs[step] = sentMs;
    this.#writtenMs[step] = writtenMs;
    this.#answeredMs[step] = answeredMs;
  }

  /** The Steps that were sent, ascending. */
  sent(): Uint32Array {
    const steps = Uint32Array.from(this.#sentMs.keys());
    return steps.filter((step) => !Number.isNaN(this.#sentMs[step]));
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
