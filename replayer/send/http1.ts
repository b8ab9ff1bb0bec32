import { type Dispatcher, Pool } from "undici";
import { reasonOf } from "../../base/index.js";
import type { HeaderField, HeaderList } from "../../message/index.js";
import type { AnswerCollector } from "./answer-collector.js";
import { failureReasonOf } from "./failure-reason.js";
import { idleMs, keepAliveMarginMs } from "./idle-connections.js";
import type { SecureOptions } from "./secure.js";
import { type Transport, UnsendableRequest } from "./transport.js";
import { allFields, isChunked, type WireRequest } from "./wire-request.js";

/**
 * HTTP/1.1 through undici: as many connections as calls overlap, kept alive, one request in flight on each. It reads what
 * is pending on an idle connection before it writes to it.
 */
export function openHttp1(
  origin: string,
  options: { connections: number | null; secure: SecureOptions; onTrouble: (thrown: unknown) => void },
): Transport {
  const pool = new Pool(origin, {
    connections: options.connections,
    pipelining: 1,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    keepAliveTimeoutThreshold: keepAliveMarginMs,
    // The Step's own timeout is the only one.
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: 0,
    maxHeaderSize: 1 << 20,
    connect: options.secure,
  });
  const { servername } = options.secure;
  const serverName = servername === undefined ? {} : { servername };
  return {
    send(request, collector) {
      const exchange = new Http1Handler(collector, options.onTrouble);
      pool.dispatch(
        {
          method: request.method as Dispatcher.HttpMethod,
          path: request.path,
          headers: ["host", request.authority, ...allFields(request)],
          body: bodyOf(request),
          // Else it is the host of each request, and a connection that has another is closed for it.
          ...serverName,
        },
        exchange,
      );
      if (exchange.refused !== undefined) throw exchange.refused;
      return () => exchange.giveUp();
    },
    close: () => pool.destroy(),
  };
}

/** undici states the length of bytes, and frames in chunks what it takes piece by piece: any iterable, which its types leave out. */
function bodyOf(request: WireRequest): Uint8Array | null {
  const { body = null } = request;
  return isChunked(request) ? ([body] as unknown as Uint8Array) : body;
}

class Http1Handler implements Dispatcher.DispatchHandler {
  /** Set when undici did not accept the request at all. */
  refused: UnsendableRequest | undefined;
  readonly #collector: AnswerCollector;
  readonly #onTrouble: (thrown: unknown) => void;
  #abort: ((reason?: Error) => void) | undefined;
  #givenUp = false;

  constructor(collector: AnswerCollector, onTrouble: (thrown: unknown) => void) {
    this.#collector = collector;
    this.#onTrouble = onTrouble;
  }

  giveUp(): void {
    this.#givenUp = true;
    this.#abort?.(new Error("given up"));
  }

  onConnect(abort: (reason?: Error) => void): void {
    this.#abort = abort;
    if (this.#givenUp) abort(new Error("given up"));
    else this.#collector.written();
  }

  onHeaders(status: number, raw: Buffer[]): boolean {
    if (status >= 200) this.#collector.head(status, fieldsOf(raw));
    // Over with its head (RFC 9112, section 6.3); undici would miss the bytes that a `content-length` of it announces.
    if (status === 204 || status === 304) this.#collector.complete([]);
    return true;
  }

  onData(piece: Buffer): boolean {
    this.#collector.piece(piece);
    return true;
  }

  onComplete(trailers: string[] | null): void {
    this.#collector.complete(trailers === null ? [] : fieldsOf(trailers));
  }

  onError(error: Error): void {
    const code = (error as { code?: string }).code;
    if (code === "UND_ERR_INVALID_ARG" || code === "UND_ERR_NOT_SUPPORTED") {
      this.refused = new UnsendableRequest(reasonOf(error), { cause: error });
    } else {
      this.#onTrouble(error);
      this.#collector.broke(failureReasonOf(error));
    }
  }
}

/** undici gives header bytes as Buffers, trailers too (its types say strings). */
function fieldsOf(raw: readonly (Buffer | string)[]): HeaderList {
  const fields: HeaderField[] = new Array(raw.length >> 1);
  for (let at = 0; at + 1 < raw.length; at += 2) fields[at >> 1] = [latin1(raw[at]!), latin1(raw[at + 1]!)];
  return fields;
}

function latin1(bytes: Buffer | string): string {
  return typeof bytes === "string" ? bytes : bytes.toString("latin1");
}
