import http from "node:http";
import http2 from "node:http2";
import { Pool } from "undici";

const maxHeaderBytes = 256 * 1024;
const streamWindowBytes = 2 ** 20;
const connectionWindowBytes = 16 * 2 ** 20;

/**
 * The connections to the service behind the recorder. No time limits of ours: who called knows how long to wait, and
 * goes away when that is over.
 */
export class Upstream {
  readonly url: URL;
  readonly hostname: string;
  /** HTTP/1.1, for requests that are here whole. */
  readonly pool: Pool;
  /** HTTP/1.1, for all others. */
  readonly agent: http.Agent;
  /** One session to the service for each session of a client: as many streams at once as without us. */
  readonly #sessions = new Map<http2.Http2Session, http2.ClientHttp2Session>();

  constructor(url: URL) {
    this.url = url;
    this.hostname = url.hostname.replace(/^\[|\]$/g, "");
    this.pool = new Pool(url.origin, {
      connections: null,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: maxHeaderBytes,
    });
    this.agent = new http.Agent({ keepAlive: true, maxFreeSockets: 64 });
  }

  /** The HTTP/2 session that carries a client's streams. */
  sessionFor(client: http2.Http2Session): http2.ClientHttp2Session {
    const open = this.#sessions.get(client);
    if (open !== undefined && !open.closed && !open.destroyed) return open;
    const session = http2.connect(this.url.origin, {
      settings: { enablePush: false, initialWindowSize: streamWindowBytes, maxHeaderListSize: maxHeaderBytes },
      maxSessionMemory: 1024,
    });
    session.on("error", () => {}); // its streams say so, each for itself
    session.once("connect", () => session.setLocalWindowSize(connectionWindowBytes));
    this.#sessions.set(client, session);
    session.once("close", () => {
      if (this.#sessions.get(client) === session) this.#sessions.delete(client);
    });
    client.once("close", () => session.close());
    return session;
  }

  async close(): Promise<void> {
    this.agent.destroy();
    for (const session of this.#sessions.values()) session.destroy();
    await this.pool.destroy();
  }
}
