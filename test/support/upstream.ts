import { createHash } from "node:crypto";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { type WebSocket, WebSocketServer } from "ws";
import { grpcFrame, grpcMessage } from "./grpc.js";

/**
 * A service whose answers depend on the request alone, so that a replay must be answered alike. One port, HTTP/1.1 and
 * h2c told apart by the preface.
 *
 * | path | answer |
 * |---|---|
 * | `/echo…` | JSON: method, path, length and hash of the body, content-type, repeated x-dup, trailers |
 * | `/login` | 204 and a session cookie |
 * | `/chunks` | three chunks and a trailer |
 * | `/big` | 10 MB |
 * | `/gzip` | JSON, gzipped |
 * | `/status/204` | that status, no body |
 * | `/slow?ms=20` | 200 after so many milliseconds |
 * | `/ws` | WebSocket; every message comes back with `echo:` before it |
 * | `/test.Echo/Unary`, `/test.Echo/Missing` | gRPC (HTTP/2 only): the message back, or NOT_FOUND |
 */
export interface Service {
  readonly port: number;
  readonly url: string;
  /** How many requests reached it, by path without query. */
  readonly seen: ReadonlyMap<string, number>;
  /** Body bytes that came so far, by path without query. */
  readonly bodyBytes: ReadonlyMap<string, number>;
}

export const megabytes10 = 10 * 1024 * 1024;

type Incoming = http.IncomingMessage | http2.Http2ServerRequest;
type Outgoing = http.ServerResponse | http2.Http2ServerResponse;

export async function startService(t: TestContext): Promise<Service> {
  const seen = new Map<string, number>();
  const bodyBytes = new Map<string, number>();
  const serve = (request: Incoming, response: Outgoing) => {
    const path = pathOf(request);
    add(seen, path, 1);
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => {
      add(bodyBytes, path, piece.length);
      pieces.push(piece);
    });
    request.on("error", () => {}); // a caller that goes away mid-body is one of the cases
    request.on("end", () => void send(response, replyTo(request, Buffer.concat(pieces))));
  };
  const port = await listenBoth(t, serve, (path) => add(seen, path, 1));
  return { port, url: `http://127.0.0.1:${port}`, seen, bodyBytes };
}

/** An answer as a value: pieces are written one by one; without a length they go chunked. */
interface Reply {
  status: number;
  fields?: Record<string, string>;
  pieces?: readonly Buffer[];
  trailers?: Record<string, string>;
  afterMs?: number;
}

function replyTo(request: Incoming, body: Buffer): Reply {
  const path = pathOf(request);
  if (path.startsWith("/echo")) return json(echo(request, body));
  if (path.startsWith("/status/")) return { status: Number(path.slice("/status/".length)) };
  if (path.startsWith("/test.Echo/")) return grpcReply(request, body);
  switch (path) {
    case "/login":
      return { status: 204, fields: { "set-cookie": "session=cookie-from-service-4711; HttpOnly" } };
    case "/chunks":
      return chunks;
    case "/big":
      return sized("application/octet-stream", patterned(megabytes10));
    case "/gzip":
      return withField(sized("application/json", gzipSync('{"zipped":true,"times":3}')), "content-encoding", "gzip");
    case "/slow":
      return { ...json({ slow: true }), afterMs: Number(queryOf(request).get("ms")) };
    default:
      return { status: 404 };
  }
}

function echo(request: Incoming, body: Buffer): object {
  return {
    method: request.method,
    path: request.url,
    bodyBytes: body.length,
    bodySha256: createHash("sha256").update(body).digest("hex"),
    contentType: request.headers["content-type"] ?? null,
    dup: repeated(request.rawHeaders, "x-dup"),
    trailers: { ...request.trailers },
  };
}

const chunks: Reply = {
  status: 200,
  fields: { "content-type": "text/plain", trailer: "x-checksum" },
  pieces: ["one,", "two,", "three"].map((piece) => Buffer.from(piece)),
  trailers: { "x-checksum": "abc123" },
};

