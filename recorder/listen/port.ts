import type http from "node:http";
import type http2 from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type Clock, type Log, reasonOf } from "../../base/index.js";
import type { Vantage } from "../../tape/index.js";
import type { Capture } from "../capture/capture.js";
import type { Counts } from "../capture/counts.js";
import type { Recording } from "../capture/recording.js";
import type { Http1Call, Mode } from "../mode.js";
import { listenAt } from "./address.js";
import { Arrivals } from "./arrivals.js";
import { readHttp1Head, readHttp2Head } from "./call-head.js";
import { connectStream, connectTunnel } from "./connect-call.js";
import type { Connection } from "./connection.js";
import { PlainRequests } from "./plain/plain-requests.js";
import type { ListenTls } from "./secure.js";
import { http1Server, http2Server } from "./servers.js";
import { endWithClient } from "./session-end.js";
import { headWithoutUpgrade, isWebSocketHandshake } from "./upgrade.js";

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
  /** From where calls that come here are seen. */
  vantage: Vantage;
  sniffMs: number;
  tls?: ListenTls;
  limits: Limits;
}

/** What a client may use of a port. */
export interface Limits {
  /** Of all fields of a request, or an answer, together. */
  maxHeaderBytes: number;
  /** Connections at one port; more are closed at once. */
  maxConnections: number;
  /** A connection without a call for so long is closed; 0: never. */
  idleMs: number;
}

/** One TCP port that takes HTTP/1.0, HTTP/1.1 and HTTP/2: by prior knowledge, and with TLS by ALPN. */
export class Port {
  readonly #parts: PortParts;
  /** Owns the port; its own way to take a connection is behind the arrivals. */
  readonly #http1: http.Server;
  readonly #http2: http2.Http2Server;
  readonly #takeHttp1: (socket: Socket) => void;
  readonly #arrivals: Arrivals;
  readonly #sessions = new Set<http2.Http2Session>();
  #arriving: Connection | undefined;
  #windingDown = false;
  #draining = false;

  constructor(parts: PortParts) {
    this.#parts = parts;
    const { capture, limits, mode } = parts;
    this.#http1 = http1Server(limits.maxHeaderBytes);
    const { takesWebSocketStreams, connectionWindowBytes } = mode;
    this.#http2 = http2Server({ ...limits, takesWebSocketStreams, connectionWindowBytes });
    this.#listenToHttp1(this.#http1);
    this.#listenToHttp2(this.#http2);
    const own = this.#http1.listeners("connection")[0] as (socket: Socket) => void;
    this.#takeHttp1 = (socket) => own.call(this.#http1, socket);
    const taken = (connection: Connection, protocol: "http1" | "http2") => this.#take(connection, protocol);
    this.#arrivals = new Arrivals({ ...parts, ...limits, newConnectionId: () => capture.newConnectionId(), taken });
    this.#arrivals.watch(this.#http1);
  }

