import { rmSync, statSync } from "node:fs";
import type { Database } from "better-sqlite3";
import { TapeError } from "../errors.js";
import type { Difference, Outcome, PairedHops, RunSummary, RunWriter, SentRequest, StepRecord } from "../run.js";
import { fileKindAt, runKind } from "../sqlite/format.js";
import { closeWritten, openForWriting } from "../sqlite/open-database.js";
import { orTapeError } from "../sqlite/trouble.js";
import { WorkerChannel } from "../sqlite/worker-channel.js";
import { blockPacker, isSame, sameLayout, stepLayout } from "./blocks.js";
import type { RunHeader } from "./run-header.js";
import { type FullOutcome, packRecords, type RunRecord } from "./run-message.js";
import { runTables } from "./run-tables.js";
import type { RunRequest } from "./run-worker.js";

/**
 * Makes a run file. One that is there already is replaced, when it is a run file: a tape is never. Throws a TapeError when
 * the file cannot be made.
 */
export function createRun(path: string, header: RunHeader): RunWriter {
  orTapeError("create run", path, () => removeEarlierRun(path));
  const db = openForWriting(path, runKind, (created) => createTables(created, header));
  closeWritten(db);
  return new RunFileWriter(path);
}

// Handed over in pieces large enough that crossing to the other thread costs little, small enough to keep memory flat.
const recordsAtOnce = 2048;
const bytesAtOnce = 1024 * 1024;
const longestWaitMs = 100;

/** Buffers on the calling thread; the writing thread stores. */
class RunFileWriter implements RunWriter {
  readonly #path: string;
  readonly #channel: WorkerChannel<RunRequest, void>;
  readonly #steps = blockPacker(stepLayout);
  readonly #sames = blockPacker(sameLayout);
  #records: RunRecord[] = [];
  #bodyBytes = 0;
  #flushing: NodeJS.Timeout | undefined;
  #trouble: unknown;
  #closed: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
    this.#channel = new WorkerChannel({
      script: new URL("./run-worker.js", import.meta.url),
      workerData: path,
      doing: `write run "${path}"`,
    });
    // The thread takes longer to load what it needs than to write: it does so while the run is planned.
    this.#ask({ kind: "records", packed: undefined, steps: undefined, sames: undefined });
  }

  steps(batch: readonly StepRecord[]): void {
    for (const step of batch) this.#added(this.#steps.add(step));
  }

  outcomes(batch: readonly Outcome[]): void {
    for (const outcome of batch) {
      if (isSame(outcome)) this.#added(this.#sames.add(outcome));
      else this.#addFull(outcome as FullOutcome);
    }
  }

  requests(batch: readonly SentRequest[]): void {
    for (const request of batch) {
      if ("bytes" in request.body) this.#bodyBytes += request.body.bytes.length;
      this.#add({ kind: "request", request });
    }
  }

  differences(step: number, hop: string, found: readonly Difference[], route?: string): void {
    if (found.length > 0) this.#add({ kind: "differences", step, hop, found, route });
  }

  pairedHops(batch: readonly PairedHops[]): void {
    for (const tree of batch) this.#add({ kind: "paired-hops", tree });
  }

  async finish(summary: RunSummary): Promise<void> {
    this.#refuseClosed();
    this.#flush();
    this.#ask({ kind: "summary", summary: JSON.stringify(summary) });
    await this.#settled();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#flush();
    this.#ask({ kind: "close" });
    try {
      await this.#settled();
    } finally {
      await this.#channel.end();
    }
  }

  #addFull(outcome: FullOutcome): void {
    const { answer } = outcome;
    if (answer.kind === "response" && "bytes" in answer.body) this.#bodyBytes += answer.body.bytes.length;
    this.#add({ kind: "outcome", outcome });
  }

  #add(record: RunRecord): void {
    const count = this.#records.push(record);
    this.#added(count >= recordsAtOnce || this.#bodyBytes >= bytesAtOnce);
  }

  #added(isFull: boolean): void {
    this.#refuseClosed();
    if (isFull) this.#flush();
    else this.#flushing ??= setTimeout(() => this.#flush(), longestWaitMs);
  }

  #flush(): void {
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    const [steps, sames] = [this.#steps.take(), this.#sames.take()];
    const packed = this.#records.length === 0 ? undefined : packRecords(this.#records);
    if (steps === undefined && sames === undefined && packed === undefined) return;
    this.#records = [];
    this.#bodyBytes = 0;
    const buffers = [steps?.numbers, sames?.numbers, packed?.bodies].filter((buffer) => buffer !== undefined);
    this.#ask({ kind: "records", packed, steps, sames }, buffers);
  }

  /** Replies come in order, so the last one tells of all. After the first trouble nothing more is asked. */
  #ask(request: RunRequest, transfer: ArrayBuffer[] = []): void {
    if (this.#trouble !== undefined) return;
    this.#last = this.#channel.ask(request, transfer).catch((thrown: unknown) => {
      this.#trouble ??= thrown;
    });
  }

  async #settled(): Promise<void> {
    await this.#last;
    if (this.#trouble !== undefined) throw this.#trouble;
  }

  #refuseClosed(): void {
    if (this.#closed) throw new TapeError(`cannot write run "${this.#path}": it is closed`);
  }
}

function createTables(db: Database, header: RunHeader): void {
  db.exec(runTables);
  db.prepare("INSERT INTO meta (key, value) VALUES ('header', ?)").run(JSON.stringify(header));
}

function removeEarlierRun(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isFile() || (found.size > 0 && fileKindAt(path) !== runKind)) {
    throw new TapeError(`cannot create run "${path}": it is there already and is no run file; name another`);
  }
  for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
}