/** gRPC needs HTTP/2 for its trailers: over HTTP/1.1 the answer is a plain 426, so that a wrong replay is seen. */
function grpcReply(request: Incoming, body: Buffer): Reply {
  if (request.httpVersionMajor !== 2) return { status: 426 };
  const fields = { "content-type": "application/grpc" };
  if (pathOf(request) !== "/test.Echo/Unary") {
    return { status: 200, fields: { ...fields, "grpc-status": "5", "grpc-message": "no such thing" } };
  }
  const message = Buffer.concat([Buffer.from("echo:"), grpcMessage(body)]);
  return { status: 200, fields, pieces: [grpcFrame(message)], trailers: { "grpc-status": "0", "grpc-message": "" } };
}

function json(value: object): Reply {
  return sized("application/json", Buffer.from(JSON.stringify(value)));
}

function sized(contentType: string, body: Buffer): Reply {
  return {
    status: 200,
    fields: { "content-type": contentType, "content-length": String(body.length) },
    pieces: [body],
  };
}

function withField(reply: Reply, name: string, value: string): Reply {
  return { ...reply, fields: { ...reply.fields, [name]: value } };
}

async function send(outgoing: Outgoing, reply: Reply): Promise<void> {
  const response = outgoing as http.ServerResponse; // the two compat APIs agree at run time; their types do not unite
  if (reply.afterMs !== undefined) await delay(reply.afterMs);
  response.writeHead(reply.status, reply.fields);
  const withBody = response.req.method !== "HEAD";
  for (const piece of withBody ? (reply.pieces ?? []) : []) response.write(piece);
  if (withBody && reply.trailers !== undefined) response.addTrailers(reply.trailers);
  response.end();
}

/** Bytes that repeat only every 251, so that a piece put in the wrong place changes the hash. */
export function patterned(bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  for (let at = 0; at < bytes; at++) buffer[at] = at % 251;
  return buffer;
}

async function listenBoth(
  t: TestContext,
  serve: (request: Incoming, response: Outgoing) => void,
  upgraded: (path: string) => void,
): Promise<number> {
  const h1 = http.createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, serve);
  // Node refuses trailers (ENHANCE_YOUR_CALM) on a session that holds more than 10 MB, as one does while /big is read.
  const h2 = http2.createServer({ settings: { initialWindowSize: 1 << 20 }, maxSessionMemory: 1000 }, serve);
  h2.on("session", (session) => {
    session.setLocalWindowSize(16 << 20);
    session.on("error", () => {});
  });
  serveWebSockets(h1, upgraded);
  const sockets = new Set<net.Socket>();
  const door = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)));
    socket.on("error", () => {});
    sniff(socket, (protocol) => (protocol === "h2c" ? h2 : h1).emit("connection", socket));
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => door.close(resolve));
  });
  return (door.address() as net.AddressInfo).port;
}

function serveWebSockets(h1: http.Server, upgraded: (path: string) => void): void {
  const webSockets = new WebSocketServer({ noServer: true });
  h1.on("upgrade", (request, socket, head) => {
    upgraded(pathOf(request));
    webSockets.handleUpgrade(request, socket, head, (connection: WebSocket) => {
      connection.on("message", (message, isBinary) => {
        connection.send(Buffer.concat([Buffer.from("echo:"), message as Buffer]), { binary: isBinary });
      });
    });
  });
}

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** Looks at the first bytes and puts them back. */
function sniff(socket: net.Socket, decided: (protocol: "http/1.1" | "h2c") => void): void {
  socket.once("readable", () => {
    const first: Buffer | null = socket.read();
    if (first === null) return void socket.destroy(); // ended before a byte came
    socket.unshift(first);
    const length = Math.min(first.length, preface.length);
    decided(first.subarray(0, length).equals(preface.subarray(0, length)) ? "h2c" : "http/1.1");
  });
}

function repeated(rawHeaders: readonly string[], lowerName: string): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === lowerName);
}

function pathOf(request: Incoming): string {
  return request.url?.split("?")[0] ?? "";
}

function queryOf(request: Incoming): URLSearchParams {
  return new URLSearchParams(request.url?.split("?")[1] ?? "");
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
