import type { Database, Statement } from "better-sqlite3";
import { TapeError } from "../errors.js";
import type { Sighting } from "../sighting/sighting.js";
import { type BlockContents, BlockDraft } from "./block/block-draft.js";
import { Packer } from "./block/packer.js";
import { isShapeOf, type Shape, shapeKey, shapeOf, withoutTexts } from "./block/shape.js";
import type { RecordParts } from "./block/write-record.js";
import { rowsPerSegment } from "./schema.js";
import type { SegmentMemory } from "./segment-memory.js";
import { prepareShapeInsert } from "./shape-rows.js";

// Hosts and methods come from the traffic: beyond so many shapes, Exchanges of a segment say themselves what they are.
const mostShapes = 4096;

/** An Exchange to be stored, without what is known here. */
export type ToStore = Omit<RecordParts, "ownLine"> & { bodyBytes: number };

/**
 * Puts the Exchanges of one recorder into blocks. Within a transaction: `begin`, Exchanges, `flush`. Rows are given in
 * the order in which Exchanges are added.
 */
export class BlockWriter {
  readonly #recorder: number;
  readonly #path: string;
  readonly #memory: SegmentMemory;
  readonly #draft = new BlockDraft();
  readonly #alone = new BlockDraft();
  readonly #packer: Packer;
  readonly #insertShape: (shape: Shape) => number;
  readonly #statements: ReturnType<typeof prepareStatements>;
  /** Of the Exchange before. */
  #last: { shape: Shape; number: number; ownLine: boolean } | undefined;
  /** The row that the first Exchange of the draft will have. */
  #nextRow = 0;

  constructor(options: {
    db: Database;
    path: string;
    recorder: number;
    memory: SegmentMemory;
    storeDictionary: (bytes: Uint8Array) => number;
  }) {
    this.#recorder = options.recorder;
    this.#path = options.path;
    this.#memory = options.memory;
    this.#packer = new Packer(options.storeDictionary);
    this.#insertShape = prepareShapeInsert(options.db);
    this.#statements = prepareStatements(options.db);
  }

  /** How many rows have been given out, here and by others that append to the file. */
  get rows(): number {
    return this.#nextRow - 1;
  }

  begin(): void {
    this.#nextRow = this.#statements.nextRow.get()!;
  }

  /** Stores what is in hand. */
  flush(): void {
    this.#flushDraft();
    this.#statements.setNextRow.run(this.#nextRow);
  }

  /** Lets go of what is in hand: the transaction was taken back. */
  discard(): void {
    this.#draft.clear();
    this.#last = undefined;
    this.#packer.forget();
  }

  /** Gives the Exchange's row. */
  add(exchange: ToStore): number {
    if (!this.#draft.fits(exchange.sighting)) this.#flushDraft();
    const row = this.#nextRow + this.#draft.exchanges;
    if (row >= rowsPerSegment) {
      throw new TapeError(`cannot write tape "${this.#path}": it holds ${rowsPerSegment} Exchanges; begin another`);
    }
    this.#addTo(this.#draft, exchange);
    if (this.#draft.isFull) this.#flushDraft();
    return row;
  }

  /** Stores a call that is still going on in a block of its own; gives its row. */
  addOpen(exchange: ToStore, ownShelf: number | null): number {
    this.#flushDraft();
    const row = this.#nextRow++;
    this.#addTo(this.#alone, exchange);
    this.#insert(row, this.#alone.take(), { complete: 0, ownShelf });
    return row;
  }

  /** Puts the whole call in place of the block that was stored while it went on. */
  complete(exchange: ToStore, row: number): void {
    this.#statements.remove.run(row);
    this.#statements.removeShapes.run(row);
    this.#addTo(this.#alone, exchange);
    this.#insert(row, this.#alone.take(), { complete: 1, ownShelf: null });
  }

  #addTo(draft: BlockDraft, exchange: ToStore): void {
    const { number, ownLine } = this.#shapeFor(exchange.sighting);
    const { sighting, requestBody, answerBody } = exchange;
    draft.add({ sighting, requestBody, answerBody, ownLine }, number, exchange.bodyBytes);
  }

  #shapeFor(sighting: Sighting): { number: number; ownLine: boolean } {
    if (this.#last !== undefined && isShapeOf(this.#last.shape, sighting)) return this.#last;
    const shape = shapeOf(sighting);
    this.#last = { shape, ...this.#find(shape) };
    return this.#last;
  }

  #find(shape: Shape): { number: number; ownLine: boolean } {
    const key = shapeKey(shape);
    const known = this.#memory.shape(key);
    if (known !== undefined) return { number: known, ownLine: false };
    if (this.#memory.shapeCount < mostShapes) return { number: this.#newShape(key, shape), ownLine: false };
    const general = withoutTexts(shape);
    const generalKey = shapeKey(general);
    return { number: this.#memory.shape(generalKey) ?? this.#newShape(generalKey, general), ownLine: true };
  }

  #newShape(key: string, shape: Shape): number {
    const number = this.#insertShape(shape);
    this.#memory.addShape(key, number);
    return number;
  }

  #flushDraft(): void {
    if (this.#draft.exchanges === 0) return;
    const contents = this.#draft.take();
    this.#insert(this.#nextRow, contents, { complete: 1, ownShelf: null });
    this.#nextRow += contents.exchanges;
  }

  #insert(row: number, contents: BlockContents, state: { complete: number; ownShelf: number | null }): void {
    const packed = this.#packer.pack(contents.plain);
    this.#statements.insert.run(
      row,
      this.#recorder,
      contents.exchanges,
      state.complete,
      contents.firstNs,
      contents.lastNs,
      contents.baseNs,
      contents.baseSequence,
      contents.leastSequence,
      contents.greatestSequence,
      state.ownShelf,
      packed.codec,
      packed.dictionary,
      contents.plain.length,
      packed.bytes,
    );
    for (const [shape, { exchanges, bodyBytes }] of contents.shapes) {
      this.#statements.insertShapeBlock.run(shape, row, exchanges, bodyBytes);
    }
  }
}

function prepareStatements(db: Database) {
  return {
    nextRow: db.prepare<[], number>("SELECT value FROM meta WHERE key = 'next_row'").pluck(),
    setNextRow: db.prepare("UPDATE meta SET value = ? WHERE key = 'next_row'"),
    insert: db.prepare(
      `INSERT INTO block (id, recorder, exchanges, complete, first_ns, last_ns, base_ns, base_sequence, least_sequence,
         greatest_sequence, own_shelf, codec, dictionary, plain_bytes, bytes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ) as Statement<(number | bigint | null | Uint8Array)[]>,
    insertShapeBlock: db.prepare("INSERT INTO shape_block (shape, block, exchanges, body_bytes) VALUES (?, ?, ?, ?)"),
    remove: db.prepare("DELETE FROM block WHERE id = ?"),
    removeShapes: db.prepare("DELETE FROM shape_block WHERE block = ?"),
  };
}
