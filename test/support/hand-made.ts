import net from "node:net";
import type { TestContext } from "node:test";
import { listenOnLoopback } from "./loopback.js";

/** A service of which every byte is written by hand. Gives its port. */
export async function startHandMade(t: TestContext, serve: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    serve(socket);
  });
  return await listenOnLoopback(t, server);
}

/** Calls back with each request of a connection as text (latin1): a head, and as much body as its content-length says. */
export function eachRequest(socket: net.Socket, answer: (request: string) => void): void {
  let text = "";
  socket.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1");
    for (let end = endOfRequest(text); end !== undefined; end = endOfRequest(text)) {
      const request = text.slice(0, end);
      text = text.slice(end);
      answer(request);
    }
  });
}

/** Where a request that ends by length, or by its last chunk, ends; undefined while it is not whole. */
function endOfRequest(text: string): number | undefined {
  const head = text.indexOf("\r\n\r\n");
  if (head === -1) return undefined;
  if (/\r\ntransfer-encoding:/i.test(text.slice(0, head))) {
    const last = /\r\n0\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(text.slice(head + 2));
    return last === null ? undefined : head + 2 + last.index + last[0].length;
  }
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
  return text.length < head + 4 + length ? undefined : head + 4 + length;
}
