import http2 from "node:http2";
import { reasonOf } from "../../base/index.js";
import { headerListFromRaw } from "../../message/index.js";
import type { AnswerCollector } from "./answer-collector.js";
import { failureReasonOf } from "./failure-reason.js";
import type { SecureOptions } from "./secure.js";
import { type Transport, UnsendableRequest } from "./transport.js";
import { allFields, type WireRequest } from "./wire-request.js";

/** HTTP/2, by prior knowledge over http and by ALPN over https: one session, and more only when it is full. */
export function openHttp2(
  origin: string,
  options: { secure: SecureOptions; onTrouble: (thrown: unknown) => void },
): Transport {
  const sessions = new Set<Session>();

  const roomySession = (): Session => {
    for (const session of sessions) if (session.hasRoom()) return session;
    const session = openSession(origin, options.secure, () => sessions.delete(session));
    sessions.add(session);
    return session;
  };

  return {
    send(request, collector) {
      const attempt = new Attempt(request, collector, roomySession, options.onTrouble);
      attempt.start();
      return () => attempt.giveUp();
    },
    async close() {
      for (const session of sessions) session.client.destroy();
    },
  };
}

interface Session {
  client: http2.ClientHttp2Session;
  hasRoom(): boolean;
  /** What ended it, when something did. */
  error?: Error;
}

/** Before a server has said how many streams it takes at once: the least it is asked to take (RFC 9113, section 6.5.2). */
const streamsUntilTold = 100;

function openSession(origin: string, secure: SecureOptions, onGone: () => void): Session {
  const client = http2.connect(origin, { settings: { enablePush: false, initialWindowSize: 1 << 20 }, ...secure });
  let streams = 0;
  let limit = streamsUntilTold;
  const session: Session = {
    client,
    hasRoom: () => !client.closed && !client.destroyed && streams < limit,
  };
  client.on("remoteSettings", (settings) => {
    limit = settings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
  });
  client.on("stream", (pushed) => pushed.close());
  client.on("error", (error) => {
    session.error = error;
  });
  // After a GOAWAY what is in flight may end; new requests take a new session.
  client.once("goaway", onGone);
  client.once("close", onGone);
  const request = client.request.bind(client);
  client.request = (headers, options) => {
    const stream = request(headers, options);
    streams++;
    stream.once("close", () => streams--);
    return stream;
  };
  return session;
}

/** A stream refused because its session was going away was not processed (RFC 9113, section 8.7): no answer to repeat. */
const mostRefusals = 3;

/** One request until it has an answer: on one stream, or on the next when that was refused unprocessed. */
class Attempt {
  readonly #request: WireRequest;
  readonly #collector: AnswerCollector;
  readonly #roomySession: () => Session;
  readonly #onTrouble: (thrown: unknown) => void;
  #stream: http2.ClientHttp2Stream | undefined;
  #refusals = 0;

  constructor(
    request: WireRequest,
    collector: AnswerCollector,
    roomySession: () => Session,
    onTrouble: (thrown: unknown) => void,
  ) {
    this.#request = request;
    this.#collector = collector;
    this.#roomySession = roomySession;
    this.#onTrouble = onTrouble;
  }

  start(): void {
    const session = this.#roomySession();
    const stream = this.#open(session);
    this.#stream = stream;
    if (stream.pending) stream.once("ready", () => this.#collector.written());
    else this.#collector.written();
    this.#listen(stream, session);
    stream.end(this.#request.body);
  }

  giveUp(): void {
    this.#refusals = mostRefusals;
    this.#stream?.close(http2.constants.NGHTTP2_CANCEL);
  }

  #open(session: Session): http2.ClientHttp2Stream {
    const { trailers } = this.#request;
    try {
      const stream = session.client.request(headersOf(this.#request), { waitForTrailers: trailers.length > 0 });
      stream.once("wantTrailers", () => stream.sendTrailers(fieldsOf(trailers)));
      return stream;
    } catch (thrown) {
      if (thrown instanceof UnsendableRequest) throw thrown;
      throw new UnsendableRequest(reasonOf(thrown), { cause: thrown });
    }
  }

  #listen(stream: http2.ClientHttp2Stream, session: Session): void {
    let answered = false;
    let ended = false;
    let trailers: readonly string[] = [];
    let error: Error | undefined;
    stream.on("response", (headers, _flags, raw?: string[]) => {
      answered = true;
      this.#collector.head(Number(headers[":status"]), headerListFromRaw(withoutPseudo(raw ?? [])));
    });
    stream.on("trailers", (_headers, _flags, raw?: string[]) => {
      trailers = raw ?? [];
    });
    stream.on("data", (piece: Buffer) => this.#collector.piece(piece));
    stream.on("end", () => {
      ended = true;
    });
    stream.on("error", (thrown) => {
      error = thrown;
    });
    stream.once("close", () => {
      if (answered && ended && stream.rstCode === http2.constants.NGHTTP2_NO_ERROR) {
        this.#collector.complete(headerListFromRaw(trailers));
      } else if (!answered && this.#mayRepeat(stream)) this.start();
      else this.#broke(session.error ?? error);
    });
  }

  #mayRepeat(stream: http2.ClientHttp2Stream): boolean {
    return stream.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM && this.#refusals++ < mostRefusals;
  }

  #broke(thrown: Error | undefined): void {
    if (thrown !== undefined) this.#onTrouble(thrown);
    this.#collector.broke(thrown === undefined ? "reset" : failureReasonOf(thrown));
  }
}

/** node:http2 does not look, and a server would drop such a field or the whole stream (RFC 9113, section 8.2.1). */
const unsendable = /[\0\r\n]/;

function headersOf(request: WireRequest): http2.OutgoingHttpHeaders {
  const length =
    request.hasLength && request.trailers.length === 0 ? ["content-length", String(request.body?.length ?? 0)] : [];
  return {
    ":method": request.method,
    ":path": request.path,
    ":authority": request.authority,
    ...fieldsOf([...allFields(request), ...length]),
  };
}

/** Repeated fields become arrays, which go out as the repeats they were. */
function fieldsOf(flat: readonly string[]): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const name = flat[at]!.toLowerCase();
    if (unsendable.test(flat[at + 1]!)) throw new UnsendableRequest(`invalid ${name} header`);
    const before = fields[name];
    fields[name] = before === undefined ? flat[at + 1]! : [before, flat[at + 1]!].flat();
  }
  return fields;
}

function withoutPseudo(raw: readonly string[]): string[] {
  return raw.filter((_, at) => !raw[at - (at % 2)]!.startsWith(":"));
}
