import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { OperatorError, reasonOf } from "../../base/index.js";

/** Takes one request of either protocol. */
export type TakeRequest = (
  request: http.IncomingMessage | http2.Http2ServerRequest,
  response: http.ServerResponse | http2.Http2ServerResponse,
) => void;

/** A port that speaks HTTP/1.1 and HTTP/2 with prior knowledge (h2c), told apart by the first bytes. */
export interface Door {
  /** `HOST:PORT`, as it is. */
  address: string;
  close(): Promise<void>;
}

/** What an HTTP/2 client with prior knowledge sends first (RFC 9113, section 3.4). */
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Rejects with an OperatorError for an address that cannot be listened at. */
export async function openDoor(host: string, port: number, take: TakeRequest): Promise<Door> {
  const h1 = http.createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, take);
  // What asks for more than HTTP (a tunnel, a WebSocket) gets an answer of ours all the same.
  h1.on("connect", (request, socket) => refuseTunnel(socket as net.Socket, request.url ?? ""));
  const h2 = http2.createServer({ maxSessionMemory: 1000 }, take);
  h2.on("session", (session) => session.on("error", () => {}));
  const sockets = new Set<net.Socket>();
  const door = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => {}));
    tellProtocol(socket, (isHttp2) => (isHttp2 ? h2 : h1).emit("connection", socket));
  });
  await listening(door, host, port);
  return {
    address: addressOf(door),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => door.close(resolve));
    },
  };
}

function refuseTunnel(socket: net.Socket, to: string): void {
  const text = `tapeloop stub: no tunnel to ${to.replace(/[^\x21-\x7e]/g, "?")}: only plain HTTP is answered from the tape\n`;
  socket.end(
    `HTTP/1.1 502 Bad Gateway\r\nx-tapeloop-stub: missed\r\nconnection: close\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
  );
}

/** Reads until the bytes differ from the preface, or are all of it, and puts them back. */
function tellProtocol(socket: net.Socket, told: (isHttp2: boolean) => void): void {
  let held = Buffer.alloc(0);
  const read = () => {
    for (let piece = socket.read() as Buffer | null; piece !== null; piece = socket.read() as Buffer | null) {
      held = Buffer.concat([held, piece]);
    }
    const length = Math.min(held.length, preface.length);
    const mayBeHttp2 = held.subarray(0, length).equals(preface.subarray(0, length));
    if (held.length === 0 || (mayBeHttp2 && length < preface.length)) return;
    socket.off("readable", read);
    socket.unshift(held);
    told(mayBeHttp2);
  };
  socket.on("readable", read);
}

async function listening(door: net.Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    door.once("error", (error: Error & { code?: string }) => {
      const said =
        error.code === "EADDRINUSE" ? "the port is in use; choose another with --stub-listen" : reasonOf(error);
      reject(new OperatorError(`cannot listen for the stub at ${host}:${port}: ${said}`, { cause: error }));
    });
    door.listen({ host, port }, resolve);
  });
}

function addressOf(door: net.Server): string {
  const { family, address, port } = door.address() as net.AddressInfo;
  return family === "IPv6" ? `[${address}]:${port}` : `${address}:${port}`;
}
