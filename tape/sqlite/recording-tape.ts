import { statSync } from "node:fs";
import { type Clock, defined } from "../../base/index.js";
import { decodeBatch, type EncodedBatch } from "../batch.js";
import type { RecorderDescription } from "../captured.js";
import type { Restored } from "../import/restored.js";
import type { LedgerCounts } from "../ledger.js";
import { addCounts } from "../ledger-sums.js";
import { makingOnce, type RedactionKey } from "../redaction/index.js";
import { sightingOf } from "../sighting/sighting.js";
import type { AppendReceipt } from "../store.js";
import type { TapePlace } from "../tape-path.js";
import { isLeftOut, type KeepRules, type KeepTexts, nothingLeftOut, parseKeepRules } from "../where/index.js";
import { countsWithout } from "./at-stake.js";
import { removeSurplus } from "./retention.js";
import { rowsPerSegment } from "./schema.js";
import { findOwnSegment } from "./segment-care.js";
import { removeSegment, takeNextSegment } from "./segment-folder.js";
import { type RememberedSegment, SegmentWriter } from "./segment-writer.js";
import { tapeErrorFor } from "./trouble.js";

/** Crosses to the worker thread: plain values only. */
export interface RecordingTapeOptions {
  place: TapePlace;
  recorder: RecorderDescription;
  /** Where the recorder's times are not of this process: what is. */
  clock?: Pick<Clock, "epochNsAtZero">;
  key: RedactionKey;
  segmentBytes: number;
  segmentAgeMs: number;
  /** Absent: sealed segments are kept. */
  retentionMs?: number;
  /** Absent: sealed segments are kept, however large all together are. */
  mostBytes?: number;
  /** Absent: all that comes is stored. */
  keep?: KeepTexts;
}

const minuteNs = 60_000_000_000n;

/**
 * The tape as its writing thread sees it: redacts, stores, rolls and seals segments, deletes those past their time. After
 * anything thrown the segment in hand is let go, and the next call opens it again or begins another. A file that was
 * removed is begun anew, and says what was lost with the other one. Times are given: there is one clock, the recorder's.
 */
export class RecordingTape {
  readonly #options: RecordingTapeOptions;
  readonly #rules: KeepRules | undefined;
  /** Sequences whose request is stored and whose answer is not, in whichever segment. */
  readonly #open = new Set<number>();
  #segment: SegmentWriter | undefined;
  /** So that a segment that was let go for a trouble need not be read to be gone on with. */
  #remembered: RememberedSegment | undefined;
  /** When what is past its time is looked for again. */
  #careNs = 0n;

  constructor(options: RecordingTapeOptions) {
    this.#options = options;
    this.#rules = options.keep && parseKeepRules(options.keep, options.recorder);
  }

  /** Opens the file, or the folder's next segment. */
  open(nowNs: bigint): void {
    this.#writing(nowNs, () => {});
  }

