import { type Clock, Roster } from "../../base/index.js";
import type { CapturedBeside, CapturedCall, CapturedStatus, RedactionKey, Vantage } from "../../tape/index.js";
import type { Keeper } from "../keep/keeper.js";
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
  clock: Clock;
  key: RedactionKey;
  budget: Budget;
  counts: Counts;
  writeBehind: WriteBehind;
  /** Which calls are kept. */
  keeper: Keeper;
  maxBodyBytes: number;
  recordReplays: boolean;
}

/** Turns calls into recordings within a budget of bytes. What does not fit is dropped whole, and counted; nobody waits. */
export class Capture {
  readonly clock: Clock;
  /** Told of each call that has begun, kept or not. */
  onBegun: ((recording: Recording) => void) | undefined;
  readonly #parts: CaptureParts;
  /** Of which nothing is stored yet. */
  readonly #open = new Roster<Recording>();
  /** Whose request is stored, or on its way to the store. */
  readonly #openAndStored = new Roster<Recording>();
  #nextSequence = 0;
  #nextConnection = 0;

  constructor(parts: CaptureParts) {
    this.#parts = parts;
    this.clock = parts.clock;
    parts.writeBehind.onRequestPart = (recording, stored) => this.#requestPartSettled(recording, stored);
  }

  get openCalls(): number {
    return this.#open.size + this.#openAndStored.size;
  }

  /** Calls of which it is open whether they will be kept, but for those on their way to the tape. */
  get undecidedCalls(): number {
    return this.#open.size;
  }

  /** A call has begun. The recording of one that is not kept takes everything and keeps nothing. */
  begin(head: CallHead, vantage: Vantage, beside?: CapturedBeside): Recording {
    const { counts, budget } = this.#parts;
    counts.add("seen");
    const heldBytes = callBytes + 2 * (head.headerBytes + head.path.length);
    const original = vantage === "mirror" ? originalHead(head) : undefined;
    const recording = new Recording(this, { head, vantage, original }, this.#nextSequence++, heldBytes);
    recording.beside = beside;
    if ((head.isMarked && !this.#parts.recordReplays) || !this.#parts.keeper.begins(recording)) {
      counts.add("sampledOut");
      recording.letGo();
    } else if (!budget.take(heldBytes)) {
      counts.add("dropped");
      recording.letGo();
    } else {
      this.#open.add(recording);
    }
    this.onBegun?.(recording);
    return recording;
  }

  /** From an access log: how a call was answered whose answer is not seen here. */
  addStatus(status: CapturedStatus): void {
    this.#parts.writeBehind.addStatus(status);
  }

  /** Unique among all doors of this incarnation. */
  newConnectionId(): string {
    return String(this.#nextConnection++);
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
    if (recording.requestPart === "queued") {
      recording.waits = true;
      return;
    }
    const { keeper } = this.#parts;
    const part = recording.endedPart();
    if (recording.requestPart === "stored") this.#store(recording, part);
    else if (!keeper.ends(part)) this.#leaveOut(recording);
    else if (!keeper.withinRate()) this.#drop(recording);
    else this.#store(recording, part);
  }

  #store(recording: Recording, part: CapturedCall): void {
    const partBytes = recording.heldBytes;
    this.#forget(recording);
    this.#parts.writeBehind.add(part, recording, partBytes);
  }

  /** By choice, so nothing of it may be on the tape or on its way there. */
  #leaveOut(recording: Recording): void {
    this.#forget(recording);
    this.#parts.counts.add("sampledOut");
    recording.letGo();
  }

  #forget(recording: Recording): void {
    if (!this.#open.delete(recording)) this.#openAndStored.delete(recording);
    this.#parts.budget.give(recording.heldBytes);
    recording.heldBytes = 0;
  }

  /**
   * Stores the requests of calls that have been open for long, where it is known by now that they are kept; others wait.
   * To be called about each second.
   */
  storeLongCalls(): void {
    const { keeper } = this.#parts;
    const before = this.clock.now() - longCallMs;
    for (const recording of oldestFirst(this.#open.all().filter(({ head }) => head.startedMs <= before))) {
      const isKept = keeper.goesOn(recording);
      if (isKept === false) this.#leaveOut(recording);
      else if (isKept === undefined) continue;
      else if (!keeper.withinRate()) this.#drop(recording);
      else this.#storeRequest(recording);
    }
  }

  #storeRequest(recording: Recording): void {
    this.#open.delete(recording);
    this.#openAndStored.add(recording);
    recording.requestPart = "queued";
    this.#parts.writeBehind.add(recording.openPart(), recording, recording.heldBytes);
  }

  #requestPartSettled(recording: Recording, stored: boolean): void {
    recording.requestPart = stored ? "stored" : "none";
    if (recording.waits) this.#store(recording, recording.endedPart());
    else if (stored) return;
    else if (this.#openAndStored.delete(recording)) this.#open.add(recording);
    else this.#parts.counts.add("dropped");
  }

  /** The recorder stops: what is known of calls still open goes to the store. */
  cutOff(): void {
    for (const recording of oldestFirst([...this.#open.all(), ...this.#openAndStored.all()])) recording.cutOff();
  }
}

function oldestFirst(recordings: readonly Recording[]): readonly Recording[] {
  return recordings.toSorted((a, b) => a.head.startedMs - b.head.startedMs);
}
