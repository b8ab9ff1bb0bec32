import http2 from "node:http2";
import type { Http2Call } from "../mode.js";
import { failureReason, failureStatus } from "./failure.js";
import { isIdempotent } from "./idempotent.js";
import type { KeptSession } from "./kept-session.js";
import type { Upstream } from "./upstream.js";

const endOfStream = http2.constants.NGHTTP2_FLAG_END_STREAM;
/** Fields that speak about one connection and must not be in HTTP/2 at all (RFC 9113, section 8.2.2); peers send them. */
const forbiddenFields: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);
/** gRPC's UNAVAILABLE, which its clients make of a 502, too. */
const grpcUnavailable = "14";

/** Node gives the raw fields, too; its types for version 20 do not say so. */
type Listener = (fields: http2.IncomingHttpHeaders, flags: number) => void;
type RawListener = (fields: http2.IncomingHttpHeaders, flags: number, raw: readonly string[]) => void;

/** A stream goes on as a stream: HTTP/2 with prior knowledge, as the client has used it. Trailers, 1xx and resets as they come. */
export function forwardHttp2(upstream: Upstream, call: Http2Call): void {
  const { stream, recording } = call;
  if (stream.destroyed || stream.session === undefined) {
    resetAtOnce(call);
    return;
  }
  const hasBody = recording.head.hasBody;
  const kept = upstream.sessionFor(stream.session);
  const over = new StreamEnd(call, kept, () => forwardHttp2(upstream, call));
  let outgoing: http2.ClientHttp2Stream;
  try {
    outgoing = kept.request(forwarded(call.raw, sensitive(call.headers)), {
      endStream: !hasBody,
      waitForTrailers: hasBody,
    });
  } catch {
    refuse(call); // fields that Node's reader lets in and its writer does not let out
    return;
  }
  over.watch(outgoing);
  passRequest(call, outgoing, over);
  passAnswer(call, outgoing, over);
}

/** The reset came together with the request: the service need not hear of either. */
function resetAtOnce({ recording }: Http2Call): void {
  recording.requestAborted();
  recording.failed("aborted");
}

/** A malformed request costs its own stream (RFC 9113, section 8.1.1). */
function refuse({ recording, stream }: Http2Call): void {
  recording.failed("protocol");
  stream.close(http2.constants.NGHTTP2_PROTOCOL_ERROR);
}

/** Fields as Node sends them: repeats stay apart, which the object Node gives has joined. */
function forwarded(raw: readonly string[], isSensitive: readonly string[] = []): http2.OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> & { [http2.sensitiveHeaders]?: readonly string[] } = {};
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!;
    // nghttp2 lets no other value in, but this one in any case; Node lets it out in lower case only.
    const value = name === "te" ? "trailers" : raw[at + 1]!;
    if (forbiddenFields.has(name)) continue;
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (typeof before === "string") fields[name] = [before, value];
    else before.push(value);
  }
  if (isSensitive.length > 0) fields[http2.sensitiveHeaders] = isSensitive;
  return fields as http2.OutgoingHttpHeaders;
}

function sensitive(fields: http2.IncomingHttpHeaders): readonly string[] {
  return (fields as { [http2.sensitiveHeaders]?: readonly string[] })[http2.sensitiveHeaders] ?? [];
}

function passRequest({ recording, stream }: Http2Call, outgoing: http2.ClientHttp2Stream, over: StreamEnd): void {
  if (!recording.head.hasBody) {
    recording.requestEnded();
    return;
  }
  let trailers: readonly string[] = [];
  stream.on("data", (piece: Buffer) => {
    recording.requestPiece(piece);
    if (!outgoing.destroyed && !outgoing.write(piece)) stream.pause();
  });
  outgoing.on("drain", () => stream.resume());
  outgoing.on("close", () => stream.resume());
  const keepTrailers: RawListener = (_fields, _flags, raw) => {
    trailers = raw;
  };
  stream.on("trailers", keepTrailers as Listener);
  stream.on("end", () => {
    if (stream.closed) return; // a reset ends the reading, too
    recording.requestEnded(trailers);
    if (!outgoing.destroyed) outgoing.end();
  });
  outgoing.on("wantTrailers", () => over.attempt(() => outgoing.sendTrailers(forwarded(trailers))));
}

