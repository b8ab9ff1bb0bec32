import type { Socket } from "node:net";
import { Client } from "undici";
import { AnswerBytes } from "./skip-continue.js";

/**
 * A connection to a service is not used again after so long without a call: shorter than services keep theirs (Gunicorn
 * 2 s, Node and uvicorn 5 s, Go and Envoy minutes), for a request that meets a connection in its closing is lost, and
 * the client would see a failure that it had not seen without us (RFC 9112, section 9.3.1).
 */
const mostIdleMs = 1000;
const sweepMs = 250;

export interface ConnectionOptions {
  /** Of the service: `http://HOST:PORT`. */
  origin: string;
  /** Opens a socket, ready for the first request. */
  connect: (opened: (error: Error | null, socket: Socket | null) => void) => void;
  maxHeaderBytes: number;
}

/** One HTTP/1.1 connection to a service, with one call on it at most. */
export class KeptConnection {
  readonly client: Client;
  readonly answer = new AnswerBytes();
  /** It has carried a call before: the service may be about to close it. */
  isUsed = false;
  isOpen = true;
  idleSinceMs = 0;

  constructor({ origin, connect, maxHeaderBytes }: ConnectionOptions) {
    this.client = new Client(origin, {
      connect: (_options, opened) => {
        this.isUsed = false;
        connect((error, socket) => {
          if (socket === null) return opened(error ?? new Error("no socket"), null);
          this.answer.watch(socket);
          opened(null, socket);
        });
      },
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: maxHeaderBytes,
      keepAliveTimeoutThreshold: mostIdleMs, // of a "keep-alive: timeout=5" that the service says
    });
    this.client.on("disconnect", () => {
      this.isOpen = false;
    });
    this.client.on("connect", () => {
      this.isOpen = true;
    });
  }
}

/**
 * The idle HTTP/1.1 connections to one service. The one used last is used first, so that what load has opened is not
 * kept alive by the little that follows.
 */
export class KeptConnections {
  readonly #options: ConnectionOptions;
  readonly #idle: KeptConnection[] = [];
  readonly #all = new Set<KeptConnection>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** With a call on them, or idle. */
  get open(): number {
    return this.#all.size;
  }

  take(): KeptConnection {
    for (let found = this.#idle.pop(); found !== undefined; found = this.#idle.pop()) {
      if (found.isOpen) return found;
      this.letGo(found);
    }
    return this.fresh();
  }

  /** One that has carried no call yet. */
  fresh(): KeptConnection {
    const made = new KeptConnection(this.#options);
    this.#all.add(made);
    return made;
  }

  /** Its call is over, the connection can carry the next. */
  give(connection: KeptConnection): void {
    if (!this.#all.has(connection)) return;
    connection.isUsed = true;
    connection.idleSinceMs = performance.now();
    this.#idle.push(connection);
    this.#sweep ??= setInterval(() => this.#closeIdle(), sweepMs).unref();
  }

  /** It is not used again. */
  letGo(connection: KeptConnection): void {
    if (this.#all.delete(connection)) void connection.client.destroy();
  }

  #closeIdle(): void {
    const before = performance.now() - mostIdleMs;
    while (this.#idle.length > 0 && this.#idle[0]!.idleSinceMs < before) this.letGo(this.#idle.shift()!);
    if (this.#idle.length > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  close(): void {
    clearInterval(this.#sweep);
    this.#idle.length = 0;
    for (const connection of [...this.#all]) this.letGo(connection);
  }
}
