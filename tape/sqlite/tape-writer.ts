import { performance } from "node:perf_hooks";
import { toEpochNs } from "../../base/index.js";
import type { EncodedBatch } from "../batch.js";
import { TapeError } from "../errors.js";
import type { LedgerCounts } from "../ledger.js";
import type { AppendReceipt, TapeWriter } from "../store.js";
import type { RecordingTapeOptions } from "./recording-tape.js";
import { WorkerChannel } from "./worker-channel.js";
import type { WriterRequest } from "./writer-worker.js";

/** Opens the tape on a thread of its own. Rejects with a TapeError when that cannot be done. */
export async function openSqliteWriter(options: RecordingTapeOptions): Promise<TapeWriter> {
  const writer = new SqliteTapeWriter(options);
  await writer.open();
  return writer;
}

/** The traffic thread's side: hands batches over and waits for word; never touches the disk itself. */
class SqliteTapeWriter implements TapeWriter {
  readonly #options: RecordingTapeOptions;
  readonly #channel: WorkerChannel<WriterRequest, AppendReceipt>;
  #closed: Promise<void> | undefined;

  constructor(options: RecordingTapeOptions) {
    this.#options = options;
    this.#channel = new WorkerChannel({
      script: new URL("./writer-worker.js", import.meta.url),
      workerData: options,
      doing: `write tape "${options.place.path}"`,
    });
  }

  async open(): Promise<void> {
    try {
      await this.#channel.ask({ kind: "open", nowNs: this.#nowNs() });
    } catch (thrown) {
      await this.#channel.end();
      throw thrown;
    }
  }

  async append(batch: EncodedBatch): Promise<AppendReceipt> {
    this.#refuseClosed();
    return this.#channel.ask({ kind: "append", nowNs: this.#nowNs(), batch }, [batch.buffer]);
  }

  async count(atNs: bigint, counts: Partial<LedgerCounts>): Promise<void> {
    this.#refuseClosed();
    await this.#channel.ask({ kind: "count", nowNs: atNs, counts });
  }

  async roll(): Promise<void> {
    this.#refuseClosed();
    await this.#channel.ask({ kind: "roll", nowNs: this.#nowNs() });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    try {
      await this.#channel.ask({ kind: "close", nowNs: this.#nowNs() });
    } finally {
      await this.#channel.end();
    }
  }

  #nowNs(): bigint {
    const { recorder, clock = recorder } = this.#options;
    return toEpochNs(clock, performance.now());
  }

  #refuseClosed(): void {
    if (this.#closed) throw new TapeError(`cannot write tape "${this.#options.place.path}": it is closed`);
  }
}
