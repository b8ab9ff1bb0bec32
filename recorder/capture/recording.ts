import type { MonotonicMs, Rostered } from "../../base/index.js";
import type {
  AnswerEnd,
  CapturedAnswer,
  CapturedBeside,
  CapturedCall,
  CapturedFrame,
  CapturedRequest,
  FailureReason,
  Moment,
  RequestEnd,
  Vantage,
} from "../../tape/index.js";
import type { CallHead } from "../listen/call-head.js";
import type { Capture } from "./capture.js";
import { type KeptBody, noBody } from "./kept-body.js";
import type { OriginalHead } from "./original-head.js";
import { answerFrames, requestFrames, type StreamFrames } from "./stream-frames.js";

/**
 * What becomes of a call that is being recorded: told by a mode as it happens, handed to the store when it has
 * ended. Every method may be called at any time; after the end, or once the call was let go, nothing happens.
 */
export class Recording implements Rostered {
  place = -1;
  readonly head: CallHead;
  /** Of the door it came through. */
  readonly vantage: Vantage;
  /** What Envoy's copy was made from; absent when nothing was undone. */
  readonly original: OriginalHead | undefined;
  readonly sequence: number;
  /** What is known of the call from elsewhere than its messages. */
  beside: CapturedBeside | undefined;
  /** Bytes taken from the budget. */
  heldBytes: number;
  /** Where its `request` part is, when it was stored while the call was open. */
  requestPart: "none" | "queued" | "stored" = "none";
  /** The call has ended and waits for the fate of its `request` part. */
  waits = false;
  isAborted = false;
  isTruncated = false;
  readonly #capture: Capture;
  #state: "open" | "ended" = "open";
  #request: { body: KeptBody | undefined; trailers: readonly string[]; end: RequestEnd; endedMs: MonotonicMs };
  #answer: CapturedAnswer | undefined;
  #started:
    | { status: number; headers: readonly string[]; startedMs: MonotonicMs; body: KeptBody | undefined }
    | undefined;
  #frames: CapturedFrame[] | undefined;
  #requestFrames: StreamFrames | undefined;
  #answerFrames: StreamFrames | undefined;