  append(batch: EncodedBatch, nowNs: bigint): AppendReceipt {
    this.#rollWhenDue(nowNs);
    return this.#writing(nowNs, (segment) => {
      const { atStake } = segment.remembered;
      const opened: number[] = [];
      const completed: number[] = [];
      const receipt = { kept: 0, unredactable: 0 };
      const leftOut = nothingLeftOut();
      const keepAll = () => {
        for (const part of decodeBatch(batch)) {
          if (isLeftOut(part, this.#rules, leftOut)) continue;
          if (part.part === "status") {
            segment.keepStatus(part);
            continue;
          }
          const sighting = sightingOf(part, this.#options.recorder, this.#options.key);
          const kept = segment.keep(sighting);
          if (kept === "ignored") continue;
          receipt.unredactable += sighting.part.unredactable;
          if (kept === "new" && !(part.part === "answer" && this.#open.has(part.sequence))) receipt.kept++;
          (sighting.complete ? completed : opened).push(part.sequence);
        }
      };
      segment.inTransaction(nowNs, () => makingOnce(this.#options.key, keepAll));
      atStake.exchanges += receipt.kept;
      for (const sequence of opened) this.#open.add(sequence);
      for (const sequence of completed) this.#open.delete(sequence);
      return leftOut.exchanges === 0 ? receipt : { ...receipt, leftOut };
    });
  }

  /** Stores Exchanges of this recorder that were on a tape before, as they are given. Gives how many are new. */
  restore(restored: readonly Restored[], nowNs: bigint): number {
    this.#rollWhenDue(nowNs);
    return this.#writing(nowNs, (segment) =>
      segment.inTransaction(nowNs, () => {
        let kept = 0;
        for (const { sighting, status } of restored) {
          if (segment.keep(sighting) === "ignored") continue;
          kept++;
          if (status) segment.keepStatus(status);
        }
        return kept;
      }),
    );
  }

  count(atNs: bigint, counts: Partial<LedgerCounts>): void {
    this.#rollWhenDue(atNs);
    this.#writing(atNs, (segment) => countIn(segment, atNs, counts));
    this.#removeSurplusWhenDue(atNs);
  }

  /** Seals the segment in hand, where it holds anything; the next append begins another. */
  roll(nowNs: bigint): void {
    const segment = this.#segment;
    if (this.#options.place.kind === "file" || !segment || segment.rows < 1) return;
    this.#writing(nowNs, (held) => held.seal(nowNs));
    this.#segment = undefined;
    this.#remembered = undefined;
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
      if (this.#segment?.isRemoved) this.#letGo();
      this.#segment ??= this.#openSegment(nowNs);
      this.#remembered = this.#segment.remembered;
      return work(this.#segment);
    } catch (thrown) {
      this.#letGo();
      throw tapeErrorFor("write tape", this.#options.place.path, thrown);
    }
  }

  #openSegment(nowNs: bigint): SegmentWriter {
    const { place, recorder } = this.#options;
    if (place.kind === "file") return this.#openAt({ path: place.path, number: 1 }, nowNs);
    this.#careNs = nowNs;
    this.#removeSurplusWhenDue(nowNs);
    const own = findOwnSegment(place.path, recorder.id.incarnation, nowNs);
    if (own) return this.#openAt(own, nowNs);
    const next = takeNextSegment(place.path);
    try {
      return this.#openAt(next, nowNs);
    } catch (thrown) {
      removeSegment(next.path); // on a full disk each try would leave one
      throw thrown;
    }
  }

  #openAt(at: { path: string; number: number }, nowNs: bigint): SegmentWriter {
    const { recorder, key } = this.#options;
    const segment = new SegmentWriter({ ...at, recorder, key, nowNs }, this.#remembered);
    try {
      this.#tellLost(segment, nowNs);
      return segment;
    } catch (thrown) {
      segment.abandon();
      throw thrown;
    }
  }

  /** What the ledger was told in a file that has gone, it is told here, and what went with it. */
  #tellLost(segment: SegmentWriter, nowNs: bigint): void {
    const before = this.#remembered;
    if (before === undefined || !hasGone(before, segment.remembered)) return;
    const { atStake, memory } = before;
    const exchanges = Math.max(0, atStake.exchanges - memory.openCalls);
    const lost = { fromNs: atStake.sinceNs, toNs: nowNs, exchanges };
    countIn(segment, nowNs, countsWithout(exchanges, atStake), () => segment.tellLost(lost));
  }

  /** Each minute and with each new segment: segments grow old also where nothing is recorded. */
  #removeSurplusWhenDue(nowNs: bigint): void {
    const { place, retentionMs, mostBytes } = this.#options;
    if (place.kind === "file" || nowNs < this.#careNs) return;
    this.#careNs = nowNs + minuteNs;
    const sealedBeforeNs = retentionMs === undefined ? undefined : nowNs - BigInt(Math.round(retentionMs * 1e6));
    removeSurplus(place.path, defined({ sealedBeforeNs, mostBytes }));
  }

  #rollWhenDue(nowNs: bigint): void {
    const segment = this.#segment;
    if (this.#options.place.kind === "file" || !segment || segment.rows < 1) return;
    const ageMs = Number(nowNs - segment.createdNs) / 1e6;
    const due =
      ageMs >= this.#options.segmentAgeMs ||
      segment.bytes >= this.#options.segmentBytes ||
      segment.rows >= rowsPerSegment / 2;
    if (!due || segment.isRemoved) return;
    this.#segment = undefined;
    try {
      segment.seal(nowNs);
      this.#remembered = undefined;
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

function countIn(segment: SegmentWriter, atNs: bigint, counts: Partial<LedgerCounts>, also = () => {}): void {
  segment.inTransaction(atNs, () => {
    segment.count(atNs - (atNs % minuteNs), counts);
    also();
  });
  addCounts(segment.remembered.atStake.counts, counts);
}

/** A file that takes the place of another may have got its inode, too. */
function hasGone(before: RememberedSegment, now: RememberedSegment): boolean {
  if (before.path === now.path) return before.identity !== now.identity;
  return statSync(before.path, { bigint: true, throwIfNoEntry: false })?.ino !== before.inode;
}
