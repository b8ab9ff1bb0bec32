import type { Duplex } from "node:stream";

/** What an HTTP/2 client with prior knowledge sends first (RFC 9113, section 3.4). */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** First byte of a TLS record that holds a handshake (RFC 8446, section 5.1). */
const handshake = 22;

/** Closed, failed or silent for too long before it could be told; some bytes may have come. */
export type Neither = { kind: "neither"; sawBytes: boolean };
export type Sniffed = { kind: "http1" } | { kind: "http2" } | Neither;

/**
 * Tells by the first bytes what a connection speaks, also when they come one by one, and puts them back for who reads
 * next. All that is not the beginning of the preface is left to the HTTP/1 parser to judge.
 */
export function sniff(socket: Duplex, withinMs: number, decided: (what: Sniffed) => void): void {
  sniffWith(socket, withinMs, protocolOf, decided);
}

/** Tells the same way whether a client speaks TLS. */
export function sniffTls(
  socket: Duplex,
  withinMs: number,
  decided: (what: { kind: "tls" } | { kind: "plain" } | Neither) => void,
): void {
  sniffWith(socket, withinMs, securityOf, decided);
}

function securityOf(bytes: Buffer): { kind: "tls" } | { kind: "plain" } {
  return { kind: bytes[0] === handshake ? "tls" : "plain" };
}

function protocolOf(bytes: Buffer): { kind: "http1" } | { kind: "http2" } | undefined {
  const common = Math.min(bytes.length, preface.length);
  if (preface.compare(bytes, 0, common, 0, common) !== 0) return { kind: "http1" };
  return common === preface.length ? { kind: "http2" } : undefined;
}

/** @param look undefined as long as more bytes are needed */
function sniffWith<T>(
  socket: Duplex,
  withinMs: number,
  look: (bytes: Buffer) => T | undefined,
  decided: (what: T | Neither) => void,
): void {
  let held: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => decide({ kind: "neither", sawBytes: held.length > 0 }), withinMs);
  const stop = () => decide({ kind: "neither", sawBytes: held.length > 0 });
  const read = () => {
    for (let bytes = socket.read() as Buffer | null; bytes !== null; bytes = socket.read() as Buffer | null) {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const found = look(held);
      if (found !== undefined) return decide(found, true);
    }
  };
  const decide = (what: T | Neither, isKnown = false) => {
    clearTimeout(timer);
    socket.off("readable", read).off("end", stop).off("error", stop).off("close", stop);
    if (isKnown) socket.unshift(held);
    decided(what);
  };
  socket.on("readable", read).on("end", stop).on("error", stop).on("close", stop);
}
