import { statSync } from "node:fs";
import type { Database, Statement } from "better-sqlite3";
import { defined } from "../../base/index.js";
import type { Body } from "../../message/index.js";
import type { TapeError } from "../errors.js";
import type { Frame, Origin, RecorderId } from "../exchange.js";
import { type InTapeOrder, TapeMerge } from "../tape-order.js";
import { framesFromBytes } from "./block/frames.js";
import type { BodyLink, KeptElsewhere, RecordContext } from "./block/read-record.js";
import type { Shape } from "./block/shape.js";
import { segmentKind } from "./format.js";
import { BlockWalk, FoundExchange, type IsAsked } from "./found-exchange.js";
import { openForReading } from "./open-database.js";
import { readMeta, rowsPerSegment, type SegmentMeta } from "./schema.js";
import { readShapes } from "./shape-rows.js";
import { Dictionaries, type StoredBlock, StoredBlocks } from "./stored-blocks.js";
import { StoredBodies } from "./stored-bodies.js";
import { ToldHere, type ToldStatus } from "./told-statuses.js";
import { orTapeError, tapeErrorFor } from "./trouble.js";

/** What of a segment is asked for: from inclusive, to exclusive; `shape` says which may hold it, `texts` stand in each. */
export interface SegmentQuery {
  fromNs?: bigint;
  toNs?: bigint;
  shape?: (shape: Shape) => boolean;
  texts?: readonly string[];
}

const earliestNs = -(2n ** 63n);
const latestNs = 2n ** 63n - 1n;

/** Blocks that are held unpacked, by bytes: enough for all that began while others were going on. */
const heldBlockBytes = 24 * 1024 * 1024;

/** What a segment's recorder row says. */
export interface RecorderOfRow {
  id: RecorderId;
  origin: Origin;
}

/** One segment opened for reading. Everything its public methods throw, and those of what it finds, is a TapeError that names the file. */
export class SegmentReader implements KeptElsewhere {
  readonly path: string;
  readonly meta: SegmentMeta;
  readonly db: Database;
  readonly #list: Statement<[bigint, bigint], ListedRow>;
  readonly #listShapes: Statement<[string, bigint, bigint], ListedRow>;
  readonly #rowOf: Statement<[string, number, number], number>;
  readonly #firstRow: Statement<[number], number>;
  readonly #frames: Statement<[number], Buffer>;
  readonly #blocks: StoredBlocks;
  readonly #bodies: StoredBodies;
  readonly #told: ToldHere;
  readonly #held = new Map<number, StoredBlock>();
  #heldBytes = 0;
  #number: number;
  #recorders: ReadonlyMap<number, RecorderOfRow> = new Map();
  #shapes = new Map<number, Shape>();
  #lastShape = 0;

  constructor(path: string) {
    this.path = path;
    this.db = openForReading(path, segmentKind);
    const { db } = this;
    try {
      this.meta = readMeta(db);
      this.#number = this.meta.number;
      this.#list = db.prepare<[bigint, bigint], ListedRow>(listQuery).raw().safeIntegers(true);
      this.#listShapes = db.prepare<[string, bigint, bigint], ListedRow>(listShapesQuery).raw().safeIntegers(true);
      this.#rowOf = db.prepare<[string, number, number], number>(rowOfQuery).pluck();
      this.#firstRow = db.prepare<[number], number>("SELECT max(id) FROM block WHERE id <= ?").pluck();
      this.#frames = db.prepare<[number], Buffer>("SELECT bytes FROM frames WHERE exchange = ?").pluck();
      const dictionaries = new Dictionaries(db);
      this.#blocks = new StoredBlocks(db, dictionaries);
      this.#bodies = new StoredBodies(db, dictionaries);
      this.#told = new ToldHere(db);
    } catch (thrown) {
      db.close();
      throw orTapeError("open tape", path, () => {
        throw thrown;
      });
    }
  }

  /** Its number on the tape it is opened as part of. */
  get number(): number {
    return this.#number;
  }

  /** Gives it another number, where two segments opened together have the same. */
  renumber(number: number): void {
    this.#number = number;
  }

