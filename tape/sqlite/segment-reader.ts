import { statSync } from "node:fs";
import type { Database, Statement } from "better-sqlite3";
import { defined } from "../../base/index.js";
import type { Exchange, ExchangeHead } from "../exchange.js";
import { withTiesOrdered } from "../tape-order.js";
import { headColumns, restQuery } from "./exchange-columns.js";
import { segmentKind } from "./format.js";
import { openForReading } from "./open-database.js";
import {
  exchangeFromRows,
  type FrameRow,
  frameCountOfRest,
  frameFromRow,
  type HeadRow,
  headFromRow,
  isStale,
  type RecorderOfRow,
  type RestRow,
} from "./read-row.js";
import { readMeta, rowsPerSegment, type SegmentMeta } from "./schema.js";
import { orTapeError } from "./trouble.js";

/** Rows of an Exchange that its head is not made of. */
export interface FoundRest {
  rest: RestRow;
  frames: readonly FrameRow[];
}

/** From inclusive, to exclusive. */
export interface TimeRange {
  fromNs?: bigint;
  toNs?: bigint;
}

/** Heads read at once: a read transaction lasts that long, and the log of a tape being written is not held up by a slow reader. */
const pageRows = 256;
const earliestNs = -(2n ** 63n);
const latestNs = 2n ** 63n - 1n;

/** One segment opened for reading. Everything it throws is a TapeError that names the file. */
export class SegmentReader {
  readonly path: string;
  readonly meta: SegmentMeta;
  readonly db: Database;
  readonly #page: Statement<[bigint, bigint, bigint, number, number], HeadRow>;
  readonly #one: Statement<[number], HeadRow>;
  readonly #rest: Statement<[number], RestRow>;
  readonly #frames: Statement<[number], FrameRow>;
  readonly #restsInOne: (rows: readonly number[]) => (FoundRest | undefined)[];
  #number: number;
  #recorders: ReadonlyMap<number, RecorderOfRow> | undefined;

  constructor(path: string) {
    this.path = path;
    this.db = openForReading(path, segmentKind);
    const { db } = this;
    try {
      this.meta = readMeta(db);
      this.#number = this.meta.number;
      this.#page = db.prepare<[bigint, bigint, bigint, number, number], HeadRow>(pageQuery).raw();
      this.#one = db.prepare<[number], HeadRow>(`SELECT ${headColumns.join(", ")} FROM exchange WHERE id = ?`).raw();
      this.#rest = db.prepare<[number], RestRow>(restQuery).raw();
      this.#frames = db.prepare<[number], FrameRow>(framesQuery).raw();
      this.#restsInOne = db.transaction((rows: readonly number[]) => rows.map((row) => this.#restOf(row)));
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

  get bytes(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** In tape order, a page at a time. */
  *heads(range: TimeRange): Generator<ExchangeHead> {
    yield* withTiesOrdered(this.#headsByTime(range));
  }

  /** By row within this segment. */
  head(row: number): ExchangeHead | undefined {
    return this.guarded(() => {
      const found = this.#one.get(row);
      return found && this.#headFrom(found);
    });
  }

  /** The whole of an Exchange of this segment, when it is still there. `rest` is what `rests` found for its row. */
  whole(head: ExchangeHead, row: number, rest?: FoundRest): Exchange | undefined {
    return this.guarded(() => this.#whole(head, row, rest ?? this.#restOf(row)));
  }

  /**
   * What the heads of these rows lack, in their order; bodies are still coded. All in one read transaction: a file that is
   * not in WAL mode is locked for each, which costs as much as the reading.
   */
  rests(rows: readonly number[]): (FoundRest | undefined)[] {
    return this.guarded(() => this.#restsInOne(rows));
  }

  /** Runs a query on this segment; what SQLite throws becomes a TapeError. */
  guarded<T>(query: () => T): T {
    return orTapeError("read tape", this.path, query);
  }

  close(): void {
    this.db.close();
  }

  #restOf(row: number): FoundRest | undefined {
    const rest = this.#rest.get(row);
    return rest && { rest, frames: rest[frameCountOfRest] === 0 ? [] : this.#frames.all(row) };
  }

  #whole(head: ExchangeHead, row: number, found: FoundRest | undefined): Exchange | undefined {
    if (!found) return undefined;
    if (isStale(head, found.rest)) {
      const current = this.head(row);
      return current && this.#whole({ ...current, id: head.id }, row, this.#restOf(row));
    }
    return exchangeFromRows(
      head,
      found.rest,
      found.frames.map((frame) => frameFromRow(frame, head.startedNs)),
    );
  }

  *#headsByTime(range: TimeRange): Generator<ExchangeHead> {
    const toNs = range.toNs ?? latestNs;
    let afterNs = range.fromNs ?? earliestNs;
    let afterRow = -1;
    for (;;) {
      const heads = this.guarded(() =>
        this.#page.all(afterNs, toNs, afterNs, afterRow, pageRows).map((row) => this.#headFrom(row)),
      );
      yield* heads;
      const last = heads.at(-1);
      if (!last || heads.length < pageRows) return;
      afterNs = last.startedNs;
      afterRow = last.id - this.#idBase;
    }
  }

  get #idBase(): number {
    return (this.#number - 1) * rowsPerSegment;
  }

  #headFrom(row: HeadRow): ExchangeHead {
    const recorder = row[1] as number;
    // A recorder may have begun to append to this file after it was opened here.
    if (!this.#recorders?.has(recorder)) this.#recorders = readRecorders(this.db);
    return headFromRow(row, this.#recorders, this.#idBase);
  }
}

/** Walks the index on started_ns from where the last page ended; `?`: from, to, from, after row, limit. */
export const pageQuery = `
  SELECT ${headColumns.join(", ")} FROM exchange
  WHERE started_ns >= ? AND started_ns < ? AND (started_ns, id) > (?, ?)
  ORDER BY started_ns, id LIMIT ?`;

const framesQuery = "SELECT direction, kind, at_after_ns, offset, length FROM frame WHERE exchange = ? ORDER BY number";

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
