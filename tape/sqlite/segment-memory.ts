import type { Database } from "better-sqlite3";
import { answerKinds } from "../codes.js";
import { KnownBodies } from "./block/known-bodies.js";
import { SequenceSet } from "./block/sequence-set.js";
import { type Shape, shapeKey } from "./block/shape.js";
import { readShapes } from "./shape-rows.js";
import { type StoredBlock, StoredBlocks } from "./stored-blocks.js";

/** A call whose answer is still to come, as it is stored. */
export interface OpenCall {
  row: number;
  /** The shelf that holds what came of its body so far and nothing else. */
  ownShelf: number | null;
}

/** How many bodies are taken over from a segment that is gone on with. */
const mostBodiesTaken = 2 ** 18;

/**
 * What a writer knows of the segment it writes, so that it needs not ask the file for each Exchange. What was noted since
 * the last `commit` is forgotten with `discard`: memory and file stay of one mind whatever becomes of a transaction.
 */
export class SegmentMemory {
  /** Sequences of this recorder that are stored, and those of them that have ended without an answer. */
  readonly stored = new SequenceSet();
  readonly unanswered = new SequenceSet();
  readonly bodies = new KnownBodies();
  readonly #open = new Map<number, OpenCall>();
  readonly #shapes = new Map<string, number>();
  /** Sequences that have a row of `status` and are not stored, or not complete. */
  readonly #waiting = new Set<number>();
  #undo: (() => void)[] = [];

  /** What the file says of this recorder. Of a new segment: nothing. */
  static load(db: Database, recorder: number): SegmentMemory {
    const memory = new SegmentMemory();
    memory.#loadShapes(db);
    memory.#loadBlocks(db, recorder);
    memory.#loadBodies(db);
    const waiting = db.prepare<[number], number>("SELECT sequence FROM status WHERE recorder = ? AND here = 0").pluck();
    for (const sequence of waiting.iterate(recorder)) memory.#waiting.add(sequence);
    memory.commit();
    return memory;
  }

  commit(): void {
    this.stored.commit();
    this.unanswered.commit();
    this.bodies.commit();
    if (this.#undo.length > 0) this.#undo = [];
  }

  discard(): void {
    this.stored.discard();
    this.unanswered.discard();
    this.bodies.discard();
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
  }

  openCall(sequence: number): OpenCall | undefined {
    return this.#open.size === 0 ? undefined : this.#open.get(sequence);
  }

  /** How many calls have their answer still to come. */
  get openCalls(): number {
    return this.#open.size;
  }

  opened(sequence: number, call: OpenCall): void {
    this.#open.set(sequence, call);
    this.#undo.push(() => this.#open.delete(sequence));
  }

  completed(sequence: number): void {
    const call = this.#open.get(sequence)!;
    this.#open.delete(sequence);
    this.#undo.push(() => this.#open.set(sequence, call));
  }

  get shapeCount(): number {
    return this.#shapes.size;
  }

  shape(key: string): number | undefined {
    return this.#shapes.get(key);
  }

  addShape(key: string, number: number): void {
    this.#shapes.set(key, number);
    this.#undo.push(() => this.#shapes.delete(key));
  }

  isWaiting(sequence: number): boolean {
    return this.#waiting.size > 0 && this.#waiting.has(sequence);
  }

  waits(sequence: number): void {
    this.#waiting.add(sequence);
    this.#undo.push(() => this.#waiting.delete(sequence));
  }

  waitsNoMore(sequence: number): void {
    this.#waiting.delete(sequence);
    this.#undo.push(() => this.#waiting.add(sequence));
  }

  #loadShapes(db: Database): void {
    for (const [number, shape] of readShapes(db)) this.#shapes.set(shapeKey(shape), number);
  }

  #loadBlocks(db: Database, recorder: number): void {
    const shapes = readShapes(db);
    const blocks = new StoredBlocks(db);
    const rows = db.prepare<[number], number>("SELECT id FROM block WHERE recorder = ?").pluck().all(recorder);
    for (const row of rows) this.#loadBlock(blocks.holding(row)!, row, shapes);
  }

  #loadBlock({ block, isComplete, ownShelf }: StoredBlock, row: number, shapes: ReadonlyMap<number, Shape>): void {
    for (let at = 0; at < block.exchanges; at++) {
      const sequence = block.sequence(at);
      this.stored.add(sequence);
      if (!isComplete) this.#open.set(sequence, { row, ownShelf });
      else if (answerKinds[shapes.get(block.shapeNumber(at))?.answerKind ?? -1] === "unknown") {
        this.unanswered.add(sequence);
      }
    }
  }

  #loadBodies(db: Database): void {
    const shelves = db.prepare<[], [number, number, Buffer]>(
      "SELECT id, bodies, directory FROM body_shelf WHERE shared = 1 ORDER BY id DESC",
    );
    let bodies = 0;
    for (const [id, count, directory] of shelves.raw().iterate()) {
      bodies += count;
      if (bodies > mostBodiesTaken) return;
      this.bodies.addShelf(id, directory);
    }
  }
}
