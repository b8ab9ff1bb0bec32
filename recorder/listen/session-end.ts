import type { ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";

/** How long answers may take that are on their way to a client which has closed its half of the connection. */
const halfClosedMs = 2_000;

/** A client that says nothing for so long is asked whether it is still there. */
const silentMs = 30_000;

/**
 * Sees to it that a session ends when its client is gone. Node leaves two kinds open for ever: those whose client closed
 * its half (sockets of an HTTP/1.1 server may stay half open), and those that nghttp2 has given up, after header fields
 * it could not decompress say, of which nobody hears, not even that the client hung up. So a client that is silent for
 * `probeMs` gets a PING (RFC 9113, section 6.7), and one that does not answer it as long is let go.
 */
export function endWithClient(session: ServerHttp2Session, socket: Socket, probeMs = silentMs): void {
  let heardBytes = -1;
  const look = setInterval(() => {
    if (socket.bytesRead === heardBytes) probe(session, probeMs);
    heardBytes = socket.bytesRead;
  }, probeMs).unref();
  session.once("close", () => {
    clearInterval(look);
    socket.destroySoon();
  });
  socket.once("end", () => endSoon(session));
}

function endSoon(session: ServerHttp2Session): void {
  session.close();
  setTimeout(() => session.destroy(), halfClosedMs).unref();
}

function probe(session: ServerHttp2Session, withinMs: number): void {
  if (session.destroyed) return;
  const silent = setTimeout(() => session.destroy(), withinMs).unref();
  session.ping(() => clearTimeout(silent));
}