  /** Ids of its Exchanges are this and their row. */
  get idBase(): number {
    return (this.#number - 1) * rowsPerSegment;
  }

  get bytes(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /**
   * In tape order. Blocks are walked by when they begin; what they hold is told as far as no later block can begin before
   * it, so that only blocks that overlap are held.
   */
  exchanges(query: SegmentQuery): InTapeOrder<FoundExchange> {
    this.#told.refresh();
    const isAsked = this.#askedFor(query);
    const listed = this.guarded(() => this.#listed(query));
    const begun = new TapeMerge<FoundExchange>();
    let at = 0;
    const next = () => {
      const block = listed[at];
      if (block === undefined) return begun.next();
      const [row, firstNs] = block;
      const due = begun.next(firstNs);
      if (due !== undefined) return due;
      at++;
      const stored = this.blockOf(Number(row));
      const mayHold = stored && query.texts?.every((text) => stored.block.contains(text)) !== false;
      if (mayHold) begun.add(new BlockWalk(this, stored, isAsked));
      return null;
    };
    return { next: () => this.guarded(next) };
  }

  /** By row within this segment. */
  exchange(row: number): FoundExchange | undefined {
    this.#told.refresh();
    return this.guarded(() => {
      const stored = this.blockOf(row);
      return stored && new FoundExchange(this, stored, row - stored.row);
    });
  }

  /** Where an incarnation's Exchange of this sequence is. */
  rowOf(incarnation: string, sequence: number): number | undefined {
    return this.guarded(() => {
      for (const row of this.#rowOf.all(incarnation, sequence, sequence)) {
        const { block } = this.blockOf(row)!;
        for (let at = 0; at < block.exchanges; at++) if (block.sequence(at) === sequence) return row + at;
      }
      return undefined;
    });
  }

  /** Runs a query on this segment; what SQLite throws becomes a TapeError. */
  guarded<T>(query: () => T): T {
    try {
      return query();
    } catch (thrown) {
      throw this.troubleOf(thrown);
    }
  }

  /** What was thrown while it was read, as a TapeError. */
  troubleOf(thrown: unknown): TapeError {
    return tapeErrorFor("read tape", this.path, thrown);
  }

  close(): void {
    this.db.close();
  }

  /** The block that holds a row, from memory when it was unpacked lately and cannot change any more. */
  blockOf(row: number): StoredBlock | undefined {
    const first = this.#firstRow.get(row);
    if (typeof first !== "number") return undefined;
    const held = this.#held.get(first);
    if (held !== undefined) return row < first + held.block.exchanges ? held : undefined;
    const stored = this.#blocks.holding(row);
    if (stored?.isComplete) this.#hold(stored);
    return stored;
  }

  recorderOf(row: number): RecorderOfRow {
    // A recorder may have begun to append to this file after it was opened here.
    if (!this.#recorders.has(row)) this.#recorders = readRecorders(this.db);
    const recorder = this.#recorders.get(row);
    if (recorder === undefined) throw new RangeError(`recorder ${row} of an Exchange is not in its segment`);
    return recorder;
  }

  shape(number: number): Shape {
    if (number > this.#lastShape) this.#readShapes();
    const shape = this.#shapes.get(number);
    if (shape === undefined) throw new RangeError(`shape ${number} of an Exchange is not in its segment`);
    return shape;
  }

  statusesOf(stored: StoredBlock): ReadonlyMap<number, ToldStatus> {
    return this.#told.of(stored);
  }

  body(kind: Body["kind"], seenBytes: number, link: BodyLink): Body {
    return this.#bodies.body(kind, seenBytes, link);
  }

  frames({ id, startedNs }: Pick<RecordContext, "id" | "startedNs">, count: number): Frame[] {
    const row = id - this.idBase;
    const bytes = this.#frames.get(row);
    if (bytes === undefined) throw new RangeError(`the frames of row ${row} are not in their segment`);
    return framesFromBytes(bytes, count, startedNs);
  }

  #listed({ fromNs = earliestNs, toNs = latestNs, shape }: SegmentQuery): ListedRow[] {
    if (shape === undefined) return this.#list.all(toNs, fromNs);
    this.#readShapes();
    const numbers = [...this.#shapes].filter(([, one]) => shape(one)).map(([number]) => number);
    return this.#listShapes.all(JSON.stringify(numbers), toNs, fromNs);
  }

  #askedFor({ fromNs, toNs, shape }: SegmentQuery): IsAsked | undefined {
    const verdicts = new Map<number, boolean>();
    const isOfShape = (number: number) => {
      let verdict = verdicts.get(number);
      if (verdict === undefined) {
        verdict = shape!(this.shape(number));
        verdicts.set(number, verdict);
      }
      return verdict;
    };
    if (shape === undefined && fromNs === undefined && toNs === undefined) return undefined;
    return (block, at) => {
      if (shape !== undefined && !isOfShape(block.shapeNumber(at))) return false;
      const startedNs = block.startedNs(at);
      return (fromNs === undefined || startedNs >= fromNs) && (toNs === undefined || startedNs < toNs);
    };
  }

  #hold(stored: StoredBlock): void {
    this.#held.set(stored.row, stored);
    this.#heldBytes += stored.plainBytes;
    for (const [oldest, { plainBytes }] of this.#held) {
      if (this.#heldBytes <= heldBlockBytes) return;
      this.#held.delete(oldest);
      this.#heldBytes -= plainBytes;
    }
  }

  #readShapes(): void {
    for (const [number, shape] of readShapes(this.db, this.#lastShape)) {
      this.#shapes.set(number, shape);
      this.#lastShape = number;
    }
  }
}

type ListedRow = readonly [row: bigint, firstNs: bigint];

/** The blocks that hold anything of a time, by when they begin; `?`: to, from. */
export const listQuery = "SELECT id, first_ns FROM block WHERE first_ns < ? AND last_ns >= ? ORDER BY first_ns";

/** The same for the blocks that hold Exchanges of some shapes; `?`: their numbers as JSON, to, from. */
export const listShapesQuery = `
  SELECT DISTINCT block.id, first_ns FROM json_each(?) AS wanted
  CROSS JOIN shape_block ON shape_block.shape = wanted.value
  CROSS JOIN block ON block.id = shape_block.block
  WHERE first_ns < ? AND last_ns >= ? ORDER BY first_ns`;

/** The blocks that may hold a sequence; `?`: incarnation, sequence, sequence. */
const rowOfQuery = `
  SELECT id FROM block
  WHERE recorder = (SELECT id FROM recorder WHERE incarnation = ?) AND least_sequence <= ? AND greatest_sequence >= ?`;

interface RecorderRow {
  id: number;
  name: string;
  incarnation: string;
  cluster: string | null;
  namespace: string | null;
  workload: string | null;
  version: string | null;
  node: string | null;
}

function readRecorders(db: Database): ReadonlyMap<number, RecorderOfRow> {
  const rows = db.prepare<[], RecorderRow>("SELECT * FROM recorder").all();
  return new Map(
    rows.map(({ id, name, incarnation, cluster, namespace, workload, version, node }) => [
      id,
      {
        id: { name, incarnation },
        origin: defined({
          cluster: cluster ?? undefined,
          namespace: namespace ?? undefined,
          workload: workload ?? undefined,
          version: version ?? undefined,
          node: node ?? undefined,
        }),
      },
    ]),
  );
}
