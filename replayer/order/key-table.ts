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
    for (const { places, owners } of this.#bucketsOf(steps)) {
      const first = this.#keys[places[0]!]!;
      if (places.every((at) => this.#keys[at] === first)) yield this.#groupOf(first, places, owners);
      else yield* this.#groupsIn(places, owners);
    }
  }

  *#groupsIn(places: Uint32Array, owners: Uint32Array): Generator<KeyGroup> {
    const byKey = new Map<number, number[]>();
    for (const [at, place] of places.entries()) {
      const key = this.#keys[place]!;
      const group = byKey.get(key);
      if (group === undefined) byKey.set(key, [at]);
      else group.push(at);
    }
    for (const [key, group] of byKey) {
      if (group.length < 2) continue;
      const members = Uint32Array.from(group);
      yield this.#groupOf(
        key,
        members.map((at) => places[at]!),
        members.map((at) => owners[at]!),
      );
    }
  }

  #groupOf(key: number, places: Uint32Array, steps: Uint32Array): KeyGroup {
    const writes = new Uint8Array(places.length);
    for (let at = 0; at < writes.length; at++) writes[at] = this.#writes[places[at]!]!;
    return { key, steps, writes };
  }

  /**
   * Entries with equal keys are in one bucket, ascending by Step: a counting sort, for to compare millions takes long. Of
   * each bucket with more than one entry: where they are in the table, and whose they are.
   */
  *#bucketsOf(steps: Uint32Array): Generator<{ places: Uint32Array; owners: Uint32Array }> {
    const buckets = 2 ** Math.min(20, Math.max(4, Math.ceil(Math.log2(this.#used + 1)) - 2));
    const begins = new Uint32Array(buckets + 1);
    const eachEntry = (use: (bucket: number, at: number, step: number) => void) => {
      for (const step of steps) {
        const begin = this.#begins[step]!;
        const end = begin + this.#counts[step]!;
        for (let at = begin; at < end; at++) use((Math.floor(this.#keys[at]! / 3) % buckets) | 0, at, step);
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
      if (to - from > 1) yield { places: places.slice(from, to), owners: owners.slice(from, to) };
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
