import type { Socket } from "node:net";

/** What an HTTP/2 client with prior knowledge sends first (RFC 9113, section 3.4). */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export type Sniffed =
  | { kind: "http1" }
  | { kind: "http2" }
  /** Closed, failed or silent for too long before it could be told; some of a preface may have come. */
  | { kind: "neither"; sawBytes: boolean };

/**
 * Tells by the first bytes what a connection speaks, also when they come one by one, and puts them back for who reads
 * next. All that is not the beginning of the preface is left to the HTTP/1 parser to judge.
 */
export function sniff(socket: Socket, withinMs: number, decided: (what: Sniffed) => void): void {
  let seen = 0;
  const timer = setTimeout(() => decide({ kind: "neither", sawBytes: seen > 0 }), withinMs);
  const stop = () => decide({ kind: "neither", sawBytes: seen > 0 });
  const look = () => {
    for (let bytes = socket.read() as Buffer | null; bytes !== null; bytes = socket.read() as Buffer | null) {
      held = seen === 0 ? bytes : Buffer.concat([held, bytes]);
      seen = held.length;
      const common = Math.min(seen, preface.length);
      if (preface.compare(held, 0, common, 0, common) !== 0) return decide({ kind: "http1" });
      if (seen >= preface.length) return decide({ kind: "http2" });
    }
  };
  let held: Buffer = Buffer.alloc(0);
  const decide = (what: Sniffed) => {
    clearTimeout(timer);
    socket.off("readable", look).off("end", stop).off("error", stop).off("close", stop);
    if (what.kind !== "neither") socket.unshift(held);
    decided(what);
  };
  socket.on("readable", look).on("end", stop).on("error", stop).on("close", stop);
}
