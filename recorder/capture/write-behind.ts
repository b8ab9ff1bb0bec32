import { type Clock, type Log, reasonOf, toEpochNs } from "../../base/index.js";
import {
  BatchEncoder,
  type CapturedPart,
  type CapturedStatus,
  type EncodedBatch,
  nothingLeftOut,
  type TapeWriter,
} from "../../tape/index.js";
import type { Keeper } from "../keep/keeper.js";
import type { Budget } from "./budget.js";
import type { Counts } from "./counts.js";
import { Histogram } from "./histogram.js";
import type { Recording } from "./recording.js";

/** Bounds of one batch: large enough for one transaction to pay, small against the queue. */
const largestBatchBytes = 2 ** 20;
const smallestBatchBytes = 2 ** 16;
/** Batches handed to the writer and not yet answered for. */
const mostUnsettled = 4;
/** A store that has not answered for so long is called failing. */
const stalledMs = 5000;

/** About what a status takes in its batch. */
const statusBytes = 1024;

export interface WriteBehindParts {
  writer: TapeWriter;
  clock: Clock;
  log: Log;
  budget: Budget;
  counts: Counts;
  keeper: Pick<Keeper, "leftOut">;
  flushMs: number;
}

/** In the ledger's eyes `call` and `request` parts are new Exchanges; an `answer` completes one. */
type PartKind = CapturedPart["part"];

interface Batch {
  encoded: EncodedBatch;
  contents: Contents;
  heldBytes: number;
  handedOverMs: number;
}

/** Whose parts a batch holds. */
interface Contents {
  calls: number;
  truncated: number;
  aborted: number;
  statuses: number;
  requests: Recording[];
}

/**
 * Between the traffic and the tape: parts are encoded into a batch at once, batches are appended when full or after
 * `flushMs`, and nobody waits for the store. A refused batch is counted as dropped; the next ones are tried all the
 * same, so recording goes on by itself when the store is back.
 */
export class WriteBehind {
  readonly flushSeconds = new Histogram([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5, 10]);
  /** Told what became of a `request` part. */
  onRequestPart: (recording: Recording, stored: boolean) => void = () => {};
  readonly #parts: WriteBehindParts;
  readonly #encoder: BatchEncoder;
  readonly #batchBytes: number;
  readonly #ready: Batch[] = [];
  readonly #unsettled = new Set<Batch>();
  #contents = noContents();
  #heldBytes = 0;
  #flushTimer: NodeJS.Timeout | undefined;
  #telling: Promise<void> | undefined;
  #lastFailed = false;
  /** Since the ledger was told. */
  #hasRefused = false;
  #pendingCalls = 0;
  #awaited: (() => void)[] = [];

