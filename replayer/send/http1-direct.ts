import type { Clock } from "../../base/index.js";
import type { AnswerCollector } from "./answer-collector.js";
import { Connection, type ConnectionEvents, type WrittenRequest } from "./connection.js";
import { idleMs, keepAliveMarginMs } from "./idle-connections.js";
import { afterLastChunk, plainHead } from "./plain-request.js";
import { isChunked, type WireRequest } from "./wire-request.js";

/** Sends plain requests without a client library between; all others are not its business. */
export interface DirectTransport {
  /** As `Transport.send`; undefined, and nothing is sent, for a request that is not plain. */
  send(request: WireRequest, collector: AnswerCollector): (() => void) | undefined;
  close(): Promise<void>;
}

/**
 * HTTP/1.1 over sockets of our own, for what most Steps are: a plain request to an http target. The general client
 * takes about twice the time of the socket itself for a small call, which is the difference between a replay that keeps
 * up with a load generator and one that does not. Undefined for https, which is left to it.
 */
export function openHttp1Direct(
  origin: string,
  options: { connections: number | null; clock: Pick<Clock, "now">; onTrouble: (thrown: unknown) => void },
): DirectTransport | undefined {
  const { protocol, hostname, port } = new URL(origin);
  if (protocol !== "http:") return undefined;
  return new Http1Direct({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) }, options);
}

const reapMs = 250;

class Http1Direct implements DirectTransport {
  readonly #address: { host: string; port: number };
  readonly #clock: Pick<Clock, "now">;
  readonly #most: number;
  readonly #events: ConnectionEvents;
  readonly #all = new Set<Connection>();
  /** The one used last is used next, so that those not needed grow old. */
  #idle: Connection[] = [];
  readonly #waiting = new Set<WrittenRequest>();
  #reaper: NodeJS.Timeout | undefined;

  constructor(
    address: { host: string; port: number },
    options: { connections: number | null; clock: Pick<Clock, "now">; onTrouble: (thrown: unknown) => void },
  ) {
    this.#address = address;
    this.#clock = options.clock;
    this.#most = options.connections ?? Number.POSITIVE_INFINITY;
    this.#events = {
      free: (connection) => this.#free(connection),
      gone: (connection) => this.#gone(connection),
      onTrouble: options.onTrouble,
    };
  }

  send(wire: WireRequest, collector: AnswerCollector): (() => void) | undefined {
    const head = plainHead(wire);
    if (head === undefined) return undefined;
    const { body, method } = wire;
    const request: WrittenRequest = {
      head,
      body,
      afterBody: isChunked(wire) ? afterLastChunk : "",
      toHead: method === "HEAD",
      collector,
    };
    const connection = this.#freshConnection();
    if (connection === undefined) {
      this.#waiting.add(request);
      return () => this.#giveUp(request);
    }
    connection.send(request);
    return () => {
      if (connection.carries(request)) connection.destroy();
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#reaper);
    this.#waiting.clear();
    for (const connection of this.#all) connection.destroy();
  }

  /** Undefined when as many as may be are busy. */
  #freshConnection(): Connection | undefined {
    const nowMs = this.#clock.now();
    for (let next = this.#idle.pop(); next !== undefined; next = this.#idle.pop()) {
      if (!isStale(next, nowMs)) return next;
      next.destroy();
    }
    return this.#all.size < this.#most ? this.#connect() : undefined;
  }

  #connect(): Connection {
    const connection = new Connection(this.#address, { clock: this.#clock, events: this.#events });
    this.#all.add(connection);
    this.#reaper ??= setInterval(() => this.#reap(), reapMs).unref();
    return connection;
  }

  #free(connection: Connection): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#idle.push(connection);
      return;
    }
    this.#waiting.delete(next);
    connection.send(next);
  }

  #gone(connection: Connection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    this.#connect().send(next);
  }

  #giveUp(request: WrittenRequest): void {
    if (this.#waiting.delete(request)) return;
    for (const connection of this.#all) if (connection.carries(request)) connection.destroy();
  }

  #reap(): void {
    const nowMs = this.#clock.now();
    const stale = this.#idle.filter((connection) => isStale(connection, nowMs));
    for (const connection of stale) connection.destroy();
  }
}

function isStale(connection: Connection, nowMs: number): boolean {
  return nowMs - connection.idleSinceMs >= Math.min(idleMs, connection.keptMs - keepAliveMarginMs);
}
