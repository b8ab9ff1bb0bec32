import type { Duplex } from "node:stream";

/** One end of a tunnel. */
export interface TunnelEnd {
  stream: Duplex;
  /** What came from it already. */
  first: Uint8Array;
  /** Reads along what comes from it. */
  read: (bytes: Uint8Array) => void;
}

// Who has ended may read on for as long as there is something to read; a peer that is gone looks alike over TCP.
const mostSilentMs = 30_000;

/**
 * Passes bytes on between the two ends of a tunnel, each at the pace of the other. When one end has ended and nothing is
 * passed to it for `silentMs`, both are closed: an end that is gone holds the other one for so long at most.
 */
export function passBothWays(one: TunnelEnd, other: TunnelEnd, silentMs = mostSilentMs): void {
  let silence: NodeJS.Timeout | undefined;
  const closeBoth = () => {
    one.stream.destroy();
    other.stream.destroy();
  };
  const watch = {
    ended: () => {
      silence ??= setTimeout(closeBoth, silentMs);
    },
    passed: () => void silence?.refresh(),
    closed: () => {
      if (one.stream.destroyed && other.stream.destroyed) clearTimeout(silence);
    },
  };
  pass(one, other.stream, watch);
  pass(other, one.stream, watch);
}

interface Watch {
  ended: () => void;
  passed: () => void;
  closed: () => void;
}

function pass({ stream: from, first, read }: TunnelEnd, to: Duplex, watch: Watch): void {
  const passOn = (bytes: Uint8Array) => {
    read(bytes);
    if (!to.writable) return;
    watch.passed();
    if (!to.write(bytes)) from.pause();
  };
  if (first.length > 0) passOn(first);
  from.on("data", passOn);
  to.on("drain", () => from.resume());
  to.on("close", () => from.resume()); // it is read on, to see it end
  from.on("end", () => {
    to.end();
    watch.ended();
  });
  from.on("close", () => {
    if (!from.readableEnded) to.destroy();
    watch.closed();
  });
}
