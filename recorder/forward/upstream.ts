import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import type net from "node:net";
import { connectTo, loop } from "./connect.js";
import { KeptConnections } from "./kept-connections.js";
import { KeptSession } from "./kept-session.js";
import type { UpstreamAddress } from "./upstream-address.js";

const streamWindowBytes = 2 ** 20;
const connectionWindowBytes = 16 * 2 ** 20;
/** Kept idle in node:http's pool, and for how long: see {@link KeptConnections}. */
const mostIdle = 64;
const mostIdleMs = 1000;

/** Fields in flat form: name, value, name, value … */
interface RequestHead {
  method: string;
  path: string;
  headers: readonly string[];
}

/**
 * The connections to the service behind the recorder. No time limits of ours but one on connecting: who called knows how
 * long to wait, and goes away when that is over.
 */
export class Upstream {
  readonly address: UpstreamAddress;
  /** HTTP/1.1, for requests that are here whole. */
  readonly connections: KeptConnections;
  /** HTTP/1.1, for all others. */
  readonly agent: http.Agent;
  readonly #maxHeaderBytes: number;
  /** One session to the service for each session of a client: as many streams at once as without us. */
  readonly #sessions = new Map<http2.Http2Session, KeptSession>();
  readonly #tunnels = new Set<net.Socket>();

  constructor(address: UpstreamAddress, maxHeaderBytes: number) {
    this.address = address;
    this.#maxHeaderBytes = maxHeaderBytes;
    this.connections = new KeptConnections({
      origin: address.url.origin,
      connect: (opened) => connectTo(address, { protocols: ["http/1.1"] }, opened),
      maxHeaderBytes,
    });
    this.agent = agentFor(address, true);
  }

  /** A request by node:http. */
  request(head: RequestHead): http.ClientRequest {
    return this.#requestBy(this.agent, head);
  }

  /** A request by node:http that may become a tunnel, on a connection of its own. */
  upgrade(head: RequestHead): http.ClientRequest {
    const request = this.#requestBy(agentFor(this.address, false), head);
    request.once("upgrade", (_answer, tunnel) => {
      this.#tunnels.add(tunnel);
      tunnel.once("close", () => this.#tunnels.delete(tunnel));
    });
    return request;
  }

  #requestBy(agent: http.Agent, head: RequestHead): http.ClientRequest {
    const { hostname, port, tls } = this.address;
    const headers = head.headers as unknown as http.OutgoingHttpHeaders; // a flat list keeps order and repeats
    const { method, path } = head;
    const options = { method, path, headers, agent, hostname, port, maxHeaderSize: this.#maxHeaderBytes };
    const request = tls === undefined ? http.request(options) : https.request(options);
    request.setNoDelay(true);
    if (this.address.leadsBack !== undefined) request.once("socket", (socket) => this.#refuseLoop(socket));
    return request;
  }

  #refuseLoop(socket: net.Socket): void {
    socket.once("connect", () => {
      if (this.address.leadsBack?.(socket) === true) socket.destroy(loop(this.address));
    });
  }

  /** The HTTP/2 session that carries a client's streams. */
  sessionFor(client: http2.Http2Session): KeptSession {
    const open = this.#sessions.get(client);
    if (open?.isOpen) return open;
    const kept = this.#newSession();
    const { session } = kept;
    this.#sessions.set(client, kept);
    session.once("close", () => {
      if (this.#sessions.get(client) === kept) this.#sessions.delete(client);
    });
    client.once("close", () => session.close());
    return kept;
  }

  #newSession(): KeptSession {
    const socket = connectTo(this.address, { protocols: ["h2"] }, () => {});
    const session = http2.connect(this.address.url.origin, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: streamWindowBytes, maxHeaderListSize: this.#maxHeaderBytes },
      maxSessionMemory: 1024,
    });
    session.on("error", () => {}); // its streams say so, each for itself
    session.once("connect", () => session.setLocalWindowSize(connectionWindowBytes));
    return new KeptSession(session, socket);
  }

  /** No connection is open: it can be closed without hurting a call. */
  get isUnused(): boolean {
    const { sockets, freeSockets } = this.agent;
    const own = this.connections.open + this.#sessions.size + this.#tunnels.size;
    return own === 0 && isEmpty(sockets) && isEmpty(freeSockets);
  }

  close(): void {
    this.agent.destroy();
    for (const { session } of this.#sessions.values()) session.destroy();
    for (const tunnel of this.#tunnels) tunnel.destroy();
    this.connections.close();
  }
}

function isEmpty(sockets: object): boolean {
  return Object.keys(sockets).length === 0;
}

function agentFor({ tls }: UpstreamAddress, keepAlive: boolean): http.Agent {
  const options = { keepAlive, maxFreeSockets: mostIdle, ...(keepAlive && { timeout: mostIdleMs }) };
  return tls === undefined
    ? new http.Agent(options)
    : new https.Agent({ ...options, ...tls, ALPNProtocols: ["http/1.1"] });
}
