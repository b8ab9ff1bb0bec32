import type { Dispatcher } from "undici";
import type { CallHead } from "../listen/call-head.js";
import type { Http1Call } from "../mode.js";
import { ClientAnswer } from "./client-answer.js";
import { forwardedFields } from "./forwarded-fields.js";
import { isIdempotent } from "./idempotent.js";
import type { KeptConnection } from "./kept-connections.js";
import type { Upstream } from "./upstream.js";

/** Methods with which undici sends a length of 0. */
const expectsBody: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "QUERY", "PROPFIND", "PROPPATCH"]);

/**
 * Whether undici sends such a request as it is. It refuses `*` as a target, two Hosts, Expect and transfer codings of
 * other kinds, leaves out a length of 0 where the method expects no body, and gives a length to what came in chunks.
 */
export function isDispatchable(head: CallHead): boolean {
  return (
    head.path.startsWith("/") && !head.isUnusual && !head.isChunked && (!head.saysEmpty || expectsBody.has(head.method))
  );
}

/** The hot path: a request that is here whole goes out through undici's dispatcher, its body as the bytes that came. */
export function forwardWhole(upstream: Upstream, call: Http1Call, body: Buffer | undefined): void {
  new Dispatched(upstream, call, body).send(upstream.connections.take());
}

/** One call on its way through undici. Its "raw" kind of handler, for that one is given the fields as they came. */
class Dispatched implements Dispatcher.DispatchHandler {
  readonly #upstream: Upstream;
  readonly #answer: ClientAnswer;
  readonly #request: Dispatcher.DispatchOptions;
  #connection: KeptConnection | undefined;
  #abort: ((reason?: Error) => void) | undefined;
  #resume: () => void = () => {};

  constructor(upstream: Upstream, { recording, response, fields }: Http1Call, body: Buffer | undefined) {
    const { head } = recording;
    this.#upstream = upstream;
    this.#answer = new ClientAnswer(recording, response, () => this.#abort?.());
    this.#request = {
      path: head.path,
      method: head.method as Dispatcher.HttpMethod,
      headers: forwardedFields(fields, false),
      body: body ?? null,
      reset: false, // else undici closes the connection after each HEAD
    };
    // Else undici opens a new connection whenever Host is another than last time.
    const servername = upstream.address.tls?.servername;
    if (servername !== undefined) Object.assign(this.#request, { servername: servername || "-" });
  }

  send(connection: KeptConnection): void {
    this.#connection = connection;
    connection.answer.expect((reason, fields) => this.#answer.inform(100, reason, fields));
    connection.client.dispatch(this.#request, this);
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort;
    if (this.#answer.isOver) abort();
  }

  onHeaders(status: number, fields: Buffer[], resume: () => void, reason: string): boolean {
    const texts = inLatin1(fields);
    this.#resume = resume;
    if (status < 200) this.#answer.inform(status, reason, texts);
    else this.#answer.start(status, bytesAsLatin1(reason), texts);
    // A 304 has no body, whatever length it says; undici takes its length for a promise that was broken.
    if (status === 304) this.#answer.end([]);
    return true;
  }

  onData(piece: Buffer): boolean {
    const keepsUp = this.#answer.piece(piece);
    if (!keepsUp) this.#answer.onDrain(this.#resume);
    return keepsUp;
  }

  onComplete(trailers: string[] | Buffer[] | null): void {
    this.#upstream.connections.give(this.#connection!);
    this.#answer.end(inLatin1((trailers ?? []) as Buffer[]));
  }

  onError(error: Error): void {
    const connection = this.#connection!;
    this.#upstream.connections.letGo(connection);
    if (this.#metClosing(connection)) this.send(this.#upstream.connections.fresh());
    else this.#answer.fail(error);
  }

  /**
   * The service closed a connection it had kept, just as the request went out. A client of its own would have met that
   * on its own connection, or not at all; so the request is sent once more, where that can do no harm (RFC 9110,
   * section 9.2.2).
   */
  #metClosing({ isUsed, answer }: KeptConnection): boolean {
    const { body, method } = this.#request;
    return isUsed && !answer.hasBegun && body === null && isIdempotent(method) && !this.#answer.isOver;
  }
}

/** undici reads the reason as UTF-8; what goes out again are the bytes. (Bytes that are no UTF-8 are lost: nobody may rely on a reason, RFC 9112, section 4.) */
function bytesAsLatin1(text: string): string {
  return /^[\0-\x7f]*$/.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

function inLatin1(fields: readonly Buffer[]): string[] {
  const texts = new Array<string>(fields.length);
  for (let at = 0; at < fields.length; at++) texts[at] = fields[at]!.toString("latin1");
  return texts;
}