function passAnswer({ recording, stream }: Http2Call, outgoing: http2.ClientHttp2Stream, over: StreamEnd): void {
  let trailers: readonly string[] = [];
  const inform: RawListener = (_fields, _flags, raw) => {
    if (!stream.headersSent && !stream.destroyed) over.attempt(() => stream.additionalHeaders(forwarded(raw)));
  };
  outgoing.on("headers", inform as Listener);
  const start: RawListener = (fields, flags, raw) => {
    if (stream.destroyed) return;
    over.answered();
    recording.answerStarted(fields[":status"] as unknown as number, raw.slice(2));
    const isAll = (flags & endOfStream) !== 0;
    const options = { endStream: isAll, waitForTrailers: !isAll, sendDate: false };
    over.attempt(() => stream.respond(forwarded(raw, sensitive(fields)), options));
  };
  outgoing.on("response", start as Listener);
  outgoing.on("data", (piece: Buffer) => {
    recording.answerPiece(piece);
    if (!stream.destroyed && !stream.write(piece)) outgoing.pause();
  });
  stream.on("drain", () => outgoing.resume());
  const keepTrailers: RawListener = (_fields, _flags, raw) => {
    trailers = raw;
  };
  outgoing.on("trailers", keepTrailers as Listener);
  outgoing.on("end", () => {
    if (!stream.headersSent || outgoing.rstCode !== 0) return; // a reset: "close" says so
    over.complete(trailers);
    if (!stream.destroyed) stream.end();
  });
  stream.on("wantTrailers", () => over.attempt(() => stream.sendTrailers(forwarded(trailers))));
}

/** How a stream's story ends: once, whoever ends it. */
class StreamEnd {
  readonly #call: Http2Call;
  readonly #session: KeptSession;
  /** The session had answered a call before this one. */
  readonly #isReused: boolean;
  readonly #sendAgain: () => void;
  #outgoing!: http2.ClientHttp2Stream;
  #isOver = false;
  #error: Error | undefined;

  constructor(call: Http2Call, session: KeptSession, sendAgain: () => void) {
    this.#call = call;
    this.#session = session;
    this.#isReused = session.isUsed;
    this.#sendAgain = sendAgain;
  }

  watch(outgoing: http2.ClientHttp2Stream): void {
    this.#outgoing = outgoing;
    outgoing.on("error", (error) => {
      this.#error ??= error;
    });
    outgoing.on("close", () => this.#upstreamGone());
    this.#call.stream.on("close", () => this.#clientGone());
  }

  answered(): void {
    this.#session.isUsed = true;
  }

  complete(trailers: readonly string[]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#call.recording.answerEnded("complete", trailers);
  }

  /** A step that Node may refuse: fields that its reader lets in and its writer does not let out. Then both streams end. */
  attempt(step: () => void): void {
    try {
      step();
    } catch (refusal) {
      this.#error ??= refusal as Error;
      this.#outgoing.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    }
  }

  #upstreamGone(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { recording, stream } = this.#call;
    if (recording.hasAnswerStarted || stream.headersSent) {
      recording.answerEnded("reset");
      stream.close(this.#outgoing.rstCode || http2.constants.NGHTTP2_INTERNAL_ERROR);
      return;
    }
    if (this.#metClosing()) this.#sendAgain();
    else this.#unanswered();
  }

  /**
   * As with HTTP/1 (see {@link forwardWhole}): the service closed a connection it had kept, just as the request went out.
   */
  #metClosing(): boolean {
    const { head } = this.#call.recording;
    return this.#isReused && this.#session.isLost && !head.hasBody && isIdempotent(head.method);
  }

  /** A stream that was reset is reset here, too; a connection that was lost loses this stream, for which gRPC has a word. */
  #unanswered(): void {
    const { recording, stream } = this.#call;
    const { isLost } = this.#session;
    const reason = this.#error === undefined ? "reset" : failureReason(this.#error);
    recording.failed(reason);
    const { rstCode } = this.#outgoing;
    if (rstCode !== 0 && !isLost) stream.close(rstCode);
    else if (reason === "reset" && !recording.head.isGrpc) stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    else this.#sayFailure(reason);
  }

  #sayFailure(reason: ReturnType<typeof failureReason>): void {
    const { recording, stream } = this.#call;
    if (stream.destroyed) return;
    const { status, text } = failureStatus(reason);
    if (!recording.head.isGrpc) {
      stream.respond({ ":status": status, "content-type": "text/plain" });
      return void stream.end(text);
    }
    const grpc = { "content-type": "application/grpc", "grpc-status": grpcUnavailable, "grpc-message": text.trim() };
    stream.respond({ ":status": 200, ...grpc }, { endStream: true });
  }

  #clientGone(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { recording, stream } = this.#call;
    recording.requestAborted();
    if (recording.hasAnswerStarted) recording.answerEnded("client-aborted");
    else recording.failed("aborted");
    this.#outgoing.close(stream.rstCode || http2.constants.NGHTTP2_CANCEL);
  }
}
