import { performance } from "node:perf_hooks";
import { toEpochNs } from "../../base/index.js";
import { decodeBatch, type EncodedBatch } from "../batch.js";
import type { RecorderDescription } from "../captured.js";
import { TapeError } from "../errors.js";
import type { LedgerCounts } from "../ledger.js";
import type { Incarnation } from "../ledger-sums.js";
import { sightingOf } from "../sighting/sighting.js";
import type { AppendReceipt, TapeWriter } from "../store.js";
import { isLeftOut, type KeepRules, type KeepTexts, nothingLeftOut, parseKeepRules } from "../where/index.js";
import type { KeptInMemory } from "./kept-in-memory.js";

/** One incarnation that appends to a memory tape. Redacts on the calling thread: it has no other. */
export class MemoryTapeWriter implements TapeWriter {
  readonly #kept: KeptInMemory;
  readonly #recorder: RecorderDescription;
  readonly #incarnation: Incarnation;
  readonly #rules: KeepRules | undefined;
  #isOpen = true;

  constructor(kept: KeptInMemory, recorder: RecorderDescription, keep?: KeepTexts) {
    this.#rules = keep && parseKeepRules(keep, recorder);
    this.#kept = kept;
    this.#recorder = recorder;
    this.#incarnation = kept.register(recorder);
  }

  async append(batch: EncodedBatch): Promise<AppendReceipt> {
    this.#refuseClosed();
    // All is read before anything is kept, so that a batch that cannot be read leaves nothing.
    const leftOut = nothingLeftOut();
    const parts = [...decodeBatch(batch)].filter((part) => !isLeftOut(part, this.#rules, leftOut));
    const steps = parts.map((part) =>
      part.part === "status" ? part : sightingOf(part, this.#recorder, this.#kept.key),
    );
    const receipt: AppendReceipt = { kept: 0, unredactable: 0, leftOut, buffer: batch.buffer };
    const placesBefore = this.#kept.exchanges.length;
    for (const step of steps) {
      if (step.part === "status") this.#kept.keepStatus(step, this.#recorder);
      else if (this.#kept.keep(step, this.#recorder) !== "ignored") receipt.unredactable += step.part.unredactable;
    }
    receipt.kept = this.#kept.exchanges.length - placesBefore;
    this.#markAlive(this.#nowNs());
    return receipt;
  }

  async count(atNs: bigint, counts: Partial<LedgerCounts>): Promise<void> {
    this.#refuseClosed();
    this.#kept.count(this.#incarnation, atNs, counts);
    this.#markAlive(atNs);
  }

  /** It has no segments to seal. */
  async roll(): Promise<void> {
    this.#refuseClosed();
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#incarnation.stoppedNs = this.#nowNs();
  }

  #markAlive(atNs: bigint): void {
    if (atNs > this.#incarnation.aliveNs) this.#incarnation.aliveNs = atNs;
  }

  #nowNs(): bigint {
    return toEpochNs(this.#recorder, performance.now());
  }

  #refuseClosed(): void {
    if (!this.#isOpen) throw new TapeError("cannot write the tape in memory: it is closed");
  }
}