  constructor(parts: WriteBehindParts) {
    this.#parts = parts;
    this.#batchBytes = Math.max(
      smallestBatchBytes,
      Math.min(largestBatchBytes, Math.floor(parts.budget.limitBytes / 16)),
    );
    this.#encoder = new BatchEncoder(this.#batchBytes);
  }

  /** Exchanges that are on their way to the tape: the store has not said yet whether they are kept. */
  get pendingCalls(): number {
    return this.#pendingCalls;
  }

  /** The store refused the last batch, or has not answered for long. */
  get isFailing(): boolean {
    if (this.#lastFailed) return true;
    const [oldest] = this.#unsettled;
    return oldest !== undefined && this.#parts.clock.now() - oldest.handedOverMs > stalledMs;
  }

  /**
   * Takes a part, or drops it when there is no room for another batch.
   *
   * @param partBytes what the recording held: at least about what the part takes in its batch
   */
  add(part: CapturedPart, recording: Recording, partBytes: number): void {
    if (this.#joinsBatch(part) || this.#beginsBatch(part, partBytes)) this.#added(part.part, recording);
    else this.#refused(part.part, recording);
  }

  /** Takes what an access log told of a call; without room it is given up, and counted. */
  addStatus(status: CapturedStatus): void {
    if (this.#joinsBatch(status) || this.#beginsBatch(status, statusBytes)) this.#contents.statuses++;
    else this.#parts.counts.add("statusesLost");
  }

  #joinsBatch(part: CapturedPart): boolean {
    return this.#encoder.parts > 0 && this.#encoder.add(part);
  }

  #beginsBatch(part: CapturedPart, partBytes: number): boolean {
    this.#close();
    const heldBytes = Math.max(this.#batchBytes, partBytes);
    if (!this.#parts.budget.take(heldBytes)) return false;
    this.#heldBytes = heldBytes;
    this.#encoder.add(part);
    this.#flushTimer ??= setTimeout(() => this.#flush(), this.#parts.flushMs);
    return true;
  }

  #added(kind: PartKind, recording: Recording): void {
    const contents = this.#contents;
    if (kind !== "answer") this.#pendingCalls++;
    if (kind === "call") contents.calls++;
    if (kind === "request") contents.requests.push(recording);
    if (kind !== "request" && recording.isTruncated) contents.truncated++;
    if (kind !== "request" && recording.isAborted) contents.aborted++;
  }

  #refused(kind: PartKind, recording: Recording): void {
    if (kind === "call") this.#parts.counts.add("dropped");
    if (kind === "request") this.onRequestPart(recording, false);
  }

  /** After `flushMs`. With the writer busy the batch goes on filling, and is handed over when it is free again. */
  #flush(): void {
    this.#flushTimer = undefined;
    if (this.#unsettled.size + this.#ready.length < mostUnsettled) this.#close();
  }

  /** The batch in the making is complete. */
  #close(): void {
    if (this.#encoder.parts === 0) return;
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    const heldBytes = this.#heldBytes;
    this.#ready.push({ encoded: this.#encoder.take(), contents: this.#contents, heldBytes, handedOverMs: 0 });
    this.#contents = noContents();
    this.#heldBytes = 0;
    this.#handOver();
  }

  #handOver(): void {
    while (this.#unsettled.size < mostUnsettled) {
      const batch = this.#ready.shift();
      if (batch === undefined) return;
      this.#unsettled.add(batch);
      void this.#append(batch);
    }
  }

  async #append(batch: Batch): Promise<void> {
    const { writer, clock, counts } = this.#parts;
    batch.handedOverMs = clock.now();
    const { calls, requests, truncated, aborted } = batch.contents;
    try {
      const receipt = await writer.append(batch.encoded);
      if (receipt.buffer !== undefined) this.#encoder.reuse(receipt.buffer);
      const leftOut = receipt.leftOut ?? nothingLeftOut();
      counts.add("kept", calls + requests.length - leftOut.exchanges);
      counts.add("sampledOut", leftOut.exchanges);
      counts.add("truncated", truncated - leftOut.truncated);
      counts.add("aborted", aborted - leftOut.aborted);
      counts.add("unredactable", receipt.unredactable);
      this.#parts.keeper.leftOut(leftOut.exchanges);
      this.flushSeconds.observe((clock.now() - batch.handedOverMs) / 1000);
      counts.add("statuses", batch.contents.statuses);
      this.#settled(batch, true);
    } catch (refusal) {
      counts.add("storeErrors");
      counts.add("dropped", calls);
      counts.add("statusesLost", batch.contents.statuses);
      this.#settled(batch, false, reasonOf(refusal));
    }
  }

  #settled(batch: Batch, stored: boolean, reason?: string): void {
    this.#unsettled.delete(batch);
    this.#pendingCalls -= batch.contents.calls + batch.contents.requests.length;
    this.#parts.budget.give(batch.heldBytes);
    if (stored) this.#tookAgain();
    else this.#hasFailed(reason);
    for (const recording of batch.contents.requests) this.onRequestPart(recording, stored);
    if (this.#ready.length === 0 && this.#flushTimer === undefined) this.#close();
    this.#handOver();
    void this.tell();
    for (const resolve of this.#awaited.splice(0)) resolve();
  }

  #hasFailed(reason: string | undefined): void {
    if (!this.#lastFailed) this.#parts.log.error({ reason }, "the tape refuses what was recorded");
    this.#lastFailed = true;
    this.#hasRefused = true;
  }

  #tookAgain(): void {
    if (this.#lastFailed) this.#parts.log.warn({}, "the tape takes again what is recorded");
    this.#lastFailed = false;
  }

  /**
   * Tells the ledger what it has not been told, and that this recorder lives: after each batch, and to be called about
   * each second. One at a time, so a stuck store holds one. Never rejects.
   */
  tell(): Promise<void> {
    this.#telling ??= this.#tellNow().finally(() => {
      this.#telling = undefined;
    });
    return this.#telling;
  }

  async #tellNow(): Promise<void> {
    const { writer, clock, counts, log } = this.#parts;
    const grown = counts.takeNew();
    const isQuiet = !this.#hasRefused;
    this.#hasRefused = false;
    try {
      await writer.count(toEpochNs(clock, clock.now()), grown);
      // Who is not ready may get no calls that could show that the store is back.
      if (isQuiet) this.#tookAgain();
    } catch (refusal) {
      counts.untold(grown);
      log.debug({ reason: reasonOf(refusal) }, "the ledger refuses counts; they are told later");
    }
  }

  /**
   * Hands over all there is, waits for the writer and closes it. What the writer does not answer for by then is given
   * up, and said in the log.
   */
  async close(withinMs: number): Promise<void> {
    const { log, writer, clock, counts } = this.#parts;
    const giveUp = new AbortController();
    const deadline = clock.sleepUntil(clock.now() + withinMs, giveUp.signal).then(() => false);
    const inTime = await Promise.race([this.#empty().then(() => true), deadline]);
    giveUp.abort();
    if (!inTime) log.error({ batches: this.#unsettled.size + this.#ready.length }, "the tape took too long at the end");
    const untold = counts.takeNew();
    if (Object.keys(untold).length > 0) log.error({ counts: untold }, "the ledger was not told these counts");
    await writer.close();
  }

  async #empty(): Promise<void> {
    this.#close();
    while (this.#unsettled.size > 0 || this.#ready.length > 0 || this.#encoder.parts > 0) await this.#nextSettled();
    await this.#telling;
    await this.tell();
  }

  #nextSettled(): Promise<void> {
    return new Promise((resolve) => this.#awaited.push(resolve));
  }
}

function noContents(): Contents {
  return { calls: 0, truncated: 0, aborted: 0, statuses: 0, requests: [] };
}