  constructor(
    capture: Capture,
    seen: { head: CallHead; vantage: Vantage; original: OriginalHead | undefined },
    sequence: number,
    heldBytes: number,
  ) {
    this.#capture = capture;
    this.head = seen.head;
    this.vantage = seen.vantage;
    this.original = seen.original;
    this.sequence = sequence;
    this.heldBytes = heldBytes;
    this.#request = { body: undefined, trailers: noFields, end: "open", endedMs: 0 };
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  requestPiece(piece: Uint8Array): void {
    if (this.#state !== "open") return;
    if (this.#request.body === undefined) {
      this.#request.body = this.#capture.newBody();
      this.#requestFrames = requestFrames(this.head);
    }
    this.#keep(this.#request.body, piece);
    if (this.#requestFrames !== undefined) this.#find(this.#requestFrames, piece);
  }

  requestEnded(trailers: readonly string[] = noFields): void {
    this.#requestEnd("complete", trailers);
  }

  /** The client went away before its request was whole. */
  requestAborted(atMs?: MonotonicMs): void {
    this.#requestEnd("aborted", noFields, atMs);
  }

  #requestEnd(end: RequestEnd, trailers: readonly string[], atMs = this.#capture.clock.now()): void {
    if (this.#state !== "open" || this.#request.end !== "open") return;
    if (!this.#hold(bytesOf(trailers))) return;
    this.#request.end = end;
    this.#request.trailers = trailers;
    this.#request.endedMs = atMs;
  }

  /** Informational answers (1xx) are not told. */
  answerStarted(status: number, headers: readonly string[]): void {
    if (this.#state !== "open" || !this.#hold(bytesOf(headers))) return;
    this.#started = { status, headers, startedMs: this.#capture.clock.now(), body: undefined };
  }

  get hasAnswerStarted(): boolean {
    return this.#started !== undefined;
  }

  answerPiece(piece: Uint8Array): void {
    const started = this.#started;
    if (this.#state !== "open" || started === undefined) return;
    if (started.body === undefined) {
      started.body = this.#capture.newBody();
      this.#answerFrames = answerFrames(this.head, started.status, started.headers);
    }
    this.#keep(started.body, piece);
    if (this.#answerFrames !== undefined) this.#find(this.#answerFrames, piece);
  }

  #find(frames: StreamFrames, piece: Uint8Array): void {
    for (const frame of frames.push(piece, this.#capture.clock.now())) this.frame(frame);
  }

  /** A message of a stream, its bytes told by the pieces. */
  frame(frame: CapturedFrame): void {
    if (this.#state !== "open") return;
    this.#frames ??= [];
    if (this.#frames.length === mostFrames) this.isTruncated = true;
    else if (this.#hold(frameBytes)) this.#frames.push(frame);
  }

  /** The answer is over, however it ended, and with it the call. */
  answerEnded(end: AnswerEnd, trailers: readonly string[] = noFields, atMs = this.#capture.clock.now()): void {
    const started = this.#started;
    if (this.#state !== "open" || started === undefined || !this.#hold(bytesOf(trailers))) return;
    const last = this.#answerFrames?.end();
    if (last !== undefined) this.frame(last);
    const { status, headers, startedMs } = started;
    const body = started.body?.finish() ?? noBody;
    this.isTruncated ||= started.body?.isCut === true;
    const answer: CapturedAnswer = { kind: "response", status, headers, body, end, startedMs, endedMs: atMs };
    if (trailers.length > 0) answer.trailers = trailers;
    this.#end(answer);
  }

  /** Nothing came, and why. */
  failed(reason: FailureReason, atMs = this.#capture.clock.now()): void {
    if (this.#state === "open") this.#end({ kind: "failure", reason, endedMs: atMs });
  }

  /** The request is over and an answer is never seen here. */
  endedUnanswered(): void {
    if (this.#state === "open") this.#end({ kind: "unknown" });
  }

  /** The recorder stops while the call goes on: what is known of it is kept. */
  cutOff(): void {
    if (this.#started !== undefined) this.answerEnded("open");
    else this.endedUnanswered();
  }

  #end(answer: CapturedAnswer): void {
    this.#state = "ended";
    this.#answer = answer;
    this.isAborted = this.#request.end === "aborted";
    this.isTruncated ||= this.#request.body?.isCut === true;
    this.#capture.ended(this);
  }

  /** Let go of what is held: it will not be stored. */
  letGo(): void {
    this.#state = "ended";
    this.#request.body = undefined;
    this.#started = undefined;
    this.#frames = undefined;
  }

  #keep(body: KeptBody, piece: Uint8Array): void {
    const kept = body.roomFor(piece.length);
    if (this.#hold(kept === 0 ? 0 : kept + pieceBytes)) body.add(piece);
  }

  /** False, and the whole call given up, when the budget is spent. */
  #hold(bytes: number): boolean {
    if (bytes === 0) return true;
    if (!this.#capture.hold(this, bytes)) return false;
    this.heldBytes += bytes;
    return true;
  }

  /** The part to store once the call has ended. */
  endedPart(): CapturedCall {
    const whole: Exclude<CapturedCall, { part: "request" }> = {
      part: this.requestPart === "stored" ? "answer" : "call",
      sequence: this.sequence,
      vantage: this.vantage,
      connection: this.head.connection.id,
      client: this.head.connection.client,
      request: this.#capturedRequest(this.#request.body?.finish() ?? noBody),
      answer: this.#answer!,
    };
    if (this.#frames !== undefined) whole.frames = this.#frames;
    if (this.beside !== undefined) whole.beside = this.beside;
    return whole;
  }

  /** How far the call has come, while it is open. */
  get moment(): Moment {
    const requestEnded = this.#request.end !== "open";
    return { requestEnded, answerStarted: this.#started !== undefined, ended: false, deep: false };
  }

  /** What is known of the call while it is open, for who decides about it: the answer's body is left out. */
  soFar(): CapturedCall {
    const part = this.openPart();
    if (this.#started === undefined) return part;
    const { status, headers, startedMs } = this.#started;
    return {
      ...part,
      part: "call",
      answer: { kind: "response", status, headers, body: noBody, end: "open", startedMs },
    };
  }

  /** The part to store while the call is open. */
  openPart(): CapturedCall {
    const { body, end } = this.#request;
    const known = end === "open" ? body?.soFar() : body?.finish();
    const part: Extract<CapturedCall, { part: "request" }> = {
      part: "request",
      sequence: this.sequence,
      vantage: this.vantage,
      connection: this.head.connection.id,
      client: this.head.connection.client,
      request: this.#capturedRequest(known ?? noBody),
    };
    if (this.beside !== undefined) part.beside = this.beside;
    return part;
  }

  #capturedRequest(body: CapturedRequest["body"]): CapturedRequest {
    const { head, original } = this;
    const { end, endedMs, trailers } = this.#request;
    const request: CapturedRequest = {
      method: head.method,
      scheme: head.scheme,
      authority: original?.authority ?? head.authority,
      path: head.path,
      protocol: head.protocol,
      headers: original?.headers ?? head.headers,
      body,
      end,
      startedMs: head.startedMs,
    };
    if (trailers.length > 0) request.trailers = trailers;
    if (original !== undefined) request.rawHeaders = head.headers;
    if (end !== "open") request.endedMs = endedMs;
    return request;
  }
}

const noFields: readonly string[] = [];

/** About what a frame takes in memory, and what a piece takes besides its bytes. */
const frameBytes = 96;
const pieceBytes = 96;

/** A stream may live for days: beyond so many messages they are no longer listed. */
const mostFrames = 65_536;

function bytesOf(fields: readonly string[]): number {
  let bytes = 0;
  for (const text of fields) bytes += text.length;
  return bytes;
}
