import http from "node:http";
import http2 from "node:http2";
import { mayUpgrade } from "./upgrade.js";

const streamWindowBytes = 2 ** 20;
/** The default of 64 KiB lets one stream that is read slowly hold up all others. */
const usualWindowBytes = 16 * 2 ** 20;

/** Long uploads and idle connections are the peers' business. Copies with two Hosts or none are still copies. */
export function http1Server(maxHeaderBytes: number): http.Server {
  const options = {
    requestTimeout: 0,
    keepAliveTimeout: 0,
    headersTimeout: 60_000,
    maxHeaderSize: maxHeaderBytes,
    requireHostHeader: false,
    noDelay: true,
    shouldUpgradeCallback: mayUpgrade, // Node 20 does not know it
  };
  const server = http.createServer(options);
  server.maxHeadersCount = 0;
  return server;
}

/** What an HTTP/2 server may be asked for. */
export interface Http2ServerOptions {
  maxHeaderBytes: number;
  /** Offers extended CONNECT (RFC 8441). */
  takesWebSocketStreams: boolean;
  /** Of all streams of a connection together. */
  connectionWindowBytes?: number | undefined;
  /** A connection without any frame for so long is closed when its streams are; 0: never. */
  idleMs: number;
}

/** Windows wide enough that reading is never what an upload waits for. */
export function http2Server(options: Http2ServerOptions): http2.Http2Server {
  const { maxHeaderBytes, takesWebSocketStreams, connectionWindowBytes = usualWindowBytes, idleMs } = options;
  const settings = {
    enableConnectProtocol: takesWebSocketStreams,
    initialWindowSize: streamWindowBytes,
    maxConcurrentStreams: 1000,
    maxHeaderListSize: maxHeaderBytes,
  };
  // Node's memory bound for a session is 10 MB, less than the windows it may promise here.
  const server = http2.createServer({ settings, maxSessionMemory: 1024, maxHeaderListPairs: 4096 });
  server.on("session", (session) => {
    session.setLocalWindowSize(connectionWindowBytes);
    if (idleMs > 0) session.setTimeout(idleMs, () => session.close());
  });
  return server;
}
