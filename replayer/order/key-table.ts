import { grown } from "../columns.js";
import type { OrderKeys } from "./keys.js";

/** The Steps that share a key, ascending. */
export interface KeyGroup {
  key: number;
  steps: Uint32Array;
  /** Of each whether it holds back every other one, or writes alone. */
  writes: Uint8Array;
}

/** What ties the Steps of a run to each other, for its certificate: about nine bytes for each key of each Step. */
export class KeyTable {
  #keys = new Float64Array(1024);
  #writes = new Uint8Array(1024);
  #used = 0;
  /** Where each Step's keys begin; those of a Step that was left out are none. */
  #begins: Uint32Array<ArrayBuffer>;
  #counts: Uint8Array<ArrayBuffer>;
  readonly #links: number[] = [];

  constructor(steps: number) {
    this.#begins = new Uint32Array(steps);
    this.#counts = new Uint8Array(steps);
  }

  add(step: number, { exclusive, resource, writes }: OrderKeys, producers: readonly number[]): void {
    if (step >= this.#counts.length) this.#growSteps(step + 1);
    this.#begins[step] = this.#used;
    for (const key of exclusive) this.#addKey(step, key, true);
    if (resource !== 0) this.#addKey(step, resource, writes);
    for (const producer of producers) this.#links.push(producer, step);
  }

  /** A Step that needs a value, with the one that gives it. */
  *links(): Generator<{ producer: number; consumer: number }> {
    for (let at = 0; at < this.#links.length; at += 2) {
      yield { producer: this.#links[at]!, consumer: this.#links[at + 1]! };
    }
  }

  /** Whether two Steps share a key by which one of them has to wait for the other. */
  areTied(one: number, other: number): boolean {
    for (let a = 0; a < this.#counts[one]!; a++) {
      const at = this.#begins[one]! + a;
      for (let b = 0; b < this.#counts[other]!; b++) {
        const to = this.#begins[other]! + b;
        if (this.#keys[at] === this.#keys[to] && (this.#writes[at] === 1 || this.#writes[to] === 1)) return true;
      }
    }
    return false;
  }

  /** All keys that more than one of these Steps have; `steps` ascending. O(n). */
  *groups(steps: Uint32Array): Generator<KeyGroup> {
    for (const entries of this.#bucketsOf(steps)) {
      if (entries.length < 2) continue;
      const byKey = new Map<number, Entry[]>();
      for (const entry of entries) {
        const key = this.#keys[entry.at]!;
        const group = byKey.get(key);
        if (group === undefined) byKey.set(key, [entry]);
        else group.push(entry);
      }
      for (const [key, group] of byKey) {
        if (group.length < 2) continue;
        yield {
          key,
          steps: Uint32Array.from(group, ({ step }) => step),
          writes: Uint8Array.from(group, ({ at }) => this.#writes[at]!),
        };
      }
    }
  }

  /** Entries with equal keys are in one bucket, ascending by Step: a counting sort, for to compare millions takes long. */
  *#bucketsOf(steps: Uint32Array): Generator<Entry[]> {
    const buckets = 2 ** Math.min(20, Math.max(4, Math.ceil(Math.log2(this.#used + 1)) - 2));
    const begins = new Uint32Array(buckets + 1);
    const eachEntry = (use: (bucket: number, at: number, step: number) => void) => {
      for (const step of steps) {
        for (let at = this.#begins[step]!; at < this.#begins[step]! + this.#counts[step]!; at++) {
          use(Math.floor(this.#keys[at]! / 3) % buckets, at, step);
        }
      }
    };
    eachEntry((bucket) => begins[bucket + 1]!++);
    for (let bucket = 0; bucket < buckets; bucket++) begins[bucket + 1]! += begins[bucket]!;
    const [places, owners] = [new Uint32Array(begins[buckets]!), new Uint32Array(begins[buckets]!)];
    const next = begins.slice();
    eachEntry((bucket, at, step) => {
      const place = next[bucket]!++;
      places[place] = at;
      owners[place] = step;
    });
    for (let bucket = 0; bucket < buckets; bucket++) {
      const [from, to] = [begins[bucket]!, begins[bucket + 1]!];
      yield Array.from({ length: to - from }, (_, at) => ({ at: places[from + at]!, step: owners[from + at]! }));
    }
  }

  #addKey(step: number, key: number, writes: boolean): void {
    if (this.#used === this.#keys.length) this.#grow();
    this.#keys[this.#used] = key;
    this.#writes[this.#used] = writes ? 1 : 0;
    this.#used++;
    this.#counts[step]!++;
  }

  #grow(): void {
    this.#keys = grown(this.#keys, new Float64Array(this.#keys.length * 2));
    this.#writes = grown(this.#writes, new Uint8Array(this.#writes.length * 2));
  }

  #growSteps(least: number): void {
    const length = Math.max(1024, 2 * this.#counts.length, least);
    this.#begins = grown(this.#begins, new Uint32Array(length));
    this.#counts = grown(this.#counts, new Uint8Array(length));
  }
}

/** A key of a Step: where it is in the table, and whose it is. */
interface Entry {
  at: number;
  step: number;
}
