import http from "node:http";
import http2 from "node:http2";

/** Envoy lets 60 KiB of header fields through by default; this is beyond what it lets through by configuration, too. */
const maxHeaderBytes = 256 * 1024;
const streamWindowBytes = 2 ** 20;
/** The default of 64 KiB lets one stream that is read slowly hold up all others. */
const connectionWindowBytes = 16 * 2 ** 20;

/** Long uploads and idle connections are the peers' business. Copies with two Hosts or none are still copies. */
export function http1Server(): http.Server {
  const server = http.createServer({
    requestTimeout: 0,
    keepAliveTimeout: 0,
    headersTimeout: 60_000,
    maxHeaderSize: maxHeaderBytes,
    requireHostHeader: false,
    noDelay: true,
  });
  server.maxHeadersCount = 0;
  return server;
}

/** Windows wide enough that reading is never what an upload waits for. */
/** @param takesWebSocketStreams offers extended CONNECT (RFC 8441) */
export function http2Server(takesWebSocketStreams: boolean): http2.Http2Server {
  const settings = {
    enableConnectProtocol: takesWebSocketStreams,
    initialWindowSize: streamWindowBytes,
    maxConcurrentStreams: 1000,
    maxHeaderListSize: maxHeaderBytes,
  };
  // Node's memory bound for a session is 10 MB, less than the windows it may promise here.
  const server = http2.createServer({ settings, maxSessionMemory: 1024, maxHeaderListPairs: 4096 });
  server.on("session", (session) => session.setLocalWindowSize(connectionWindowBytes));
  return server;
}
