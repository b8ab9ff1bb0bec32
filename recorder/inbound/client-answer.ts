import type { ServerResponse } from "node:http";
import type { FailureReason } from "../../tape/index.js";
import type { Recording } from "../capture/recording.js";
import { failureReason, failureStatus } from "./failure.js";
import { fieldValue, forwardedFields } from "./forwarded-fields.js";

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
    response.on("error", () => {}); // "close" follows
  }

  /** The call is decided: what comes from the upstream now is of no use to anyone. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** An informational answer. Those that Node cannot send are left out, as an intermediary may (RFC 9110, section 15.2). */
  inform(status: number, link: string | undefined): void {
    if (this.#isOver || this.#recording.head.protocol === "http/1.0") return;
    if (status === 102) this.#response.writeProcessing();
    if (status === 103 && link !== undefined && isLink(link)) this.#response.writeEarlyHints({ link });
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
    process.nextTick(() => this.#letGo());
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
    this.#letGo();
    return this.#response.write(bytes);
  }

  onDrain(resume: () => void): void {
    this.#response.once("drain", resume);
  }

  #letGo(): void {
    if (!this.#isHolding || this.#isOver) return;
    this.#isHolding = false;
    if (this.#held === undefined) this.#response.flushHeaders();
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
    this.#response.end(this.#held);
  }

  /** The upstream failed: before its answer the client is told in HTTP, in the middle of it the connection breaks off here, too. */
  fail(error: Error): void {
    if (this.#isOver) return;
    const reason = failureReason(error);
    if (this.#recording.hasAnswerStarted || this.#response.headersSent) this.#breakOff(reason);
    else this.#sayFailure(reason);
    this.#cancel();
  }

  #sayFailure(reason: FailureReason): void {
    this.#isOver = true;
    this.#recording.failed(reason);
    const { status, text } = failureStatus(reason);
    if (!this.#response.req.complete) this.#response.shouldKeepAlive = false;
    this.#response.writeHead(status, ["content-type", "text/plain", "content-length", String(text.length)]).end(text);
  }

  #breakOff(reason: FailureReason): void {
    this.#letGo();
    this.#isOver = true;
    this.#recording.answerEnded(reason === "timed-out" ? "timed-out" : "reset");
    const { socket } = this.#response;
    if (socket === null) this.#response.destroy();
    else socket.destroySoon(); // what has come of the answer goes out first
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

/** What Node's `writeEarlyHints` takes; it throws for anything else. */
function isLink(value: string): boolean {
  return /^(?:<[^>]*>)(?:\s*;\s*[^;"\s]+(?:=(")?[^;"\s]*\1)?)*$/.test(value);
}

function pairs(fields: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) found.push([fields[at]!, fields[at + 1]!]);
  return found;
}
