import type http from "node:http";
import type http2 from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type Clock, type Log, reasonOf } from "../../base/index.js";
import type { Capture } from "../capture/capture.js";
import type { Counts } from "../capture/counts.js";
import type { Recording } from "../capture/recording.js";
import type { Mode } from "../mode.js";
import { listenAt } from "./address.js";
import { readHttp1Head, readHttp2Head } from "./call-head.js";
import type { Connection } from "./connection.js";
import { http1Server, http2Server } from "./servers.js";
import { type Sniffed, sniff } from "./sniff.js";
import { isWebSocketHandshake, withoutUpgrade } from "./upgrade.js";

/** Node gives the raw fields, too; its types for version 20 do not say so. */
type RawStreamListener = (
  stream: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
  flags: number,
  raw: readonly string[],
) => void;
type StreamListener = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders, flags: number) => void;

export interface PortParts {
  mode: Mode;
  capture: Capture;
  counts: Counts;
  clock: Clock;
  log: Log;
  sniffMs: number;
}

/** One TCP port that takes HTTP/1.0, HTTP/1.1 and, by prior knowledge, HTTP/2. */
export class Port {
  readonly #parts: PortParts;
  /** Owns the port; its own way to take a connection is behind the sniffing. */
  readonly #http1 = http1Server();
  readonly #http2: http2.Http2Server;
  readonly #takeHttp1: (socket: Socket) => void;
  readonly #connections = new Map<Duplex, Connection>();
  readonly #sessions = new Set<http2.Http2Session>();
  #arriving: Connection | undefined;
  #nextConnection = 0;
  #draining = false;

  constructor(parts: PortParts) {
    this.#parts = parts;
    this.#http2 = http2Server(parts.mode.takesWebSocketStreams);
    this.#listenToHttp1(this.#http1);
    this.#listenToHttp2(this.#http2);
    const own = this.#http1.listeners("connection")[0] as (socket: Socket) => void;
    this.#http1.removeAllListeners("connection").on("connection", (socket) => this.#sniff(socket));
    this.#takeHttp1 = (socket) => own.call(this.#http1, socket);
  }

