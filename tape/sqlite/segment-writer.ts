import { statSync } from "node:fs";
import type { Database } from "better-sqlite3";
import type { CapturedStatus } from "../captured.js";
import { type LedgerCounts, ledgerCounts } from "../ledger.js";
import type { Lost } from "../ledger-sums.js";
import type { RedactedBody } from "../redaction/index.js";
import { answerBodyOf, type Sighting } from "../sighting/sighting.js";
import { type AtStake, readAtStake } from "./at-stake.js";
import { framesToBytes } from "./block/frames.js";
import { BlockWriter, type ToStore } from "./block-writer.js";
import { BodyShelves } from "./body-shelves.js";
import { segmentKind } from "./format.js";
import { closeWritten, openForWriting } from "./open-database.js";
import { columnOf, readIdentity, readMeta } from "./schema.js";
import { sealSegment } from "./segment-care.js";
import { createSegment, refuseUnfit, registerRecorder, type SegmentOptions } from "./segment-creation.js";
import { type OpenCall, SegmentMemory } from "./segment-memory.js";
import { type KeptStatus, StatusRows } from "./status-rows.js";

/** What became of a part: `ignored` when it was stored already. */
export type Kept = "new" | "completed" | "ignored";

/** A segment's memory, to go on with when the same file is opened again. */
export interface RememberedSegment {
  path: string;
  /** Of the file, made at random: a file that takes the place of another may get its inode, too. */
  identity: string;
  inode: bigint;
  recorder: number;
  memory: SegmentMemory;
  atStake: AtStake;
}

/**
 * One segment open for appending by one recorder, on the thread that calls. Other recorders may append to the same file
 * meanwhile. What throws has changed nothing in the file, nor in what is remembered of it.
 */
export class SegmentWriter {
  readonly path: string;
  readonly createdNs: bigint;
  /** Of use to the next writer of this file in this process. */
  readonly remembered: RememberedSegment;
  readonly #db: Database;
  readonly #blocks: BlockWriter;
  readonly #bodies: BodyShelves;
  readonly #statuses: StatusRows;
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(options: SegmentOptions, remembered?: RememberedSegment) {
    this.path = options.path;
    const db = openForWriting(options.path, segmentKind, (created) => createSegment(created, options));
    try {
      refuseUnfit(db, options.path, options.key);
      this.#db = db;
      this.createdNs = readMeta(db).createdNs;
      const inode = statSync(options.path, { bigint: true }).ino;
      const recorder = registerRecorder(db, options);
      const identity = readIdentity(db);
      const isSame = remembered?.identity === identity && remembered.recorder === recorder;
      const memory = isSame ? remembered.memory : SegmentMemory.load(db, recorder);
      const atStake = isSame ? remembered.atStake : readAtStake(db, recorder);
      this.remembered = { path: options.path, identity, inode, recorder, memory, atStake };
      const dictionary = db.prepare("INSERT INTO dictionary (bytes) VALUES (?)");
      const storeDictionary = (bytes: Uint8Array) => Number(dictionary.run(bytes).lastInsertRowid);
      this.#blocks = new BlockWriter({ db, path: this.path, recorder, memory, storeDictionary });
      this.#bodies = new BodyShelves(db, memory, storeDictionary);
      this.#statuses = new StatusRows(db, recorder, memory);
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
    return this.#blocks.rows;
  }

  /** The file was deleted or replaced: it would take appends without a word, and nobody would ever find them. */
  get isRemoved(): boolean {
    return statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino !== this.remembered.inode;
  }

  /** Runs `work` in one transaction and marks the recorder alive at `aliveNs`. */
  inTransaction<T>(aliveNs: bigint, work: () => T): T {
    try {
      const result = this.#db
        .transaction(() => {
          this.#blocks.begin();
          this.#bodies.begin();
          const done = work();
          this.#bodies.flush();
          this.#blocks.flush();
          this.#statements.alive.run(aliveNs, this.remembered.recorder);
          return done;
        })
        .immediate();
      this.remembered.memory.commit();
      return result;
    } catch (thrown) {
      this.remembered.memory.discard();
      this.#blocks.discard();
      this.#bodies.discard();
      throw thrown;
    }
  }

  /** Keeps one part; within a transaction. */
  keep(sighting: Sighting): Kept {
    const { memory } = this.remembered;
    const { part, sequence } = sighting.part;
    const open = part === "answer" ? memory.openCall(sequence) : undefined;
    if (open !== undefined) {
      this.#complete(sighting, open);
      return "completed";
    }
    if (memory.stored.has(sequence)) return "ignored";
    memory.stored.add(sequence);
    if (sighting.complete) this.#add(sighting);
    else this.#addOpen(sighting);
    return "new";
  }

  /** Keeps what an access log told; within a transaction. */
  keepStatus(status: CapturedStatus): KeptStatus {
    return this.#statuses.keep(status);
  }

  /** Adds to the ledger's counts of a minute; within a transaction. */
  count(minuteNs: bigint, counts: Partial<LedgerCounts>): void {
    const { recorder } = this.remembered;
    this.#statements.count.run(recorder, minuteNs, ...ledgerCounts.map((count) => counts[count] ?? 0));
  }

  /** Says what went with another file; within a transaction. */
  tellLost({ fromNs, toNs, exchanges }: Lost): void {
    this.#statements.lost.run(this.remembered.recorder, fromNs, toNs, exchanges);
  }

  /** Says goodbye: what is missing after this is no gap. */
  stop(stoppedNs: bigint): void {
    this.#db.prepare("UPDATE recorder SET stopped_ns = ? WHERE id = ?").run(stoppedNs, this.remembered.recorder);
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

  #add(sighting: Sighting): void {
    const row = this.#blocks.add(this.#toStore(sighting));
    this.#ended(sighting, row);
  }

  #addOpen(sighting: Sighting): void {
    const { part, asItCame } = sighting;
    const { link, ownShelf } =
      part.request.end === "open"
        ? this.#bodies.linkAlone(part.request.body)
        : { link: this.#bodies.link(part.request.body, asItCame.request), ownShelf: null };
    const exchange = { sighting, requestBody: link, answerBody: noLink, bodyBytes: bodyBytesOf(sighting) };
    const row = this.#blocks.addOpen(exchange, ownShelf);
    this.remembered.memory.opened(part.sequence, { row, ownShelf });
  }

  #complete(sighting: Sighting, { row, ownShelf }: OpenCall): void {
    this.#blocks.complete(this.#toStore(sighting), row);
    this.#bodies.remove(ownShelf);
    this.remembered.memory.completed(sighting.part.sequence);
    this.#ended(sighting, row);
  }

