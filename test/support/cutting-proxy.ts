import net from "node:net";
import type { TestContext } from "node:test";
import { listenOnLoopback } from "./loopback.js";

/** What becomes of the answers that pass: `left` bytes of each connection reach the client, then it breaks off or stands still. */
export interface Cut {
  leftBytes: number;
  ending: "break-off" | "stand-still";
}

/** A TCP proxy to a port of 127.0.0.1. `cut` may be changed while it runs. Gives its port. */
export async function startCuttingProxy(t: TestContext, port: number, cut: Cut): Promise<number> {
  const server = net.createServer((client) => {
    const upstream = net.connect(port, "127.0.0.1");
    let left = cut.leftBytes;
    client.pipe(upstream);
    for (const socket of [client, upstream]) {
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    upstream.on("data", (piece) => {
      if (left <= 0) return; // read on, so that the other end's death is seen
      client.write(piece.subarray(0, left));
      left -= piece.length;
      if (left <= 0 && cut.ending === "break-off") client.end(() => client.destroy());
    });
  });
  return await listenOnLoopback(t, server);
}
