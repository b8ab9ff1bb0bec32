import type { CarriedPair } from "../carry.js";

/** How sure it is that a value came from that answer. */
export const sureties = ["certain", "likely", "named"] as const;
/** `certain`: no two such values are equal by chance. `likely`: the value alone says so. `named`: value and names agree. */
export type Surety = (typeof sureties)[number];

/** A value in a Step's request that an earlier Step's answer gave. */
export interface Link {
  producerStep: number;
  producerPlace: string;
  consumerStep: number;
  consumerPlace: string;
  surety: Surety;
}

/**
 * The links of a plan, in the order of their consumers: 32 bytes each, places written once. Two cookies of one session make
 * two links for every call, so there are as many as calls, and more.
 */
export class LinkTable {
  readonly #producerSteps: number[] = [];
  readonly #producerPlaces: number[] = [];
  readonly #consumerSteps: number[] = [];
  readonly #consumerPlaces: number[] = [];
  readonly #sureties: number[] = [];
  readonly #places: string[] = [];
  readonly #numbers = new Map<string, number>();
  #byConsumer: Uint32Array | undefined;
  #byProducer: { starts: Uint32Array; links: Uint32Array } | undefined;

  /** `steps`: how many are planned. Links are added in the order of their consumers. */
  constructor(readonly steps: number) {}

  get size(): number {
    return this.#consumerSteps.length;
  }

  add(link: Link): void {
    this.#producerSteps.push(link.producerStep);
    this.#producerPlaces.push(this.#numberOf(link.producerPlace));
    this.#consumerSteps.push(link.consumerStep);
    this.#consumerPlaces.push(this.#numberOf(link.consumerPlace));
    this.#sureties.push(sureties.indexOf(link.surety));
  }

  at(index: number): Link {
    return {
      producerStep: this.#producerSteps[index]!,
      producerPlace: this.#places[this.#producerPlaces[index]!]!,
      consumerStep: this.#consumerSteps[index]!,
      consumerPlace: this.#places[this.#consumerPlaces[index]!]!,
      surety: sureties[this.#sureties[index]!]!,
    };
  }

  /** What a Step's request needs of earlier answers. */
  ofConsumer(step: number): readonly Link[] {
    this.#byConsumer ??= startsOf(this.#consumerSteps, this.steps);
    const [from, to] = [this.#byConsumer[step]!, this.#byConsumer[step + 1]!];
    return from === to ? none : Array.from({ length: to - from }, (_, at) => this.at(from + at));
  }

  /** The Steps whose answers a Step's request needs, each once. */
  producersOf(consumerStep: number): readonly number[] {
    const links = this.ofConsumer(consumerStep);
    return links === none ? noSteps : [...new Set(links.map(({ producerStep }) => producerStep))];
  }

  /** What later requests need of a Step's answer. */
  ofProducer(step: number): readonly Link[] {
    this.#byProducer ??= this.#sortByProducer();
    const { starts, links } = this.#byProducer;
    const [from, to] = [starts[step]!, starts[step + 1]!];
    return from === to ? none : Array.from(links.subarray(from, to), (index) => this.at(index));
  }

  /** Which Step waits for which: every pair once, in the order of the consumers. */
  *pairs(exchangeIdOf: (step: number) => number): Generator<CarriedPair> {
    for (let at = 0; at < this.size; ) {
      const consumerStep = this.#consumerSteps[at]!;
      const met = new Set<number>();
      for (; this.#consumerSteps[at] === consumerStep; at++) {
        const producerStep = this.#producerSteps[at]!;
        if (met.has(producerStep)) continue;
        met.add(producerStep);
        const ids = { producer: exchangeIdOf(producerStep), consumer: exchangeIdOf(consumerStep) };
        yield { ...ids, producerStep, consumerStep };
      }
    }
  }

  #numberOf(place: string): number {
    let number = this.#numbers.get(place);
    if (number === undefined) {
      number = this.#places.push(place) - 1;
      this.#numbers.set(place, number);
    }
    return number;
  }

  #sortByProducer(): { starts: Uint32Array; links: Uint32Array } {
    const links = Uint32Array.from(this.#producerSteps.keys());
    links.sort((a, b) => this.#producerSteps[a]! - this.#producerSteps[b]! || a - b);
    const sorted = Array.from(links, (index) => this.#producerSteps[index]!);
    return { starts: startsOf(sorted, this.steps), links };
  }
}

const none: readonly Link[] = [];
const noSteps: readonly number[] = [];

/** Where each Step's entries begin among ascending ones; one more at the end. */
function startsOf(ascending: readonly number[], steps: number): Uint32Array {
  const starts = new Uint32Array(steps + 1);
  let at = 0;
  for (let step = 0; step <= steps; step++) {
    while (at < ascending.length && ascending[at]! < step) at++;
    starts[step] = at;
  }
  return starts;
}
