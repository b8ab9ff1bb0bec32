import type { ObservedStep } from "../../replayer/index.js";

/** A lane that meets faults, and the same target without: absent where there is no control run. */
export interface LanePair {
  faulted: string;
  plain?: string;
}

/** How a fault showed in the answers. */
export interface Shown {
  /** Steps that were marked for it and sent to a lane under faults. */
  steps: number;
  /** Those of them that only a lane under faults answered oddly: otherwise than recorded, or as late as the fault's delay. */
  showed: number;
  /** Those of them that only a lane without faults answered so: what happens by chance. */
  against: number;
}

type Outcome = ObservedStep["outcomes"][number];

/** Counts for each fault in how many of its Steps it showed, beside the same Steps without it. Grows with the faults alone. */
export class FiredTally {
  readonly #pairs: readonly LanePair[];
  readonly #faults: ReadonlyMap<string, { delayMs: number | undefined; shown: Shown }>;

  /** @param delays by name of each fault what it delays a call by, in milliseconds */
  constructor(pairs: readonly LanePair[], delays: ReadonlyMap<string, number | undefined>) {
    this.#pairs = pairs;
    this.#faults = new Map(
      [...delays].map(([name, delayMs]) => [name, { delayMs, shown: { steps: 0, showed: 0, against: 0 } }]),
    );
  }

  of(fault: string): Shown {
    return this.#faults.get(fault)!.shown;
  }

  /** Takes a Step in; one that goes to its lanes in turn comes once for each turn. */
  add({ fault, recorded, outcomes }: ObservedStep): void {
    const known = fault === undefined ? undefined : this.#faults.get(fault);
    if (known === undefined) return;
    const { delayMs, shown } = known;
    const of = (lane: string) => outcomes.find((one) => one.lane === lane);
    const isOdd = (outcome: Outcome | undefined) =>
      outcome !== undefined && (isOtherThan(recorded, outcome) || (delayMs !== undefined && outcome.tookMs >= delayMs));
    if (this.#pairs.some(({ faulted }) => of(faulted) !== undefined)) shown.steps++;
    const odd = this.#pairs.flatMap(({ faulted, plain }) =>
      plain === undefined ? [] : [{ faulted: isOdd(of(faulted)), plain: isOdd(of(plain)) }],
    );
    if (odd.some(({ faulted, plain }) => faulted && !plain)) shown.showed++;
    else if (odd.some(({ faulted, plain }) => plain && !faulted)) shown.against++;
  }
}

/** Where the recorded answer is not known, one that failed is no usual one. */
function isOtherThan(recorded: string | undefined, { said, isResponse }: Outcome): boolean {
  return recorded === undefined ? !isResponse || /^5| grpc-status /.test(said) : said !== recorded;
}
