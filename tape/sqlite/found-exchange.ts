import type { Exchange, ExchangeHead, Frame, RecorderId } from "../exchange.js";
import type { ByteReader } from "./block/byte-reader.js";
import { type ReadHead, readHead, readWhole } from "./block/read-record.js";
import type { SegmentReader } from "./segment-reader.js";
import type { StoredBlock } from "./stored-blocks.js";
import { withStatus } from "./told-statuses.js";

/** An Exchange found in a segment; its head and the whole of it are read when they are asked for. */
export class FoundExchange {
  readonly startedNs: bigint;
  readonly sequence: number;
  readonly recorder: RecorderId;
  readonly #segment: SegmentReader;
  readonly #row: number;
  #stored: StoredBlock;
  #read: { found: ReadHead; rest: ByteReader } | undefined;

  constructor(segment: SegmentReader, stored: StoredBlock, at: number) {
    this.#segment = segment;
    this.#stored = stored;
    this.#row = stored.row + at;
    this.startedNs = stored.block.startedNs(at);
    this.sequence = stored.block.sequence(at);
    this.recorder = segment.recorderOf(stored.recorder).id;
  }

  /** The id that its place gives it. */
  get id(): number {
    return this.#segment.idBase + this.#row;
  }

  get head(): ExchangeHead {
    try {
      const { head } = this.#readHead().found;
      return withStatus(head, this.#segment.statusesOf(this.#stored).get(this.sequence));
    } catch (thrown) {
      throw this.#segment.troubleOf(thrown);
    }
  }

  /** As it is now: a call that was still going on when it was found may have been completed. */
  whole(): Exchange {
    try {
      return this.#whole();
    } catch (thrown) {
      throw this.#segment.troubleOf(thrown);
    }
  }

  /**
   * Lets go what was read so far. Many are found at once and grow old before their turn comes: what they hold would grow old
   * with them, though nobody needs it any more.
   */
  letGo(): void {
    this.#read = undefined;
  }

  #whole(): Exchange {
    if (!this.#stored.isComplete) this.#readAgain();
    const { found, rest } = this.#readHead();
    const bodies = {
      request: this.#segment.body(found.head.request, found.requestBody),
      answer:
        found.head.answer.kind === "response"
          ? this.#segment.body(found.head.answer, found.answerBody)
          : ({ kind: "empty" } as const),
    };
    const exchange = readWhole(rest, found, bodies, this.#frames(found.head));
    this.letGo();
    return withStatus(exchange, this.#segment.statusesOf(this.#stored).get(this.sequence));
  }

  #frames(head: ExchangeHead): readonly Frame[] {
    return head.frameCount === 0 ? noFrames : this.#segment.frames(this.#row, head.frameCount, head.startedNs);
  }

  #readHead(): { found: ReadHead; rest: ByteReader } {
    if (this.#read !== undefined) return this.#read;
    const { block, row, recorder } = this.#stored;
    const at = this.#row - row;
    const rest = block.record(at);
    const found = readHead(rest, {
      id: this.id,
      recorder: this.#segment.recorderOf(recorder),
      sequence: this.sequence,
      startedNs: this.startedNs,
      shape: this.#segment.shape(block.shapeNumber(at)),
    });
    this.#read = { found, rest };
    return this.#read;
  }

  #readAgain(): void {
    const current = this.#segment.blockOf(this.#row);
    if (current === undefined) throw new RangeError(`row ${this.#row} has gone from its segment`);
    this.#stored = current;
    this.#read = undefined;
  }
}

const noFrames: readonly Frame[] = [];
