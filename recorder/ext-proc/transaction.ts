import type { Clock, MonotonicMs } from "../../base/index.js";
import type { Capture } from "../capture/capture.js";
import type { Counts } from "../capture/counts.js";
import type { Recording } from "../capture/recording.js";
import { WebSocketFrames } from "../capture/websocket-frames.js";
import type { GrpcTaker } from "../grpc/grpc-port.js";
import { type ProcessingMessage, readProcessingMessage } from "./processing-message.js";
import { reportOf } from "./proxy-report.js";
import { besideOf, reportedHead, type StreamOrigin } from "./reported-head.js";

export interface TransactionParts {
  capture: Capture;
  counts: Counts;
  clock: Clock;
  origin: StreamOrigin;
  /** How long after the end of a call Envoy closes its stream. */
  closesAfterMs: number;
}

type HeadersMessage = Extract<ProcessingMessage, { isLast: boolean; fields: readonly string[] }>;
type BodyMessage = Extract<ProcessingMessage, { bytes: Uint8Array }>;

interface WebSocketDirections {
  toServer: WebSocketFrames;
  toClient: WebSocketFrames;
}

const noFields: readonly string[] = [];

/**
 * One HTTP call as an Envoy in observability mode reports it on a stream of its own. It is over when the answer's last
 * message has come, and the request's; of a call that broke off, only the end of the stream tells.
 */
export class Transaction implements GrpcTaker {
  readonly #parts: TransactionParts;
  #recording: Recording | undefined;
  #requestEnded = false;
  /** The answer's last message has come; the request's has not. */
  #answered: { atMs: MonotonicMs; trailers: readonly string[] } | undefined;
  #lastMessageMs: MonotonicMs = 0;
  #asksForWebSocket = false;
  #frames: WebSocketDirections | undefined;

  constructor(parts: TransactionParts) {
    this.#parts = parts;
  }

  /** The request's headers have come, and nothing more is awaited. */
  get isOver(): boolean {
    return this.#recording !== undefined && !this.#recording.isOpen;
  }

  /** Throws a RangeError for bytes that are no message. */
  message(bytes: Uint8Array): void {
    const message = readProcessingMessage(bytes);
    this.#lastMessageMs = this.#parts.clock.now();
    if (message.kind === "request-headers") this.#begin(message);
    else if (this.#recording !== undefined) this.#goOn(this.#recording, message);
  }

  #begin({ fields, attributes, isLast }: HeadersMessage): void {
    if (this.#recording !== undefined) return;
    const { capture, origin } = this.#parts;
    const head = reportedHead(fields, attributes, origin, this.#lastMessageMs);
    this.#recording = capture.begin(head, "ext-proc", besideOf(attributes, origin));
    this.#asksForWebSocket = isWebSocket(head.headers);
    if (isLast) this.#requestIsWhole(this.#recording, noFields);
  }

  #goOn(recording: Recording, message: ProcessingMessage): void {
    switch (message.kind) {
      case "request-body":
        this.#requestBody(recording, message);
        break;
      case "request-trailers":
        this.#requestIsWhole(recording, message.fields);
        break;
      case "response-headers":
        this.#answerBegins(recording, message);
        break;
      case "response-body":
        this.#answerBody(recording, message);
        break;
      case "response-trailers":
        this.#answerIsWhole(recording, message.fields);
        break;
    }
  }

  #requestBody(recording: Recording, { bytes, isLast }: BodyMessage): void {
    if (this.#frames !== undefined) this.#frames.toServer.push(bytes);
    else if (bytes.length > 0) recording.requestPiece(bytes);
    if (isLast) this.#requestIsWhole(recording, noFields);
  }

  #requestIsWhole(recording: Recording, trailers: readonly string[]): void {
    this.#requestEnded = true;
    recording.requestEnded(trailers);
    if (this.#answered !== undefined) recording.answerEnded("complete", this.#answered.trailers, this.#answered.atMs);
  }

  #answerBegins(recording: Recording, { fields, attributes, isLast }: HeadersMessage): void {
    const status = Number(fieldValue(fields, ":status") ?? 0);
    recording.beside = { ...recording.beside, proxy: reportOf(attributes) };
    recording.answerStarted(status, withoutPseudo(fields));
    if (this.#asksForWebSocket) this.#agreeOnWebSocket(recording, status);
    if (isLast) this.#answerIsWhole(recording, noFields);
  }

  /** A refused upgrade has no body, though its request was never said to have ended. */
  #agreeOnWebSocket(recording: Recording, status: number): void {
    const { clock } = this.#parts;
    if (status !== 101 && status !== 200) {
      this.#requestIsWhole(recording, noFields);
      return;
    }
    this.#frames = {
      toServer: new WebSocketFrames(recording, "to-server", clock),
      toClient: new WebSocketFrames(recording, "to-client", clock),
    };
  }

  #answerBody(recording: Recording, { bytes, isLast }: BodyMessage): void {
    if (this.#frames !== undefined) this.#frames.toClient.push(bytes);
    else if (bytes.length > 0) recording.answerPiece(bytes);
    if (isLast) this.#answerIsWhole(recording, noFields);
  }

  #answerIsWhole(recording: Recording, trailers: readonly string[]): void {
    if (this.#requestEnded) recording.answerEnded("complete", trailers, this.#lastMessageMs);
    else this.#answered = { atMs: this.#lastMessageMs, trailers };
  }

  /** Envoy closed the stream: the call is over for it. */
  closed(): void {
    const { counts, clock, closesAfterMs } = this.#parts;
    const atMs = Math.max(this.#lastMessageMs, clock.now() - closesAfterMs);
    if (this.#recording === undefined) counts.add("headless");
    else if (this.#frames !== undefined) this.#webSocketIsOver(this.#recording, this.#frames, atMs);
    else this.#brokeOff(this.#recording, atMs);
  }

  #webSocketIsOver(recording: Recording, { toServer, toClient }: WebSocketDirections, atMs: MonotonicMs): void {
    const isClosed = toServer.isClosed || toClient.isClosed;
    if (isClosed) recording.requestEnded();
    else recording.requestAborted(atMs);
    recording.answerEnded(isClosed ? "complete" : "broken-off", noFields, atMs);
  }

  /** Before an answer nobody but the client breaks off: all else makes Envoy answer by itself. */
  #brokeOff(recording: Recording, atMs: MonotonicMs): void {
    recording.requestAborted(atMs);
    if (this.#answered !== undefined) recording.answerEnded("complete", this.#answered.trailers, this.#answered.atMs);
    else if (recording.hasAnswerStarted) recording.answerEnded("broken-off", noFields, atMs);
    else recording.failed("aborted", atMs);
  }

  /** The connection to Envoy was lost: how the call went on is not known. */
  lost(): void {
    if (this.#recording === undefined) this.#parts.counts.add("headless");
    else this.#recording.cutOff();
  }
}

/** RFC 6455, section 4.1, and RFC 8441, section 4 (an extended CONNECT). */
function isWebSocket(headers: readonly string[]): boolean {
  return fieldValue(headers, "upgrade")?.toLowerCase() === "websocket";
}

/** Envoy gives names in lower case. */
function fieldValue(fields: readonly string[], lowerName: string): string | undefined {
  for (let at = 0; at + 1 < fields.length; at += 2) if (fields[at] === lowerName) return fields[at + 1];
  return undefined;
}

function withoutPseudo(fields: readonly string[]): readonly string[] {
  let at = 0;
  while (at < fields.length && fields[at]!.startsWith(":")) at += 2;
  return at === 0 ? fields : fields.slice(at);
}
