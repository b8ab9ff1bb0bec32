import { createHash } from "node:crypto";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import type { TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { grpcFrame } from "./grpc.js";

/**
 * A service that answers with what it saw, so that a request changed on its way shows in the answer; and, by path, with
 * the kinds of answers that are easy to damage. One port, HTTP/1.1 and h2c told apart by the preface.
 *
 * | path | answer |
 * |---|---|
 * | `/echo…` | JSON: method, target, every field in order with its case, body, trailers |
 * | `/plain` | `hello`, with a length |
 * | `/chunked` | three chunks and a trailer |
 * | `/fields` | two Set-Cookie, repeated, empty and non-ASCII fields |
 * | `/hints` | 103 with a Link, then 200 |
 * | `/status/N` | that status (204 and 304 without a body; 302 with a Location) |
 * | `/gzip` | JSON in gzip, whatever was asked |
 * | `/big` | 1 MiB |
 * | `/early` | 413 before the body was read |
 * | `/zoo.Echo/Unary`, `/Stream`, `/Fail` | gRPC: the message back; thrice; INVALID_ARGUMENT in trailers only |
 */
export async function startZooService(t: TestContext): Promise<number> {
  const h1 = http.createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
    serve(request, response, seenHttp1(request));
  });
  h1.on("checkExpectation", (request, response) => serve(request, response, seenHttp1(request)));
  const h2 = http2.createServer();
  h2.on("stream", (stream, _headers, _flags, ...rest) => serveStream(stream, (rest as unknown as [string[]])[0]));
  h2.on("session", (session) => session.on("error", () => {}));
  const sockets = new Set<net.Socket>();
  const door = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)));
    socket.on("error", () => {});
    socket.once("readable", () => {
      const first: Buffer | null = socket.read();
      if (first === null) return void socket.destroy();
      socket.unshift(first);
      (first.subarray(0, 3).toString() === "PRI" ? h2 : h1).emit("connection", socket);
    });
  });
  await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => door.close(resolve));
  });
  return (door.address() as net.AddressInfo).port;
}

interface Seen {
  method: string;
  target: string;
  fields: readonly string[];
}

function seenHttp1(request: http.IncomingMessage): Seen {
  return { method: request.method!, target: request.url!, fields: request.rawHeaders };
}

/** The same for both protocols: how an answer is put on the wire. */
interface Reply {
  status: number;
  fields?: http.OutgoingHttpHeaders;
  pieces?: readonly (Buffer | string)[];
  trailers?: Record<string, string>;
  hints?: { link: string };
}

function serve(request: http.IncomingMessage, response: http.ServerResponse, seen: Seen): void {
  response.sendDate = false;
  if (request.url === "/early") {
    response.writeHead(413, { "content-length": "9" }).end("too large");
    request.resume();
    return;
  }
  gather(request).then((body) => {
    const reply = replyTo(seen, body, request.rawTrailers);
    const isHttp10 = request.httpVersionMinor === 0; // it knows neither 1xx nor trailers
    const { trailer, ...untrailed } = reply.fields ?? {};
    if (reply.hints !== undefined && !isHttp10) response.writeEarlyHints(reply.hints);
    response.writeHead(reply.status, trailer === undefined || isHttp10 ? untrailed : { ...untrailed, trailer });
    for (const piece of reply.pieces ?? []) response.write(piece);
    if (reply.trailers !== undefined && !isHttp10) response.addTrailers(reply.trailers);
    response.end();
  }, ignore);
}

function serveStream(stream: http2.ServerHttp2Stream, raw: readonly string[]): void {
  let rawTrailers: readonly string[] = [];
  stream.on("trailers", (_trailers, _flags, ...rest) => {
    rawTrailers = (rest as unknown as [string[]])[0];
  });
  stream.on("error", ignore);
  gather(stream).then((body) => {
    const reply = replyTo(seenHttp2(raw), body, rawTrailers);
    if (stream.destroyed) return;
    if (reply.hints !== undefined) stream.additionalHeaders({ ":status": 103, ...reply.hints });
    const head = { ":status": reply.status, ...reply.fields } as http2.OutgoingHttpHeaders;
    const pieces = reply.pieces ?? [];
    if (pieces.length === 0 && reply.trailers === undefined)
      return void stream.respond(head, { ...undated, endStream: true });
    stream.respond(head, { ...undated, waitForTrailers: reply.trailers !== undefined });
    stream.on("wantTrailers", () => stream.sendTrailers(reply.trailers!));
    for (const piece of pieces) stream.write(piece);
    stream.end();
  }, ignore);
}

