import type { Database } from "better-sqlite3";
import type { RecorderDescription } from "../captured.js";
import type { Restored } from "../import/restored.js";
import type { LedgerEntry } from "../ledger.js";
import type { Incarnation } from "../ledger-sums.js";
import type { RedactionKey } from "../redaction/index.js";
import { segmentKind } from "./format.js";
import { closeWritten, openForWriting } from "./open-database.js";
import { writeMeta } from "./schema.js";
import { sealSegment } from "./segment-care.js";
import { SegmentWriter } from "./segment-writer.js";
import { orTapeError } from "./trouble.js";

/** What a copy takes over from the segment it is of. */
export interface CopiedSegment {
  path: string;
  number: number;
  createdNs: bigint;
  sealedNs?: bigint;
}

/**
 * A new segment in which Exchanges of another one stand in the same rows, so that they keep their ids. Everything it
 * throws is a TapeError.
 */
export class SegmentCopy {
  readonly #of: CopiedSegment;
  readonly #key: RedactionKey;
  readonly #writers = new Map<string, SegmentWriter>();
  #db: Database | undefined;

  constructor(of: CopiedSegment, key: RedactionKey) {
    this.#of = of;
    this.#key = key;
  }

  /** Exchanges of one recorder for the rows from `row` on; in the order of their rows. */
  add(recorder: RecorderDescription, incarnation: Incarnation, row: number, restored: readonly Restored[]): void {
    this.#writing(recorder, incarnation, (writer, db) => {
      writeMeta(db, "next_row", BigInt(row));
      writer.inTransaction(incarnation.aliveNs, () => {
        for (const { sighting, status } of restored) {
          writer.keep(sighting);
          if (status) writer.keepStatus(status);
        }
      });
    });
  }

  /** What the ledger says of a recorder, and when it lived. */
  describe(recorder: RecorderDescription, incarnation: Incarnation, entries: readonly LedgerEntry[]): void {
    this.#writing(recorder, incarnation, (writer) => {
      writer.inTransaction(incarnation.aliveNs, () => {
        for (const { minuteNs, counts } of entries) writer.count(minuteNs, counts);
        for (const lost of incarnation.lost ?? []) writer.tellLost(lost);
      });
      if (incarnation.stoppedNs !== undefined) writer.stop(incarnation.stoppedNs);
    });
  }

  /** Closes it, sealed where the other one is. */
  finish(): void {
    const { path, createdNs, sealedNs } = this.#of;
    for (const writer of this.#writers.values()) writer.close();
    orTapeError("write tape", path, () => {
      const db = this.#opened();
      writeMeta(db, "created_ns", createdNs);
      if (sealedNs === undefined) closeWritten(db);
      else sealSegment(db, path, sealedNs);
    });
  }

  /** Closes the handles and nothing else. */
  abandon(): void {
    for (const writer of this.#writers.values()) writer.abandon();
    this.#db?.close();
  }

  #writing(
    recorder: RecorderDescription,
    incarnation: Incarnation,
    work: (writer: SegmentWriter, db: Database) => void,
  ): void {
    const { path, number } = this.#of;
    orTapeError("write tape", path, () => {
      let writer = this.#writers.get(recorder.id.incarnation);
      if (writer === undefined) {
        writer = new SegmentWriter({ path, number, recorder, key: this.#key, nowNs: incarnation.startedNs });
        this.#writers.set(recorder.id.incarnation, writer);
      }
      work(writer, this.#opened());
    });
  }

  /** A second connection to the file, for what its writers have no words for. */
  #opened(): Database {
    this.#db ??= openForWriting(this.#of.path, segmentKind, () => {});
    return this.#db;
  }
}
