import { type ServerResponse, STATUS_CODES } from "node:http";
import type { FailureReason } from "../../tape/index.js";
import type { Recording } from "../capture/recording.js";
import { failureReason, failureStatus } from "./failure.js";
import { fieldValue, forwardedFields } from "./forwarded-fields.js";
import { inform } from "./informational.js";

/** Up to this a body joins its head as text, in one string: one small write costs less than the joining of buffers. */
const mostTextBytes = 16 * 1024;

/**
 * The answer as it passes to an HTTP/1 client and into the recording. Headers wait for the first bytes of the body, if
 * these are here in the same turn of the event loop: a short answer goes out in one write, a slow one loses nothing.
 */
export class ClientAnswer {
  readonly #recording: Recording;
  readonly #response: ServerResponse;
  readonly #cancel: () => void;
  #held: Buffer | undefined;
  #isHolding = false;
  #isOver = false;

  /** @param cancel gives up what was asked of the upstream: the client has gone, or cannot be given the answer */
  constructor(recording: Recording, response: ServerResponse, cancel: () => void) {
    this.#recording = recording;
    this.#response = response;
    this.#cancel = cancel;
    response.on("close", () => this.#clientGone());
    response.on("error", noop); // "close" follows
  }

  /** The call is decided: what comes from the upstream now is of no use to anyone. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** An informational answer; HTTP/1.0 has none (RFC 9110, section 15.2). */
  inform(status: number, reason: string, fields: readonly string[]): void {
    if (this.#isOver || this.#recording.head.protocol === "http/1.0") return;
    inform(this.#response, status, reason, fields);
  }

  start(status: number, reason: string, fields: readonly string[]): void {
    if (this.#isOver) return;
    this.#response.sendDate = false;
    try {
      this.#response.writeHead(status, reason, forwardedFields(fields, this.#mayHaveTrailers(status, fields)));
    } catch (refusal) {
      this.fail(refusal as Error); // fields that Node's parser lets in and its writer does not let out
      return;
    }
    this.#recording.answerStarted(status, fields);
    this.#isHolding = true;
    process.nextTick(letGoOf, this);
  }

  #mayHaveTrailers(status: number, fields: readonly string[]): boolean {
    const { protocol, method } = this.#recording.head;
    const hasBody = method !== "HEAD" && status !== 204 && status !== 304;
    return hasBody && protocol === "http/1.1" && fieldValue(fields, "content-length") === undefined;
  }

  /** @returns false when the client does not keep up; then `onDrain` */
  piece(bytes: Buffer): boolean {
    if (this.#isOver) return true;
    this.#recording.answerPiece(bytes);
    if (this.#isHolding && this.#held === undefined) {
      this.#held = bytes;
      return true;
    }
    this.letGo();
    return this.#response.write(bytes);
  }

  onDrain(resume: () => void): void {
    this.#response.once("drain", resume);
  }

  /** Sends what was held back for the sake of one write. */
  letGo(): void {
    if (!this.#isHolding || this.#isOver) return;
    this.#isHolding = false;
    // `flushHeaders` would write the head in UTF-8 and make two bytes of what came as one.
    if (this.#held === undefined) this.#response.write("", "latin1");
    else this.#response.write(this.#held);
    this.#held = undefined;
  }

  end(trailers: readonly string[]): void {
    if (this.#isOver) return;
    try {
      if (trailers.length > 0) this.#response.addTrailers(pairs(trailers));
    } catch (refusal) {
      this.fail(refusal as Error);
      return;
    }
    this.#isOver = true;
    this.#recording.answerEnded("complete", trailers);
    const held = this.#held;
    if (held === undefined || held.length > mostTextBytes) this.#response.end(held);
    else endInOneWrite(this.#response, held.toString("latin1"));
  }

  /**
   * The upstream failed. Where it hung up, the client is hung up on as well: in the middle of the answer, and before it,
   * for an answer of ours would say that the service lives, and hide from the client that it may try again. What else
   * kept an answer from coming is said in HTTP.
   */
  fail(error: Error): void {
    if (this.#isOver) return;
    const reason = failureReason(error);
    const hasStarted = this.#recording.hasAnswerStarted || this.#response.headersSent;
    if (hasStarted) this.#breakOff(reason);
    else if (reason === "reset") this.#hangUp();
    else this.#sayFailure(reason);
    this.#cancel();
  }

  #sayFailure(reason: FailureReason): void {
    this.#isOver = true;
    this.#recording.failed(reason);
    const { status, text } = failureStatus(reason);
    if (!this.#response.req.complete) this.#response.shouldKeepAlive = false;
    const fields = ["content-type", "text/plain", "content-length", String(text.length)];
    this.#response.writeHead(status, STATUS_CODES[status], fields).end(text); // its own reason: a refused one stays otherwise
  }

  #hangUp(): void {
    this.#isOver = true;
    this.#recording.failed("reset");
    this.#closeConnection();
  }

  #breakOff(reason: FailureReason): void {
    this.letGo();
    this.#isOver = true;
    this.#recording.answerEnded(reason === "timed-out" ? "timed-out" : "reset");
    this.#closeConnection();
  }

  /** What has come of this answer, and of earlier ones on the connection, goes out first. */
  #closeConnection(): void {
    const { socket } = this.#response;
    if (socket === null) this.#response.destroy();
    else socket.destroySoon();
  }

  #clientGone(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#recording.requestAborted();
    if (this.#recording.hasAnswerStarted) this.#recording.answerEnded("client-aborted");
    else this.#recording.failed("aborted");
    this.#cancel();
  }
}

/** `end` with text would write twice, the second time nothing, for which the socket joins buffers. */
function endInOneWrite(response: ServerResponse, text: string): void {
  response.write(text, "latin1"); // waits, joined to the head
  response.socket?.uncork();
  response.end();
}

function noop(): void {}

function letGoOf(answer: ClientAnswer): void {
  answer.letGo();
}

function pairs(fields: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) found.push([fields[at]!, fields[at + 1]!]);
  return found;
}
