import type { Sighting } from "../../sighting/sighting.js";
import { ByteWriter } from "./byte-writer.js";
import { type RecordParts, writeRecord } from "./write-record.js";

// Large enough for what repeats to be found, small enough to be unpacked for one Exchange.
const fullBytes = 64 * 1024;
const fullExchanges = 1024;
// Differences beyond this do not fit the numbers of a block: such Exchanges begin another.
const farthest = 2 ** 50;

/** A block as it is stored, before it is packed. */
export interface BlockContents {
  exchanges: number;
  firstNs: bigint;
  lastNs: bigint;
  /** What starts and sequences in it count from: those of the first record. */
  baseNs: bigint;
  baseSequence: number;
  leastSequence: number;
  greatestSequence: number;
  /** A view, good until the next record is added. */
  plain: Uint8Array;
  /** How many Exchanges, with how many bytes of bodies seen, each shape has in it. */
  shapes: ReadonlyMap<number, { exchanges: number; bodyBytes: number }>;
}

/** Exchanges that are being put together into one block. Memory is used again from block to block. */
export class BlockDraft {
  readonly #records = new ByteWriter(fullBytes + 8192);
  readonly #directory = new ByteWriter(fullExchanges * 12);
  readonly #whole = new ByteWriter(fullBytes * 2);
  #shapes = new Map<number, { exchanges: number; bodyBytes: number }>();
  #exchanges = 0;
  #baseNs = 0n;
  #baseSequence = 0;
  #leastStart = 0;
  #greatestStart = 0;
  #leastSequence = 0;
  #greatestSequence = 0;

  get exchanges(): number {
    return this.#exchanges;
  }

  get isFull(): boolean {
    return this.#records.usedBytes >= fullBytes || this.#exchanges >= fullExchanges;
  }

  /** Whether the Exchange can be put beside those already here. */
  fits({ startedNs, part }: Sighting): boolean {
    if (this.#exchanges === 0) return true;
    return (
      Math.abs(Number(startedNs - this.#baseNs)) < farthest && Math.abs(part.sequence - this.#baseSequence) < farthest
    );
  }

  add(parts: RecordParts, shape: number, bodyBytes: number): void {
    const { startedNs, part } = parts.sighting;
    if (this.#exchanges === 0) {
      this.#baseNs = startedNs;
      this.#baseSequence = this.#leastSequence = this.#greatestSequence = part.sequence;
    }
    const before = this.#records.usedBytes;
    writeRecord(this.#records, parts);
    const start = Number(startedNs - this.#baseNs);
    this.#directory.uint(this.#records.usedBytes - before);
    this.#directory.uint(shape);
    this.#directory.int(start);
    this.#directory.int(part.sequence - this.#baseSequence);
    this.#exchanges++;
    this.#leastStart = Math.min(this.#leastStart, start);
    this.#greatestStart = Math.max(this.#greatestStart, start);
    this.#leastSequence = Math.min(this.#leastSequence, part.sequence);
    this.#greatestSequence = Math.max(this.#greatestSequence, part.sequence);
    this.#count(shape, bodyBytes);
  }

  /** All of it; the draft is empty afterwards. */
  take(): BlockContents {
    this.#whole.clear();
    this.#whole.uint(this.#exchanges);
    this.#whole.raw(this.#directory.bytes);
    this.#whole.raw(this.#records.bytes);
    const contents = {
      exchanges: this.#exchanges,
      firstNs: this.#baseNs + BigInt(this.#leastStart),
      lastNs: this.#baseNs + BigInt(this.#greatestStart),
      baseNs: this.#baseNs,
      baseSequence: this.#baseSequence,
      leastSequence: this.#leastSequence,
      greatestSequence: this.#greatestSequence,
      plain: this.#whole.bytes,
      shapes: this.#shapes,
    };
    this.clear();
    return contents;
  }

  clear(): void {
    this.#records.clear();
    this.#directory.clear();
    this.#shapes = new Map();
    this.#exchanges = this.#leastStart = this.#greatestStart = 0;
  }

  #count(shape: number, bodyBytes: number): void {
    const counted = this.#shapes.get(shape);
    if (counted === undefined) this.#shapes.set(shape, { exchanges: 1, bodyBytes });
    else {
      counted.exchanges++;
      counted.bodyBytes += bodyBytes;
    }
  }
}
