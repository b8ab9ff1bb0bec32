import type { GorRecord } from "./records.js";

/** A request and what answered it, as far as both were met. */
export interface GorPair {
  request?: GorRecord;
  answer?: GorRecord;
}

interface Waiting extends GorPair {
  bytes: number;
}

/** How much may wait for its other half: beyond it, what has waited longest is given up. */
const mostBytes = 64 * 2 ** 20;
const mostWaiting = 100_000;

/**
 * Brings requests and answers of the same id together, in whichever order and however far apart they come, as long as no
 * more than 64 MiB of records lies between them.
 */
export class Pairing {
  readonly #waiting = new Map<string, Waiting>();
  #bytes = 0;

  /** Gives the pair that the record completes, and those that have waited too long. */
  *take(record: GorRecord): Generator<GorPair> {
    const found = this.#waiting.get(record.id);
    const half = record.kind === "request" ? "request" : "answer";
    if (found && found[half] === undefined) {
      this.#forget(record.id, found);
      yield { ...found, [half]: record };
      return;
    }
    // The same id again is another call: ids are random, but some tools number them from 1 in each file they join.
    if (found) {
      this.#forget(record.id, found);
      yield found;
    }
    this.#wait(record, half);
    while (this.#bytes > mostBytes || this.#waiting.size > mostWaiting) yield this.#oldest();
  }

  /** Those that are still waiting at the end. */
  *rest(): Generator<GorPair> {
    while (this.#waiting.size > 0) yield this.#oldest();
  }

  #wait(record: GorRecord, half: keyof GorPair): void {
    const bytes = record.payload.length + 200;
    this.#bytes += bytes;
    this.#waiting.set(record.id, { [half]: record, bytes });
  }

  #oldest(): GorPair {
    const [id, waiting] = this.#waiting.entries().next().value!;
    this.#forget(id, waiting);
    return waiting;
  }

  #forget(id: string, { bytes }: Waiting): void {
    this.#waiting.delete(id);
    this.#bytes -= bytes;
  }
}