/** Node reads it; its types do not say so. */
const undated: object = { sendDate: false };

function seenHttp2(raw: readonly string[]): Seen {
  const pseudo = (name: string) => raw[raw.indexOf(name) + 1]!;
  const first = raw.findIndex((text, at) => at % 2 === 0 && !text.startsWith(":"));
  return { method: pseudo(":method"), target: pseudo(":path"), fields: first === -1 ? [] : raw.slice(first) };
}

function replyTo(seen: Seen, body: Buffer, rawTrailers: readonly string[]): Reply {
  const path = seen.target.split("?")[0]!;
  if (path.startsWith("/zoo.Echo/")) return grpcReply(path, body);
  const status = /^\/status\/(\d+)$/.exec(path)?.[1];
  if (status !== undefined) return statusReply(Number(status));
  const fixed = fixedReplies[path];
  const reply = fixed ?? json(echoed(seen, body, rawTrailers));
  return seen.method === "HEAD" ? { ...reply, pieces: [] } : reply;
}

const pattern = Buffer.from(Array.from({ length: 1 << 20 }, (_, at) => at % 251));

const fixedReplies: Record<string, Reply> = {
  "/plain": { status: 200, fields: { "content-length": "5", "content-type": "text/plain" }, pieces: ["hello"] },
  "/chunked": {
    status: 200,
    fields: { "content-type": "text/plain", trailer: "x-checksum" },
    pieces: ["one,", "two,", "three"],
    trailers: { "x-checksum": "abc123" },
  },
  "/fields": {
    status: 200,
    fields: {
      "set-cookie": ["a=1; Path=/", "b=2; HttpOnly"],
      "x-repeated": ["second comes first", "first comes second"],
      "x-empty": "",
      "x-latin1": "caf\u00e9",
      "X-MiXed-Case": "kept",
      "content-length": "2",
    },
    pieces: ["ok"],
  },
  "/hints": {
    status: 200,
    hints: { link: "</style.css>; rel=preload" },
    fields: { "content-length": "2" },
    pieces: ["ok"],
  },
  "/gzip": {
    status: 200,
    fields: { "content-encoding": "gzip", "content-type": "application/json" },
    pieces: [gzipSync('{"zipped":true}')],
  },
  "/big": { status: 200, fields: { "content-length": String(pattern.length) }, pieces: [pattern] },
};

function statusReply(status: number): Reply {
  if (status === 204) return { status };
  if (status === 304) return { status, fields: { etag: '"v1"' } };
  const location = status === 302 ? { location: "/elsewhere?next=%2F" } : {};
  return { status, fields: { ...location, "content-length": "4" }, pieces: ["body"] };
}

function json(value: object): Reply {
  const body = JSON.stringify(value);
  const fields = { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) };
  return { status: 200, fields, pieces: [body] };
}

function grpcReply(path: string, body: Buffer): Reply {
  const fields = { "content-type": "application/grpc" };
  if (path === "/zoo.Echo/Fail") {
    return { status: 200, fields: { ...fields, "grpc-status": "3", "grpc-message": "no such animal" } };
  }
  const messages =
    path === "/zoo.Echo/Stream" ? ["one", "two", "three"].map((text) => grpcFrame(Buffer.from(text))) : [body];
  return { status: 200, fields, pieces: messages, trailers: { "grpc-status": "0", "x-trailing": "end" } };
}

/**
 * Names in lower case, for case means nothing. Fields that belong to one connection (RFC 9110, section 7.6.1) are left
 * out, and the name under which we were called.
 */
function echoed(seen: Seen, body: Buffer, rawTrailers: readonly string[]): object {
  const fields = pairs(seen.fields)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !hopByHop.has(name));
  const sha256 = createHash("sha256").update(body).digest("hex");
  return {
    method: seen.method,
    target: seen.target,
    // Order among fields of different names means nothing (RFC 9110, section 5.3).
    fields: fields.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
    bodyBytes: body.length,
    sha256,
    trailers: pairs(rawTrailers),
  };
}

const hopByHop: ReadonlySet<string> = new Set([
  ...[
    "connection",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
  ],
]);

function pairs(flat: readonly string[]): (readonly [string, string])[] {
  return flat.flatMap((text, at) => (at % 2 === 0 ? [[text, flat[at + 1]!] as const] : []));
}

async function gather(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A caller that goes away is one of the cases. */
function ignore(): void {}
