import { type Transferable, Worker } from "node:worker_threads";
import { reasonOf } from "../../base/index.js";
import { TapeError } from "../errors.js";
import type { Reply } from "./worker-serving.js";

/** Where V8 would let it grow to twice as much one day: what is made for a batch lives no longer than the batch. */
const youngMb = 24;

interface Waiting<Result> {
  resolve(result: Result): void;
  reject(trouble: TapeError): void;
}

/** What the worker's thread is started with, and what its failures are called. */
export interface ChannelOptions {
  /** The compiled script, which calls `serve`. */
  script: URL;
  workerData: unknown;
  /** For messages: `write tape "x.db"`. */
  doing: string;
}

/**
 * Asks a worker thread, one request after the other, and gives its replies in order. When the thread dies, all that was
 * asked is rejected and the next request starts another one. The thread keeps the process alive while it is asked
 * something, and no longer.
 */
export class WorkerChannel<Request, Result> {
  readonly #options: ChannelOptions;
  #worker: Worker | undefined;
  #waiting: Waiting<Result>[] = [];

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /** Rejects with a TapeError when the worker could not do it, or died before it said so. */
  ask(request: Request, transfer: Transferable[] = []): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#worker ??= this.#start();
      const worker = this.#worker;
      worker.postMessage(request, transfer);
      this.#waiting.push({ resolve, reject });
      worker.ref();
    });
  }

  /** Ends the thread. */
  async end(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const { script, workerData } = this.#options;
    const worker = new Worker(script, { workerData, resourceLimits: { maxYoungGenerationSizeMb: youngMb } });
    let trouble = "its thread ended";
    worker.on("message", (reply: Reply<Result>) => this.#settle(worker, reply));
    worker.on("error", (thrown) => {
      trouble = reasonOf(thrown);
    });
    worker.on("exit", () => this.#rejectAll(trouble));
    return worker;
  }

  #settle(worker: Worker, reply: Reply<Result>): void {
    const asked = this.#waiting.shift();
    if (this.#waiting.length === 0) worker.unref();
    if (reply.kind === "done") asked?.resolve(reply.result);
    else asked?.reject(new TapeError(reply.message));
  }

  #rejectAll(trouble: string): void {
    const waiting = this.#waiting;
    this.#worker = undefined;
    this.#waiting = [];
    for (const asked of waiting) asked.reject(new TapeError(`cannot ${this.#options.doing}: ${trouble}`));
  }
}
