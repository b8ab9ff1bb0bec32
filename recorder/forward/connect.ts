import net from "node:net";
import tls from "node:tls";
import type { UpstreamAddress } from "./upstream-address.js";

/** A service that is there accepts within this; one that drops packets is told from it by this alone. */
const connectMs = 10_000;

export interface ConnectOptions {
  /** Offered by ALPN. */
  protocols?: readonly string[];
  /** Going on writing after the service has ended its side. */
  allowHalfOpen?: boolean;
}

/**
 * Opens a connection to a service, with TLS where its URL says `https`. Calls back once: with a socket that is ready, or
 * with what went wrong.
 *
 * @returns the socket, while it is still on its way
 */
export function connectTo(
  address: UpstreamAddress,
  { protocols = [], allowHalfOpen = false }: ConnectOptions,
  opened: (error: Error | null, socket: net.Socket | null) => void,
): net.Socket {
  const { hostname: host, port, tls: secure } = address;
  const socket =
    secure === undefined
      ? net.connect({ host, port, allowHalfOpen, noDelay: true })
      : tls.connect({ ...secure, host, port, ALPNProtocols: [...protocols] }).setNoDelay(true);
  const timer = setTimeout(() => socket.destroy(timedOut(address)), connectMs);
  const over = (error: Error | null) => {
    clearTimeout(timer);
    socket.off("error", over).off(ready, done).off("close", closed);
    if (error === null) return opened(null, socket);
    socket.on("error", () => {}); // said once
    opened(error, null);
  };
  const ready = secure === undefined ? "connect" : "secureConnect";
  const done = () => {
    if (address.leadsBack?.(socket) !== true) return over(null);
    // Not at once: Node's HTTP/2 takes the socket over in this same event, and aborts the process at one that is destroyed.
    process.nextTick(() => socket.destroy(loop(address)));
  };
  const closed = () => over(Object.assign(new Error("closed before it was ready"), { code: "ECONNRESET" }));
  socket.on("error", over).on(ready, done).on("close", closed);
  return socket;
}

function timedOut({ hostname, port }: UpstreamAddress): Error {
  return Object.assign(new Error(`${hostname}:${port} did not accept in ${connectMs} ms`), { code: "ETIMEDOUT" });
}

/** What is said of a connection that leads back to the recorder itself. */
export function loop({ hostname, port }: UpstreamAddress): Error {
  return Object.assign(new Error(`${hostname}:${port} is this recorder itself`), { code: "ELOOP" });
}