  /** What is noted of an Exchange that was stored whole. */
  #ended({ part }: Sighting, row: number): void {
    const isAnswered = part.answer !== undefined && part.answer.kind !== "unknown";
    if (!isAnswered) this.remembered.memory.unanswered.add(part.sequence);
    this.#statuses.stored(part.sequence, isAnswered);
    if (part.frames === undefined || part.frames.length === 0) return;
    this.#statements.insertFrames.run(row, framesToBytes(part.frames, part.request.startedMs));
  }

  #toStore(sighting: Sighting): ToStore {
    const { part, asItCame } = sighting;
    return {
      sighting,
      requestBody: this.#bodies.link(part.request.body, asItCame.request),
      answerBody: this.#bodies.link(answerBodyOf(part), asItCame.answer),
      bodyBytes: bodyBytesOf(sighting),
    };
  }
}

const noLink = { kind: "none" } as const;

function bodyBytesOf({ part }: Sighting): number {
  return seenBytes(part.request.body) + seenBytes(answerBodyOf(part));
}

/** As `bodyBytes` says of the Body that will be read again. */
function seenBytes(body: RedactedBody): number {
  if (body.kind === "empty") return 0;
  return body.kind === "whole" ? body.bytes.length : body.fullBytes;
}

function prepareStatements(db: Database) {
  const counts = ledgerCounts.map(columnOf);
  return {
    insertFrames: db.prepare("INSERT INTO frames (exchange, bytes) VALUES (?, ?)"),
    alive: db.prepare("UPDATE recorder SET alive_ns = max(alive_ns, ?) WHERE id = ?"),
    lost: db.prepare(
      "INSERT INTO lost (recorder, from_ns, to_ns, exchanges) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    ),
    count: db.prepare(
      `INSERT INTO ledger (recorder, minute_ns, ${counts.join(", ")}) VALUES (?, ?, ${counts.map(() => "?").join(", ")})
       ON CONFLICT DO UPDATE SET ${counts.map((count) => `${count} = ${count} + excluded.${count}`).join(", ")}`,
    ),
  };
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
