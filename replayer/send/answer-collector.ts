import type { Clock, MonotonicMs } from "../../base/index.js";
import type { Body, HeaderList } from "../../message/index.js";
import {
  type Answer,
  type AnswerEnd,
  type FailureReason,
  type KeyedHasher,
  keyedHash,
  keyedHasher,
  type RedactionKey,
} from "../../tape/index.js";

/** What came of one request to one lane. Times are of the process's monotonic clock. */
export interface Sent {
  answer: Answer;
  /** When the request was handed over for sending; a connection may still have to be made. */
  sentMs: MonotonicMs;
  /** When it began to be written to its connection; for one that never was, `sentMs`. */
  writtenMs: MonotonicMs;
  /** When the answer had ended or was given up. */
  answeredMs: MonotonicMs;
}

/** A body whose keyed hash is known already: one of the same bytes takes the hash over instead of making it again. */
export interface KnownBody {
  bytes: Uint8Array;
  hash: string;
}

/** What a collector needs beside the events. */
export interface Collecting {
  clock: Pick<Clock, "now">;
  /** Body bytes beyond this are counted and hashed, not kept. */
  keepBodyBytes: number;
  /** For the hashes of bodies. */
  key: RedactionKey;
}

/** Whom a collector tells. */
export interface CollectorEvents {
  /** The final response's head has come. */
  begun(): void;
  /** Once, when the answer has ended or was given up. */
  settled(sent: Sent): void;
}

/**
 * Turns a transport's events into an Answer. The first end wins and later events are ignored, so a transport need not
 * keep track of what it already said.
 */
export class AnswerCollector {
  readonly #collecting: Collecting;
  readonly #events: CollectorEvents;
  readonly #known: KnownBody | undefined;
  readonly #sentMs: MonotonicMs;
  #writtenMs: MonotonicMs;
  #status: number | undefined;
  #headers: HeaderList = [];
  #pieces = noPieces;
  #keptBytes = 0;
  #fullBytes = 0;
  #hasher: KeyedHasher | undefined;
  #settled = false;

  constructor(collecting: Collecting, events: CollectorEvents, sentMs: MonotonicMs, known?: KnownBody) {
    this.#collecting = collecting;
    this.#events = events;
    this.#known = known;
    this.#sentMs = sentMs;
    this.#writtenMs = sentMs;
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** The request is being written to its connection: now, unless the transport has looked at the clock already. */
  written(atMs = this.#collecting.clock.now()): void {
    this.#writtenMs = atMs;
  }

  /** The final response's head; interim ones (1xx) are not said. */
  head(status: number, headers: HeaderList): void {
    this.#status = status;
    this.#headers = headers;
    this.#events.begun();
  }

  /** Body bytes as they came; the transport may reuse them afterwards. */
  piece(bytes: Uint8Array): void {
    if (this.#settled) return;
    if (this.#fullBytes === 0 && this.#isKnown(bytes)) {
      this.#fullBytes = bytes.length;
      this.#keep(this.#known!.bytes);
      return;
    }
    if (bytes.length === 0) return;
    this.#fullBytes += bytes.length;
    const room = this.#collecting.keepBodyBytes - this.#keptBytes;
    if (bytes.length <= room) this.#keep(Buffer.from(bytes));
    else this.#cutAt(bytes, room);
  }

  /** The answer is complete: since now, unless the transport has looked at the clock already. */
  complete(trailers: HeaderList, atMs?: MonotonicMs): void {
    this.#end("complete", trailers, atMs);
  }

  /** A stream that is not waited for any longer, after its head. */
  leaveOpen(): void {
    if (this.#status !== undefined) this.#end("open", []);
  }

  /** The transport broke: before the head a failure, after it a response that ended early. */
  broke(reason: FailureReason): void {
    if (this.#status === undefined) this.#fail(reason);
    else this.#end(reason === "timed-out" ? "timed-out" : reason === "aborted" ? "client-aborted" : "reset", []);
  }

  #fail(reason: FailureReason): void {
    const answeredMs = this.#collecting.clock.now();
    this.#finish({ kind: "failure", reason, afterMs: answeredMs - this.#sentMs }, answeredMs);
  }

  #end(end: AnswerEnd, trailers: HeaderList, answeredMs = this.#collecting.clock.now()): void {
    if (this.#settled) return;
    const headers = this.#headers;
    this.#finish({ kind: "response", status: this.#status!, headers, body: this.#body(), trailers, end }, answeredMs);
  }

  #finish(answer: Answer, answeredMs: MonotonicMs): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#events.settled({ answer, sentMs: this.#sentMs, writtenMs: this.#writtenMs, answeredMs });
  }

  /** Most answers are as they were recorded and come in one piece: the recorded bytes stand in for a copy. */
  #isKnown(bytes: Uint8Array): boolean {
    const known = this.#known;
    return (
      known !== undefined &&
      known.bytes.length === bytes.length &&
      bytes.length <= this.#collecting.keepBodyBytes &&
      Buffer.compare(known.bytes, bytes) === 0
    );
  }

  #keep(bytes: Uint8Array): void {
    this.#hasher?.update(bytes);
    this.#add(bytes);
  }

  #cutAt(bytes: Uint8Array, room: number): void {
    if (this.#hasher === undefined) {
      this.#hasher = keyedHasher(this.#collecting.key);
      for (const piece of this.#pieces) this.#hasher.update(piece);
    }
    this.#hasher.update(bytes);
    if (room <= 0) return;
    this.#add(Buffer.from(bytes.subarray(0, room)));
  }

  /** Most bodies come in one piece, and an array that grows takes room for many. */
  #add(piece: Uint8Array): void {
    if (this.#pieces.length === 0) this.#pieces = [piece];
    else this.#pieces.push(piece);
    this.#keptBytes += piece.length;
  }

  #body(): Body {
    if (this.#fullBytes === 0) return { kind: "empty" };
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : joined(this.#pieces, this.#keptBytes);
    if (this.#keptBytes < this.#fullBytes) {
      return { kind: "cut", bytes, fullBytes: this.#fullBytes, hash: hexOf(this.#hasher!.digest()) };
    }
    return { kind: "whole", bytes, hash: this.#hashOf(bytes) };
  }

  #hashOf(bytes: Uint8Array): string {
    const known = this.#known;
    if (known !== undefined && (known.bytes === bytes || Buffer.compare(known.bytes, bytes) === 0)) return known.hash;
    return hexOf(keyedHash(this.#collecting.key, [bytes]));
  }
}

const noPieces: Uint8Array[] = [];

function joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function hexOf(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString("hex");
}