  /** Gives the real address. */
  listen(address: string): Promise<string> {
    return listenAt(this.#http1, address, "calls");
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  get openConnections(): number {
    return this.#connections.size;
  }

  #listenToHttp1(server: http.Server): void {
    server.on("request", (request, response) => this.#answerHttp1(request, response, false));
    server.on("checkContinue", (request, response) => this.#answerHttp1(request, response, true));
    server.on("checkExpectation", (request, response) => this.#answerHttp1(request, response, false));
    server.on("upgrade", (request, socket, head) => this.#answerUpgrade(request, socket as Socket, head));
    server.on("connect", (request, socket) => this.#refuseConnect(request, socket as Socket));
    server.on("clientError", (error, socket) => this.#refuseHttp1(error, socket as Socket));
  }

  #listenToHttp2(server: http2.Http2Server): void {
    server.on("session", (session) => this.#greet(session));
    server.on("sessionError", (error) => this.#refuseHttp2(error));
  }

  #sniff(socket: Socket): void {
    const client = socket.remoteAddress;
    if (client === undefined) return void socket.destroy(); // gone already
    const connection: Connection = { id: String(this.#nextConnection++), client, socket, isSniffed: false };
    this.#connections.set(socket, connection);
    socket.on("close", () => this.#connections.delete(socket));
    socket.on("error", () => {}); // a peer that resets is no news
    sniff(socket, this.#parts.sniffMs, (what) => this.#take(connection, what));
  }

  #take(connection: Connection, what: Sniffed): void {
    connection.isSniffed = true;
    if (what.kind === "http1") {
      this.#takeHttp1(connection.socket);
    } else if (what.kind === "http2") {
      this.#takeHttp2(connection);
    } else {
      if (what.sawBytes) this.#parts.counts.add("unparsable");
      connection.socket.destroy();
    }
  }

  /** A session hides its socket behind a proxy: which connection it is on is known only while it is made. */
  #takeHttp2(connection: Connection): void {
    this.#arriving = connection;
    this.#http2.emit("connection", connection.socket);
    this.#arriving = undefined;
  }

  #greet(session: http2.ServerHttp2Session): void {
    const connection = this.#arriving!;
    const answer: RawStreamListener = (stream, headers, _flags, raw) =>
      this.#answerHttp2(connection, stream, headers, raw);
    this.#sessions.add(session);
    session.on("stream", answer as StreamListener);
    session.on("close", () => this.#sessions.delete(session));
    session.on("error", () => {}); // said by "sessionError"
    if (this.#draining) session.close();
  }

  #answerHttp1(request: http.IncomingMessage, response: http.ServerResponse, awaitsContinue: boolean): void {
    const recording = this.#begin(request);
    if (recording === undefined) return;
    recording.head.connection.lastResponse = response;
    if (this.#draining) response.shouldKeepAlive = false;
    const guard = (step: () => void) => this.#guarded(recording, request.socket, step);
    guard(() => this.#parts.mode.answerHttp1({ recording, request, response, awaitsContinue, guard }));
  }

  #answerHttp2(
    connection: Connection,
    stream: http2.ServerHttp2Stream,
    headers: http2.IncomingHttpHeaders,
    raw: readonly string[],
  ): void {
    const { capture, clock, mode } = this.#parts;
    stream.on("error", () => {}); // "close" says how it ended
    const recording = capture.begin(readHttp2Head(stream, raw, connection, clock.now()));
    this.#guarded(recording, stream, () => {
      if (recording.head.method === "CONNECT") return refuseConnectStream(recording, stream);
      const isWebSocket = headers[":protocol"] === "websocket";
      mode.answerHttp2({ recording, stream, headers, raw, isWebSocket });
    });
  }

  /** An upgrade that is not to WebSocket is left aside, as a server may (RFC 9110, section 7.8): the request is taken without it. */
  #answerUpgrade(request: http.IncomingMessage, socket: Socket, head: Buffer): void {
    if (!isWebSocketHandshake(request)) {
      socket.unshift(Buffer.concat([withoutUpgrade(request), head]));
      this.#takeHttp1(socket);
      return;
    }
    const recording = this.#begin(request);
    if (recording === undefined) return;
    this.#guarded(recording, socket, () => this.#parts.mode.answerUpgrade({ recording, request, socket, head }));
  }

  /** No tunnels: neither a service nor a mirror target opens any. */
  #refuseConnect(request: http.IncomingMessage, socket: Socket): void {
    const recording = this.#begin(request);
    recording?.requestEnded();
    recording?.failed("protocol");
    socket.end("HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  }

  #begin(request: http.IncomingMessage): Recording | undefined {
    const connection = this.#connections.get(request.socket);
    if (connection === undefined) return undefined; // closed between its bytes and their parsing
    return this.#parts.capture.begin(readHttp1Head(request, connection, this.#parts.clock.now()));
  }

  /** One call that we cannot answer must not take the others with it. */
  #guarded(recording: Recording, connection: Duplex, answer: () => void): void {
    try {
      answer();
    } catch (thrown) {
      this.#parts.log.error({ reason: reasonOf(thrown) }, "a call could not be answered");
      recording.failed("protocol");
      connection.destroy();
    }
  }

  #refuseHttp1(error: Error & { code?: string }, socket: Socket): void {
    const isUnparsable = error.code?.startsWith("HPE_") === true && error.code !== "HPE_INVALID_EOF_STATE";
    const lastResponse = this.#connections.get(socket)?.lastResponse;
    const isAnswering = lastResponse?.headersSent === true && !lastResponse.writableFinished;
    if (isUnparsable) this.#parts.counts.add("unparsable");
    if (isUnparsable && !isAnswering && socket.writable) socket.end(refusal(error.code!));
    socket.destroy();
  }

  #refuseHttp2(error: Error & { code?: string }): void {
    if (error.code === "ERR_HTTP2_ERROR") this.#parts.counts.add("unparsable");
  }

  /** Takes no new connections, and no new calls on those there are; resolves when they are closed or time is up. */
  async drain(withinMs: number, cutOff: () => void): Promise<void> {
    this.#draining = true;
    const closed = new Promise<void>((resolve) => this.#http1.close(() => resolve()));
    for (const connection of this.#connections.values()) closeAfterAnswer(connection);
    for (const session of this.#sessions) session.close();
    const timer = setTimeout(() => this.#closeAll(cutOff), withinMs);
    await closed;
    clearTimeout(timer);
  }

  #closeAll(cutOff: () => void): void {
    cutOff();
    for (const { socket } of this.#connections.values()) socket.destroy();
  }
}

/** A client that keeps its connection is told with the answer in flight that there is no next; idle ones are closed already. */
function closeAfterAnswer({ lastResponse, socket, isSniffed }: Connection): void {
  if (!isSniffed) socket.destroy();
  else if (lastResponse === undefined || lastResponse.writableFinished) return;
  else if (lastResponse.headersSent) lastResponse.once("finish", () => socket.end());
  else lastResponse.shouldKeepAlive = false;
}

function refusal(code: string): string {
  const status = code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
  return `HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`;
}

function refuseConnectStream(recording: Recording, stream: http2.ServerHttp2Stream): void {
  recording.requestEnded();
  recording.failed("protocol");
  stream.respond({ ":status": 405 }, { endStream: true });
}
