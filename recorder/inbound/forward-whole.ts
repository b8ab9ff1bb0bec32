import type { Dispatcher } from "undici";
import type { CallHead } from "../listen/call-head.js";
import type { Http1Call } from "../mode.js";
import { ClientAnswer } from "./client-answer.js";
import { fieldValue, forwardedFields } from "./forwarded-fields.js";
import type { Upstream } from "./upstream.js";

/** Whether undici sends such a request as it is: it refuses `*` as a target, two Hosts, and Expect. */
export function isDispatchable(head: CallHead): boolean {
  return head.path.startsWith("/") && !head.isUnusual;
}

/** The hot path: a request that is here whole goes out through undici's dispatcher, its body as the bytes that came. */
export function forwardWhole(upstream: Upstream, call: Http1Call, body: Buffer | undefined): void {
  const { head } = call.recording;
  const request = {
    path: head.path,
    method: head.method as Dispatcher.HttpMethod,
    headers: forwardedFields(head.headers, false),
    body: body ?? null,
    reset: false, // else undici closes the connection after each HEAD
  };
  upstream.pool.dispatch(request, new Dispatched(call));
}

/** One call on its way through undici. Its "raw" kind of handler, for that one is given the fields as they came. */
class Dispatched implements Dispatcher.DispatchHandler {
  readonly #answer: ClientAnswer;
  #abort: ((reason?: Error) => void) | undefined;
  #resume: () => void = () => {};

  constructor({ recording, response }: Http1Call) {
    this.#answer = new ClientAnswer(recording, response, () => this.#abort?.());
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort;
    if (this.#answer.isOver) abort();
  }

  onHeaders(status: number, fields: Buffer[], resume: () => void, reason: string): boolean {
    const texts = inLatin1(fields);
    this.#resume = resume;
    if (status < 200) this.#answer.inform(status, fieldValue(texts, "link"));
    else this.#answer.start(status, reason, texts);
    return true;
  }

  onData(piece: Buffer): boolean {
    const keepsUp = this.#answer.piece(piece);
    if (!keepsUp) this.#answer.onDrain(this.#resume);
    return keepsUp;
  }

  onComplete(trailers: string[] | Buffer[] | null): void {
    this.#answer.end(inLatin1((trailers ?? []) as Buffer[]));
  }

  onError(error: Error): void {
    this.#answer.fail(error);
  }
}

function inLatin1(fields: readonly Buffer[]): string[] {
  const texts = new Array<string>(fields.length);
  for (let at = 0; at < fields.length; at++) texts[at] = fields[at]!.toString("latin1");
  return texts;
}
