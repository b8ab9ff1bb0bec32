import type { Clock, MonotonicMs } from "../../base/index.js";
import type { RedactionKey, Vantage } from "../../tape/index.js";
import type { CallHead } from "../listen/call-head.js";
import type { Budget } from "./budget.js";
import type { Counts } from "./counts.js";
import { KeptBody } from "./kept-body.js";
import { originalHead } from "./original-head.js";
import { Recording } from "./recording.js";
import type { WriteBehind } from "./write-behind.js";

/** A call that is open for longer has its request stored while it is open. */
const longCallMs = 1000;

/** What a call takes in memory besides its text and bodies, about. */
const callBytes = 1024;

export interface CaptureParts {
  vantage: Vantage;
  clock: Clock;
  key: RedactionKey;
  budget: Budget;
  counts: Counts;
  writeBehind: WriteBehind;
  maxBodyBytes: number;
  recordReplays: boolean;
}

/** Turns calls into recordings within a budget of bytes. What does not fit is dropped whole, and counted; nobody waits. */
export class Capture {
  readonly vantage: Vantage;
  readonly clock: Clock;
  readonly #parts: CaptureParts;
  /** In the order they began; those whose request is stored, or on its way, are in the other. */
  readonly #open = new Set<Recording>();
  readonly #openAndStored = new Set<Recording>();
  #nextSequence = 0;

  constructor(parts: CaptureParts) {
    this.#parts = parts;
    this.vantage = parts.vantage;
    this.clock = parts.clock;
    parts.writeBehind.onRequestPart = (recording, stored) => this.#requestPartSettled(recording, stored);
  }

  get openCalls(): number {
    return this.#open.size + this.#openAndStored.size;
  }

  /** A call has begun. The recording of one that is not kept takes everything and keeps nothing. */
  begin(head: CallHead): Recording {
    const { counts, budget } = this.#parts;
    counts.add("seen");
    const heldBytes = callBytes + 2 * (head.headerBytes + head.path.length);
    const original = this.vantage === "mirror" ? originalHead(head) : undefined;
    const recording = new Recording(this, head, original, this.#nextSequence++, heldBytes);
    if (head.isMarked && !this.#parts.recordReplays) {
      counts.add("sampledOut");
      recording.letGo();
    } else if (!budget.take(heldBytes)) {
      counts.add("dropped");
      recording.letGo();
    } else {
      this.#open.add(recording);
    }
    return recording;
  }

  newBody(): KeptBody {
    return new KeptBody(this.#parts.maxBodyBytes, this.#parts.key);
  }

  /** Takes bytes for a recording; without room the recording is dropped and all it holds let go. */
  hold(recording: Recording, bytes: number): boolean {
    if (this.#parts.budget.take(bytes)) return true;
    this.#drop(recording);
    return false;
  }

  #drop(recording: Recording): void {
    this.#forget(recording);
    // What is on the tape stays there: an Exchange whose answer was still open when it was last stored.
    // Of one on its way there the store's word decides.
    if (recording.requestPart === "none") this.#parts.counts.add("dropped");
    recording.letGo();
  }

  /** Gives a finished recording to the store. */
  ended(recording: Recording): void {
    if (recording.requestPart === "queued") recording.waits = true;
    else this.#store(recording);
  }

  #store(recording: Recording): void {
    const partBytes = recording.heldBytes;
    this.#forget(recording);
    this.#parts.writeBehind.add(recording.endedPart(), recording, partBytes);
  }

  #forget(recording: Recording): void {
    if (!this.#open.delete(recording)) this.#openAndStored.delete(recording);
    this.#parts.budget.give(recording.heldBytes);
    recording.heldBytes = 0;
  }

  /** Stores the requests of calls that have been open for long. To be called about each second. */
  storeLongCalls(): void {
    const before = this.clock.now() - longCallMs;
    for (const recording of this.#openSince(before)) {
      this.#open.delete(recording);
      this.#openAndStored.add(recording);
      recording.requestPart = "queued";
      this.#parts.writeBehind.add(recording.openPart(), recording, recording.heldBytes);
    }
  }

  #openSince(before: MonotonicMs): Recording[] {
    const found: Recording[] = [];
    for (const recording of this.#open) {
      if (recording.head.startedMs > before) break;
      found.push(recording);
    }
    return found;
  }

  #requestPartSettled(recording: Recording, stored: boolean): void {
    recording.requestPart = stored ? "stored" : "none";
    if (recording.waits) this.#store(recording);
    else if (stored) return;
    else if (this.#openAndStored.delete(recording)) this.#open.add(recording);
    else this.#parts.counts.add("dropped");
  }

  /** The recorder stops: what is known of calls still open goes to the store. */
  cutOff(): void {
    for (const recording of [...this.#open, ...this.#openAndStored]) recording.cutOff();
  }
}
