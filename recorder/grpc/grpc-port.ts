import http2 from "node:http2";
import net from "node:net";
import type { Duplex } from "node:stream";
import { type Clock, type Log, reasonOf } from "../../base/index.js";
import type { Counts } from "../capture/counts.js";
import { listenAt } from "../listen/address.js";
import { Arrivals } from "../listen/arrivals.js";
import type { Connection } from "../listen/connection.js";
import type { ListenTls } from "../listen/secure.js";
import { endWithClient } from "../listen/session-end.js";
import { GrpcMessages } from "./messages.js";

/** What becomes of one stream: told of each message and of its end, whichever comes. */
export interface GrpcTaker {
  /** The bytes may be kept: nobody writes into them. Throwing ends the stream. */
  message(bytes: Uint8Array): void;
  /** The client ended or reset the stream. */
  closed(): void;
  /** The connection went while the stream was open, or what came on it could not be read. */
  lost(): void;
  /** Nothing more is awaited from it, though it may stay open. */
  readonly isOver: boolean;
}

/** Who opened a stream, and what it said with it: names in lower case. */
export interface GrpcOpening {
  connection: Connection;
  metadata: http2.IncomingHttpHeaders;
}

export interface GrpcPortParts {
  /** By path: `/package.Service/Method`. */
  methods: ReadonlyMap<string, (opening: GrpcOpening) => GrpcTaker>;
  counts: Counts;
  clock: Clock;
  log: Log;
  newConnectionId: () => string;
  tls?: ListenTls;
  sniffMs: number;
  maxHeaderBytes: number;
  maxConnections: number;
}

interface Watched {
  session: http2.ServerHttp2Session;
  stream: http2.ServerHttp2Stream;
  taker: GrpcTaker;
  socket: net.Socket;
  /** The stream ends without its client's doing. */
  isLost: boolean;
}

/** Windows wide enough that what a client waits for is never this reader. */
const streamWindowBytes = 2 ** 20;
const connectionWindowBytes = 32 * 2 ** 20;
/** Envoy may hold a body back as a whole, where one of its filters does, and then sends it in one message. */
const mostMessageBytes = 64 * 2 ** 20;
/** Of all messages that are not whole yet, together. */
const mostHeldBytes = 64 * 2 ** 20;

/**
 * Each stream of Envoy's ends with a reset, which nghttp2 takes for an attack beyond 1000 at once and 33 a second: it
 * closes the connection, and what is in flight there is lost. Newer Node lets the bound be set. With older Node it is for
 * Envoy to begin another connection before that (`max_requests_per_connection` of the printed configuration): a GOAWAY
 * from here would lose streams, too, for nghttp2 ignores those that were on their way.
 */
const resetBounds = { streamResetBurst: 1_000_000, streamResetRate: 1_000_000 };

/**
 * A port that takes gRPC streams and only reads: it never answers, never ends a stream, never waits. HTTP/2 by prior
 * knowledge, or by ALPN within TLS.
 */
export class GrpcPort {
  readonly #parts: GrpcPortParts;
  readonly #door = net.createServer({ noDelay: true });
  readonly #http2: http2.Http2Server;
  readonly #arrivals: Arrivals;
  /** Streams that are open, by session. */
  readonly #sessions = new Map<http2.ServerHttp2Session, Set<GrpcTaker>>();
  #arriving: Connection | undefined;
  #heldBytes = 0;
  #isDraining = false;