  /** Gives the real address. */
  listen(address: string): Promise<string> {
    return listenAt(this.#http1, address, "calls");
  }

  get isDraining(): boolean {
    return this.#draining;
  }

  get openConnections(): number {
    return this.#arrivals.open;
  }

  /** Certificate and key for connections to come. Throws when OpenSSL refuses them. */
  renewTls(tls: ListenTls): void {
    this.#arrivals.renewTls(tls);
  }

  #listenToHttp1(server: http.Server): void {
    server.on("request", (request, response) => this.#answerHttp1(request, response, false));
    server.on("checkContinue", (request, response) => this.#answerHttp1(request, response, true));
    server.on("checkExpectation", (request, response) => this.#answerHttp1(request, response, false));
    server.on("upgrade", (request, socket, head) => this.#answerUpgrade(request, socket as Socket, head));
    server.on("connect", (request, socket, head) => this.#answerConnect(request, socket as Socket, head));
    server.on("clientError", (error, socket) => this.#refuseHttp1(error, socket as Socket));
  }

  #listenToHttp2(server: http2.Http2Server): void {
    server.on("session", (session) => this.#greet(session));
    server.on("sessionError", (error) => this.#refuseHttp2(error));
  }

  #take(connection: Connection, protocol: "http1" | "http2"): void {
    if (protocol === "http2") this.#takeHttp2(connection);
    else if (this.#parts.mode.plainAnswer === undefined) this.#takeHttp1(connection.socket);
    else connection.plain = this.#takePlain(connection, this.#parts.mode);
  }

  #takePlain(connection: Connection, mode: Pick<Mode, "plainAnswer">): PlainRequests {
    const { capture, clock, limits, vantage } = this.#parts;
    return new PlainRequests(connection.socket, {
      maxHeaderBytes: limits.maxHeaderBytes,
      used: () => {
        connection.usedMs = clock.now();
      },
      begin: (head) =>
        this.#told(capture.begin(readHttp1Head(head, connection, connection.usedMs), vantage), connection),
      ended: (recording) => mode.plainAnswer!(recording),
      aborted: (recording) => {
        recording.requestAborted();
        recording.endedUnanswered();
      },
      isLast: () => this.#windingDown,
      handOver: () => {
        connection.plain = undefined;
        this.#takeHttp1(connection.socket);
      },
      failed: (thrown, recording) => this.#couldNotAnswer(thrown, recording),
    });
  }

  /** A session hides its socket behind a proxy: which connection it is on is known only while it is made. */
  #takeHttp2(connection: Connection): void {
    this.#arriving = connection;
    this.#http2.emit("connection", connection.socket);
    this.#arriving = undefined;
    connection.mayRest = true;
  }

  #greet(session: http2.ServerHttp2Session): void {
    const connection = this.#arriving!;
    const answer: RawStreamListener = (stream, headers, _flags, raw) =>
      this.#answerHttp2(connection, stream, headers, raw);
    this.#sessions.add(session);
    session.on("stream", answer as StreamListener);
    session.on("close", () => this.#sessions.delete(session));
    endWithClient(session, connection.socket);
    session.on("error", () => {}); // said by "sessionError"
    if (this.#draining) session.close();
  }

  #answerHttp1(request: http.IncomingMessage, response: http.ServerResponse, awaitsContinue: boolean): void {
    const recording = this.#begin(request);
    if (recording === undefined) return;
    const connection = this.#arrivals.of(request.socket)!;
    const before = connection.lastResponse;
    connection.lastResponse = response;
    if (this.#windingDown) response.shouldKeepAlive = false;
    const guard = (step: () => void) => this.#guarded(recording, request.socket, step);
    const { headers: fields } = recording.head;
    const call = { recording, request, response, fields, awaitsContinue, guard };
    if (before === undefined || before.writableFinished) guard(() => this.#parts.mode.answerHttp1(call));
    else before.once("close", () => this.#answerInTurn(call));
  }

  /** A request sent ahead waits for the answer to the one before: the service may count on it (RFC 9112, section 9.3.2). */
  #answerInTurn(call: Http1Call): void {
    const { recording, response, guard } = call;
    if (!response.destroyed) {
      guard(() => this.#parts.mode.answerHttp1(call));
    } else {
      recording.requestAborted(); // the client has gone meanwhile
      recording.failed("aborted");
    }
  }

  #answerHttp2(
    connection: Connection,
    stream: http2.ServerHttp2Stream,
    headers: http2.IncomingHttpHeaders,
    raw: readonly string[],
  ): void {
    const { capture, clock, mode, vantage } = this.#parts;
    stream.on("error", () => {}); // "close" says how it ended
    const head = readHttp2Head(stream, raw, connection, clock.now());
    if (head.method === "CONNECT" && mode.openTunnel !== undefined) {
      mode.openTunnel(connectStream(head, stream));
      return;
    }
    const recording = this.#told(capture.begin(head, vantage), connection);
    this.#guarded(recording, stream, () => {
      if (recording.head.method === "CONNECT") return refuseConnectStream(recording, stream);
      const isWebSocket = headers[":protocol"] === "websocket";
      mode.answerHttp2({ recording, stream, headers, raw, isWebSocket });
    });
  }

  /** From Node 24.9 on, WebSocket handshakes alone come here (`mayUpgrade`); before it, all upgrades without their bodies. */
  #answerUpgrade(request: http.IncomingMessage, socket: Socket, head: Buffer): void {
    if (!isWebSocketHandshake(request)) {
      socket.unshift(Buffer.concat([headWithoutUpgrade(request), head]));
      this.#takeHttp1(socket);
      return;
    }
    const recording = this.#begin(request);
    if (recording === undefined) return;
    this.#arrivals.of(socket)!.mayRest = true;
    this.#guarded(recording, socket, () =>
      this.#parts.mode.answerUpgrade({ recording, fields: recording.head.headers, request, socket, head }),
    );
  }

  /** A tunnel where the mode opens any, else it is refused: neither a service nor a mirror target does. */
  #answerConnect(request: http.IncomingMessage, socket: Socket, head: Buffer): void {
    const connection = this.#arrivals.of(socket);
    const { openTunnel } = this.#parts.mode;
    if (connection === undefined) return;
    if (openTunnel !== undefined) {
      connection.mayRest = true;
      openTunnel(connectTunnel(request, socket, head));
      return;
    }
    const recording = this.#begin(request);
    recording?.requestEnded();
    recording?.failed("protocol");
    socket.end("HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  }

  #begin(request: http.IncomingMessage): Recording | undefined {
    const connection = this.#arrivals.of(request.socket);
    if (connection === undefined) return undefined; // closed between its bytes and their parsing
    const { capture, clock, vantage } = this.#parts;
    const startedMs = clock.now();
    connection.usedMs = startedMs;
    const head = readHttp1Head(request, connection, startedMs);
    if (!head.isMalformed) return this.#told(capture.begin(head, vantage), connection);
    this.#refuseHttp1(
      Object.assign(new Error("a malformed head"), { code: "HPE_INVALID_HEADER_TOKEN" }),
      request.socket,
    );
    return undefined;
  }

  #told(recording: Recording, { caller }: Connection): Recording {
    if (caller !== undefined) recording.beside = { caller };
    return recording;
  }

  /** One call that we cannot answer must not take the others with it. */
  #guarded(recording: Recording, connection: Duplex, answer: () => void): void {
    try {
      answer();
    } catch (thrown) {
      this.#couldNotAnswer(thrown, recording);
      connection.destroy();
    }
  }

