import type { Exchange, ExchangeHead, RecorderId } from "../exchange.js";
import type { InTapeOrder } from "../tape-order.js";
import type { ReadBlock } from "./block/read-block.js";
import { type RecordContext, readHead, readWhole } from "./block/read-record.js";
import type { SegmentReader } from "./segment-reader.js";
import type { StoredBlock } from "./stored-blocks.js";
import { withStatus } from "./told-statuses.js";

/** An Exchange found in a segment; its head, or the whole of it, is read when it is asked for. */
export class FoundExchange {
  readonly startedNs: bigint;
  readonly sequence: number;
  readonly #segment: SegmentReader;
  readonly #row: number;
  #stored: StoredBlock;

  constructor(segment: SegmentReader, stored: StoredBlock, at: number) {
    this.#segment = segment;
    this.#stored = stored;
    this.#row = stored.row + at;
    this.startedNs = stored.block.startedNs(at);
    this.sequence = stored.block.sequence(at);
  }

  get recorder(): RecorderId {
    return this.#segment.recorderOf(this.#stored.recorder).id;
  }

  /** The id that its place gives it. */
  get id(): number {
    return this.#segment.idBase + this.#row;
  }

  get head(): ExchangeHead {
    try {
      return this.#withStatus(readHead(this.#record(), this.#context()));
    } catch (thrown) {
      throw this.#segment.troubleOf(thrown);
    }
  }

  /** As it is now: a call that was still going on when it was found may have been completed. */
  whole(): Exchange {
    try {
      if (!this.#stored.isComplete) this.#findAgain();
      return this.#withStatus(readWhole(this.#record(), this.#context(), this.#segment));
    } catch (thrown) {
      throw this.#segment.troubleOf(thrown);
    }
  }

  get #at(): number {
    return this.#row - this.#stored.row;
  }

  #record() {
    return this.#stored.block.record(this.#at);
  }

  #context(): RecordContext {
    const { block, recorder } = this.#stored;
    return {
      id: this.id,
      recorder: this.#segment.recorderOf(recorder),
      sequence: this.sequence,
      startedNs: this.startedNs,
      shape: this.#segment.shape(block.shapeNumber(this.#at)),
    };
  }

  #withStatus<T extends ExchangeHead | Exchange>(read: T): T {
    return withStatus(read, this.#segment.statusesOf(this.#stored).get(this.sequence));
  }

  #findAgain(): void {
    const current = this.#segment.blockOf(this.#row);
    if (current === undefined) throw new RangeError(`row ${this.#row} has gone from its segment`);
    this.#stored = current;
  }
}

/** Whether the Exchange at a place of a block is asked for. */
export type IsAsked = (block: ReadBlock, at: number) => boolean;

/** The Exchanges of a block that are asked for: all where nothing says which. */
export class BlockWalk implements InTapeOrder<FoundExchange> {
  readonly #segment: SegmentReader;
  readonly #stored: StoredBlock;
  readonly #isAsked: IsAsked | undefined;
  #passed = 0;

  constructor(segment: SegmentReader, stored: StoredBlock, isAsked: IsAsked | undefined) {
    this.#segment = segment;
    this.#stored = stored;
    this.#isAsked = isAsked;
  }

  next(): FoundExchange | undefined {
    const { block } = this.#stored;
    const order = block.inTapeOrder;
    while (this.#passed < order.length) {
      const at = order[this.#passed++]!;
      if (this.#isAsked === undefined || this.#isAsked(block, at)) {
        return new FoundExchange(this.#segment, this.#stored, at);
      }
    }
    return undefined;
  }
}
