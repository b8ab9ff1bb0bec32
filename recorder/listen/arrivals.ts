import type { Server, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Clock } from "../../base/index.js";
import type { Counts } from "../capture/counts.js";
import { certificateName } from "./certificate-name.js";
import type { Connection } from "./connection.js";
import { type ListenTls, SecureServer } from "./secure.js";
import { type Neither, type Sniffed, sniff, sniffTls } from "./sniff.js";

export interface ArrivalParts {
  clock: Clock;
  counts: Counts;
  newConnectionId: () => string;
  /** A connection that has not shown its protocol by then is closed. */
  sniffMs: number;
  /** TLS alone is taken where it is given, plain connections alone where it is not. */
  tls?: ListenTls;
  maxConnections: number;
  /** A connection without a call for so long is closed; 0: never. */
  idleMs: number;
  /** A connection speaks HTTP. */
  taken: (connection: Connection, protocol: "http1" | "http2") => void;
}

const plainRefusal = "this port takes TLS alone\n";

/** Connections from the moment they are accepted until it is known what they speak, and how long they may be idle. */
export class Arrivals {
  readonly #parts: ArrivalParts;
  /** As they are accepted: outside TLS, where there is some. */
  readonly #sockets = new Set<Socket>();
  readonly #connections = new Map<Socket, Connection>();
  readonly #secure: SecureServer | undefined;
  readonly #sweep: NodeJS.Timeout | undefined;

  constructor(parts: ArrivalParts) {
    this.#parts = parts;
    const { idleMs, sniffMs, tls } = parts;
    const taken = (socket: TLSSocket) => this.#takeSecure(socket);
    if (tls !== undefined) this.#secure = new SecureServer(tls, sniffMs, { taken, failed: () => this.#refused() });
    if (idleMs > 0) this.#sweep = setInterval(() => this.#closeIdle(), Math.max(idleMs / 4, 10)).unref();
  }

  /** Takes what a server accepts. */
  watch(server: Server): void {
    server.maxConnections = this.#parts.maxConnections;
    server.on("drop", () => this.#refused());
    server.removeAllListeners("connection").on("connection", (socket: Socket) => this.#accept(socket));
  }

  get open(): number {
    return this.#sockets.size;
  }

  /** Undefined once it is closed. */
  of(socket: Socket): Connection | undefined {
    return this.#connections.get(socket);
  }

  all(): Iterable<Connection> {
    return this.#connections.values();
  }

  renewTls(tls: ListenTls): void {
    this.#secure?.renew(tls);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {}); // a peer that resets is no news
    if (this.#secure === undefined) this.#sniff({ socket, scheme: "http" });
    else sniffTls(socket, this.#parts.sniffMs, (what) => this.#secureOrRefuse(socket, what));
  }

  #secureOrRefuse(socket: Socket, what: { kind: "tls" } | { kind: "plain" } | Neither): void {
    if (what.kind === "tls") {
      this.#secure!.take(socket);
      return;
    }
    if (what.kind === "plain") {
      this.#refused();
      const head = `HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain\r\n`;
      socket.write(`${head}content-length: ${plainRefusal.length}\r\n\r\n${plainRefusal}`);
    }
    socket.destroySoon();
  }

  #takeSecure(socket: TLSSocket): void {
    socket.on("error", () => {});
    const caller = this.#parts.tls?.clientCa === undefined ? undefined : certificateName(socket.getPeerCertificate());
    const seen = { socket, scheme: "https" as const };
    const secure = caller === undefined ? seen : { ...seen, caller };
    if (!socket.alpnProtocol) this.#sniff(secure);
    else this.#take(this.#newConnection(secure), { kind: socket.alpnProtocol === "h2" ? "http2" : "http1" });
  }

  #sniff(seen: Pick<Connection, "socket" | "scheme" | "caller">): void {
    const connection = this.#newConnection(seen);
    if (connection !== undefined) sniff(seen.socket, this.#parts.sniffMs, (what) => this.#take(connection, what));
  }

  #newConnection(seen: Pick<Connection, "socket" | "scheme" | "caller">): Connection | undefined {
    const { newConnectionId, clock } = this.#parts;
    const { socket } = seen;
    const client = socket.remoteAddress;
    if (client === undefined) return void socket.destroy(); // gone already
    const state = { isSniffed: false, usedMs: clock.now(), mayRest: false };
    const connection: Connection = { id: newConnectionId(), client, ...seen, ...state };
    this.#connections.set(socket, connection);
    socket.on("close", () => this.#connections.delete(socket));
    return connection;
  }

  #take(connection: Connection | undefined, what: Sniffed): void {
    if (connection === undefined) return;
    connection.isSniffed = true;
    if (what.kind !== "neither") {
      this.#parts.taken(connection, what.kind);
      return;
    }
    if (what.sawBytes) this.#parts.counts.add("unparsable");
    connection.socket.destroy();
  }

  /** Turned away before HTTP was spoken. */
  #refused(): void {
    this.#parts.counts.add("refused");
  }

  #closeIdle(): void {
    const before = this.#parts.clock.now() - this.#parts.idleMs;
    for (const connection of this.#connections.values()) {
      const { isSniffed, mayRest, lastResponse, plain } = connection;
      if (!isSniffed || mayRest) continue;
      if (lastResponse?.writableFinished === false || plain?.isIdle === false)
        connection.usedMs = this.#parts.clock.now();
      else if (connection.usedMs < before) connection.socket.destroySoon();
    }
  }

  /** Of what is still open. */
  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** No more will come, and those that have not said what they speak will not be heard. */
  close(): void {
    clearInterval(this.#sweep);
    const speaking = new Set<string>();
    for (const { socket, isSniffed } of this.#connections.values()) if (isSniffed) speaking.add(peerOf(socket));
    for (const socket of this.#sockets) if (!speaking.has(peerOf(socket))) socket.destroy();
  }
}

/** The same for a TLS connection and the one below it. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
