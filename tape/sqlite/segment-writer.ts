import { statSync } from "node:fs";
import type { Database, Statement } from "better-sqlite3";
import type { CapturedFrame } from "../captured.js";
import { frameDirections, frameKinds } from "../codes.js";
import { TapeError } from "../errors.js";
import { type LedgerCounts, ledgerCounts } from "../ledger.js";
import { afterStartNs, answerBodyOf, type Sighting } from "../sighting/sighting.js";
import { BodyTable } from "./body-table.js";
import { storedColumns } from "./exchange-columns.js";
import { segmentKind } from "./format.js";
import { closeWritten, openForWriting } from "./open-database.js";
import { columnOf, readMeta, rowsPerSegment } from "./schema.js";
import { sealSegment } from "./segment-care.js";
import { createSegment, refuseUnfit, registerRecorder, type SegmentOptions } from "./segment-creation.js";
import { exchangeParams } from "./write-row.js";

/** What became of a part: `ignored` when it was stored already. */
export type Kept = "new" | "completed" | "ignored";

interface OpenRow {
  id: number;
  complete: number;
  request_body: number | null;
}

/**
 * One segment open for appending by one recorder, on the thread that calls. Other recorders may append to the same file
 * meanwhile. What throws has changed nothing in the file.
 */
export class SegmentWriter {
  readonly path: string;
  readonly createdNs: bigint;
  readonly #db: Database;
  readonly #inode: bigint;
  readonly #recorder: number;
  readonly #bodies: BodyTable;
  readonly #statements: ReturnType<typeof prepareStatements>;
  #nextRow = 0;

  constructor(options: SegmentOptions) {
    this.path = options.path;
    const db = openForWriting(options.path, segmentKind, (created) => createSegment(created, options));
    try {
      refuseUnfit(db, options.path, options.key);
      this.#db = db;
      this.createdNs = readMeta(db).createdNs;
      this.#inode = statSync(options.path, { bigint: true }).ino;
      this.#recorder = registerRecorder(db, options);
      this.#bodies = new BodyTable(db, options.key);
      this.#statements = prepareStatements(db);
    } catch (thrown) {
      db.close();
      throw thrown;
    }
  }

  /** Bytes of the file and its log. */
  get bytes(): number {
    return fileBytes(this.path) + fileBytes(`${this.path}-wal`);
  }

  /** How many rows have been given out, here and by others that append to the file. */
  get rows(): number {
    return this.#nextRow - 1;
  }

  /** Runs `work` in one transaction and marks the recorder alive at `aliveNs`. */
  inTransaction<T>(aliveNs: bigint, work: () => T): T {
    this.#refuseRemoved();
    return this.#db
      .transaction(() => {
        this.#nextRow = this.#statements.nextRow.get()!;
        const result = work();
        this.#statements.setNextRow.run(this.#nextRow);
        this.#statements.alive.run(aliveNs, this.#recorder);
        return result;
      })
      .immediate();
  }

  /** Keeps one part; within a transaction. */
  keep(sighting: Sighting): Kept {
    const open = sighting.part.part === "answer" ? this.#find(sighting.part.sequence) : undefined;
    if (open === undefined) return this.#insert(sighting, this.#newRow()) ? "new" : "ignored";
    if (open.complete === 1) return "ignored";
    this.#statements.remove.run(open.id);
    this.#insert(sighting, open.id);
    this.#bodies.releaseUnshared(open.request_body);
    return "completed";
  }

  /** Adds to the ledger's counts of a minute; within a transaction. */
  count(minuteNs: bigint, counts: Partial<LedgerCounts>): void {
    this.#statements.count.run(this.#recorder, minuteNs, ...ledgerCounts.map((count) => counts[count] ?? 0));
  }

  /** Says goodbye: what is missing after this is no gap. */
  stop(stoppedNs: bigint): void {
    this.#db.prepare("UPDATE recorder SET stopped_ns = ? WHERE id = ?").run(stoppedNs, this.#recorder);
  }

  /** Nothing is appended after this. */
  seal(sealedNs: bigint): void {
    sealSegment(this.#db, this.path, sealedNs);
  }

  close(): void {
    closeWritten(this.#db);
  }

  /** Closes the handles and nothing else: for a file that is in trouble. */
  abandon(): void {
    this.#db.close();
  }

  #newRow(): number {
    if (this.#nextRow >= rowsPerSegment) {
      throw new TapeError(`cannot write tape "${this.path}": it holds ${rowsPerSegment} Exchanges; begin another`);
    }
    return this.#nextRow;
  }

  #find(sequence: number): OpenRow | undefined {
    return this.#statements.find.get(this.#recorder, sequence);
  }

  #insert(sighting: Sighting, id: number): boolean {
    const { part, asItCame } = sighting;
    const requestBody = this.#bodies.store(part.request.body, {
      shared: part.request.end !== "open",
      asItCame: asItCame.request,
    });
    const answerBody = this.#bodies.store(answerBodyOf(part), { shared: true, asItCame: asItCame.answer });
    const links = { id, recorder: this.#recorder, requestBody, answerBody };
    if (this.#statements.insert.run(...exchangeParams(sighting, links)).changes === 0) {
      this.#bodies.takeBack(answerBody);
      this.#bodies.takeBack(requestBody);
      return false;
    }
    if (id === this.#nextRow) this.#nextRow++;
    part.frames?.forEach((frame, number) => {
      this.#insertFrame(id, number, frame, afterStartNs(part, frame.atMs));
    });
    return true;
  }

  #insertFrame(exchange: number, number: number, frame: CapturedFrame, afterNs: number): void {
    const { offset, length } = frame;
    const direction = frameDirections.indexOf(frame.direction);
    this.#statements.insertFrame.run(
      exchange,
      number,
      direction,
      frameKinds.indexOf(frame.kind),
      afterNs,
      offset,
      length,
    );
  }

  /** A file that was deleted or replaced would take appends without a word, and nobody would ever find them. */
  #refuseRemoved(): void {
    const inode = statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino;
    if (inode !== this.#inode) {
      throw new TapeError(`cannot write tape "${this.path}": the file was removed or replaced while it was written`);
    }
  }
}

function prepareStatements(db: Database) {
  const counts = ledgerCounts.map(columnOf);
  const marks = (columns: readonly string[]) => columns.map(() => "?").join(", ");
  return {
    insert: db.prepare(
      `INSERT INTO exchange (${storedColumns.join(", ")}) VALUES (${marks(storedColumns)})
       ON CONFLICT (recorder, sequence) DO NOTHING`,
    ),
    insertFrame: db.prepare("INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?, ?)"),
    find: db.prepare(
      "SELECT id, complete, request_body FROM exchange WHERE recorder = ? AND sequence = ?",
    ) as Statement<[number, number], OpenRow>,
    remove: db.prepare("DELETE FROM exchange WHERE id = ?"),
    nextRow: db.prepare<[], number>("SELECT value FROM meta WHERE key = 'next_row'").pluck(),
    setNextRow: db.prepare("UPDATE meta SET value = ? WHERE key = 'next_row'"),
    alive: db.prepare("UPDATE recorder SET alive_ns = max(alive_ns, ?) WHERE id = ?"),
    count: db.prepare(
      `INSERT INTO ledger (recorder, minute_ns, ${counts.join(", ")}) VALUES (?, ?, ${marks(counts)})
       ON CONFLICT DO UPDATE SET ${counts.map((count) => `${count} = ${count} + excluded.${count}`).join(", ")}`,
    ),
  };
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