  constructor(parts: GrpcPortParts) {
    this.#parts = parts;
    this.#http2 = http2Server(parts.maxHeaderBytes);
    this.#http2.on("session", (session) => this.#greet(session, this.#arriving!));
    this.#http2.on("sessionError", (error: Error & { code?: string }) => {
      if (error.code === "ERR_HTTP2_ERROR") parts.counts.add("unparsable");
    });
    const taken = (connection: Connection, protocol: "http1" | "http2") => this.#take(connection, protocol);
    this.#arrivals = new Arrivals({ ...parts, idleMs: 0, taken });
    this.#arrivals.watch(this.#door);
  }

  /** Gives the real address. */
  listen(address: string, purpose: string): Promise<string> {
    return listenAt(this.#door, address, purpose);
  }

  get openConnections(): number {
    return this.#arrivals.open;
  }

  #take(connection: Connection, protocol: "http1" | "http2"): void {
    if (protocol === "http1") {
      this.#parts.counts.add("unparsable");
      connection.socket.end("HTTP/1.1 426 Upgrade Required\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    this.#arriving = connection;
    this.#http2.emit("connection", connection.socket as Duplex);
    this.#arriving = undefined;
  }

  #greet(session: http2.ServerHttp2Session, connection: Connection): void {
    this.#sessions.set(session, new Set());
    endWithClient(session, connection.socket);
    session.on("stream", (stream, metadata) => this.#open(session, stream, { connection, metadata }));
    session.on("close", () => {
      this.#sessions.delete(session);
    });
    session.on("error", () => {}); // said by "sessionError"
    if (this.#isDraining) session.close();
  }

  #open(session: http2.ServerHttp2Session, stream: http2.ServerHttp2Stream, opening: GrpcOpening): void {
    stream.on("error", () => {}); // "close" follows
    const method = this.#parts.methods.get(opening.metadata[":path"] ?? "");
    if (method === undefined) {
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "12" }, { endStream: true });
      return;
    }
    const taker = method(opening);
    this.#sessions.get(session)?.add(taker);
    const watched: Watched = { session, stream, taker, socket: opening.connection.socket, isLost: false };
    this.#read(watched);
    this.#watchEnd(watched);
  }

  /** Of a connection that goes, streams are first aborted, then "end": a client's own end comes before its reset. */
  #watchEnd(watched: Watched): void {
    const { session, stream, taker, socket } = watched;
    stream.on("aborted", () => {
      watched.isLost ||= !stream.readableEnded && socket.destroyed;
    });
    stream.on("close", () => {
      if (watched.isLost) taker.lost();
      else taker.closed();
      this.#sessions.get(session)?.delete(taker);
      if (this.#isDraining) this.#closeWhenOver(session);
    });
  }

  #read(watched: Watched): void {
    const { stream, taker } = watched;
    const messages = new GrpcMessages(mostMessageBytes, (bytes) => taker.message(bytes));
    stream.on("data", (piece: Buffer) => {
      const before = messages.heldBytes;
      try {
        messages.push(piece);
        this.#hold(messages.heldBytes - before);
      } catch (refusal) {
        this.#refuse(watched, refusal);
      }
    });
    stream.on("close", () => {
      this.#heldBytes -= messages.heldBytes;
    });
  }

  #hold(moreBytes: number): void {
    this.#heldBytes += moreBytes;
    if (moreBytes > 0 && this.#heldBytes > mostHeldBytes) throw new RangeError("too many messages are not whole");
  }

  /** What cannot be read must not take the other streams with it. */
  #refuse(watched: Watched, refusal: unknown): void {
    const { stream } = watched;
    if (stream.destroyed) return;
    watched.isLost = true;
    this.#parts.counts.add("unparsable");
    this.#parts.log.debug({ reason: reasonOf(refusal) }, "a gRPC stream could not be read");
    stream.destroy();
  }

  /** Takes no new connections and no new streams; a connection is closed when nothing more is awaited from it. */
  async drain(withinMs: number, cutOff: () => void): Promise<void> {
    this.#isDraining = true;
    const closed = new Promise<void>((resolve) => this.#door.close(() => resolve()));
    this.#arrivals.close();
    for (const session of this.#sessions.keys()) session.close();
    const look = setInterval(() => {
      for (const session of this.#sessions.keys()) this.#closeWhenOver(session);
    }, 50);
    const timer = setTimeout(() => {
      cutOff();
      this.#arrivals.destroyAll();
    }, withinMs);
    await closed;
    clearInterval(look);
    clearTimeout(timer);
  }

  #closeWhenOver(session: http2.ServerHttp2Session): void {
    const takers = this.#sessions.get(session);
    if (takers !== undefined && [...takers].every((taker) => taker.isOver)) session.destroy();
  }
}

function http2Server(maxHeaderBytes: number): http2.Http2Server {
  const settings = { initialWindowSize: streamWindowBytes, maxHeaderListSize: maxHeaderBytes };
  const options: http2.ServerOptions = { settings, maxSessionMemory: 4096, ...resetBounds };
  const server = http2.createServer(options);
  server.on("session", (session) => session.setLocalWindowSize(connectionWindowBytes));
  return server;
}