  #couldNotAnswer(thrown: unknown, recording: Recording | undefined): void {
    this.#parts.log.error({ reason: reasonOf(thrown) }, "a call could not be answered");
    recording?.failed("protocol");
  }

  #refuseHttp1(error: Error & { code?: string }, socket: Socket): void {
    if (socket.destroyed) return; // refused already: the parser goes on to the end of what it was given
    const isUnparsable = error.code?.startsWith("HPE_") === true && error.code !== "HPE_INVALID_EOF_STATE";
    const lastResponse = this.#arrivals.of(socket)?.lastResponse;
    const isAnswering = lastResponse?.headersSent === true && !lastResponse.writableFinished;
    if (isUnparsable) this.#parts.counts.add("unparsable");
    if (isUnparsable && !isAnswering && socket.writable) socket.end(refusal(error.code!));
    socket.destroy();
  }

  #refuseHttp2(error: Error & { code?: string }): void {
    if (error.code === "ERR_HTTP2_ERROR") this.#parts.counts.add("unparsable");
  }

  /**
   * The end is near. Connections and calls are taken as before, so that nobody is refused who does not know yet; but who
   * calls over HTTP/1.1 is told with the answer to use another connection for the next call. HTTP/2 hears of it in
   * `drain`: Node has no notice of shutdown (a GOAWAY after which calls are taken still), only one after which those on
   * their way are thrown away.
   */
  windDown(): void {
    this.#windingDown = true;
    for (const { lastResponse } of this.#arrivals.all()) {
      if (lastResponse?.headersSent === false) lastResponse.shouldKeepAlive = false;
    }
  }

  /** Takes no new connections, and no new calls on those there are; resolves when they are closed or time is up. */
  async drain(withinMs: number, cutOff: () => void): Promise<void> {
    this.#windingDown = true;
    this.#draining = true;
    const closed = new Promise<void>((resolve) => this.#http1.close(() => resolve()));
    this.#arrivals.close();
    for (const connection of this.#arrivals.all()) closeAfterAnswer(connection);
    for (const session of this.#sessions) session.close();
    const timer = setTimeout(() => this.#closeAll(cutOff), withinMs);
    await closed;
    clearTimeout(timer);
  }

  #closeAll(cutOff: () => void): void {
    cutOff();
    this.#arrivals.destroyAll();
  }
}

/** A client that keeps its connection is told with the answer in flight that there is no next; idle ones are closed already. */
function closeAfterAnswer({ lastResponse, plain, socket }: Connection): void {
  if (plain?.isIdle) socket.end();
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
