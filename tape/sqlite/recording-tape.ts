import { statSync } from "node:fs";
import { decodeBatch, type EncodedBatch } from "../batch.js";
import type { RecorderDescription } from "../captured.js";
import type { LedgerCounts } from "../ledger.js";
import { makingOnce, type RedactionKey } from "../redaction/index.js";
import { sightingOf } from "../sighting/sighting.js";
import type { AppendReceipt } from "../store.js";
import type { TapePlace } from "../tape-path.js";
import { rowsPerSegment } from "./schema.js";
import { findOwnSegment, removeExpired } from "./segment-care.js";
import { takeNextSegment } from "./segment-folder.js";
import { SegmentWriter } from "./segment-writer.js";
import { tapeErrorFor } from "./trouble.js";

/** Crosses to the worker thread: plain values only. */
export interface RecordingTapeOptions {
  place: TapePlace;
  recorder: RecorderDescription;
  key: RedactionKey;
  segmentBytes: number;
  segmentAgeMs: number;
  /** Absent: sealed segments are kept. */
  retentionMs?: number;
}

const minuteNs = 60_000_000_000n;

/**
 * The tape as its writing thread sees it: redacts, stores, rolls and seals segments, deletes those past their time. After
 * anything thrown the segment in hand is let go, and the next call opens it again or begins another. Times are given:
 * there is one clock, the recorder's.
 */
export class RecordingTape {
  readonly #options: RecordingTapeOptions;
  /** Sequences whose request is stored and whose answer is not, in whichever segment. */
  readonly #open = new Set<number>();
  #segment: SegmentWriter | undefined;

  constructor(options: RecordingTapeOptions) {
    this.#options = options;
  }

  /** Opens the file, or the folder's next segment. */
  open(nowNs: bigint): void {
    this.#writing(nowNs, () => {});
  }

  append(batch: EncodedBatch, nowNs: bigint): AppendReceipt {
    this.#rollWhenDue(nowNs);
    return this.#writing(nowNs, (segment) => {
      const opened: number[] = [];
      const completed: number[] = [];
      const receipt = { kept: 0, unredactable: 0 };
      const keepAll = () => {
        for (const part of decodeBatch(batch)) {
          const sighting = sightingOf(part, this.#options.recorder, this.#options.key);
          const kept = segment.keep(sighting);
          if (kept === "ignored") continue;
          receipt.unredactable += sighting.part.unredactable;
          if (kept === "new" && !(part.part === "answer" && this.#open.has(part.sequence))) receipt.kept++;
          (sighting.complete ? completed : opened).push(part.sequence);
        }
      };
      segment.inTransaction(nowNs, () => makingOnce(this.#options.key, keepAll));
      for (const sequence of opened) this.#open.add(sequence);
      for (const sequence of completed) this.#open.delete(sequence);
      return receipt;
    });
  }

  count(atNs: bigint, counts: Partial<LedgerCounts>): void {
    this.#writing(atNs, (segment) =>
      segment.inTransaction(atNs, () => segment.count(atNs - (atNs % minuteNs), counts)),
    );
  }

  /** Says goodbye. A folder's segment is sealed; a file is closed, and a later recorder appends to it again. */
  close(nowNs: bigint): void {
    this.#writing(nowNs, (segment) => {
      segment.inTransaction(nowNs, () => segment.stop(nowNs));
      if (this.#options.place.kind === "folder") segment.seal(nowNs);
      else segment.close();
      this.#segment = undefined;
    });
  }

  #writing<T>(nowNs: bigint, work: (segment: SegmentWriter) => T): T {
    try {
      this.#segment ??= this.#openSegment(nowNs);
      return work(this.#segment);
    } catch (thrown) {
      this.#letGo();
      throw tapeErrorFor("write tape", this.#options.place.path, thrown);
    }
  }

  #openSegment(nowNs: bigint): SegmentWriter {
    const { place, recorder, key, retentionMs } = this.#options;
    if (place.kind === "file") return new SegmentWriter({ path: place.path, number: 1, recorder, key, nowNs });
    if (retentionMs !== undefined) removeExpired(place.path, nowNs - BigInt(Math.round(retentionMs * 1e6)));
    const own = findOwnSegment(place.path, recorder.id.incarnation, nowNs) ?? takeNextSegment(place.path);
    return new SegmentWriter({ ...own, recorder, key, nowNs });
  }

  #rollWhenDue(nowNs: bigint): void {
    const segment = this.#segment;
    if (this.#options.place.kind === "file" || !segment || segment.rows < 1) return;
    const ageMs = Number(nowNs - segment.createdNs) / 1e6;
    const due =
      ageMs >= this.#options.segmentAgeMs ||
      segment.bytes >= this.#options.segmentBytes ||
      segment.rows >= rowsPerSegment / 2;
    if (!due || !statSync(segment.path, { throwIfNoEntry: false })) return;
    this.#segment = undefined;
    try {
      segment.seal(nowNs);
    } catch {
      // It stays as it is, readable, and is gone on with: what counts now is the batch in hand.
      segment.abandon();
    }
  }

  #letGo(): void {
    this.#segment?.abandon();
    this.#segment = undefined;
  }
}
