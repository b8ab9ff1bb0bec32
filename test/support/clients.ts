import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { Pool } from "undici";
import { WebSocket } from "ws";
import { grpcFrame, grpcMessage } from "./grpc.js";

/** What a client of a test asks for. Body pieces are sent one write each. */
export interface Ask {
  method: string;
  path: string;
  /** Repeated fields as repeated entries. */
  headers?: readonly (readonly [string, string])[];
  body?: readonly (string | Buffer)[];
  trailers?: Record<string, string>;
}

/** What came back, whole. */
export interface Got {
  status: number;
  headers: http.IncomingHttpHeaders;
  trailers: Record<string, string>;
  body: Buffer;
  /** Whether a `100 Continue` came before. */
  continued: boolean;
}

/**
 * One call over HTTP/1.1 on a connection of its own. Without a content-length the body goes chunked. With
 * `expect: 100-continue` the body is held back until the other side says continue.
 */
export function askHttp1(port: number, ask: Ask): Promise<Got> {
  return new Promise((resolve, reject) => {
    const { method, path } = ask;
    const request = http.request({ host: "127.0.0.1", port, method, path, agent: false });
    for (const [name, values] of grouped(ask.headers ?? [])) request.setHeader(name, values);
    let continued = false;
    request.on("error", reject);
    request.on("response", (response) => {
      collect(response).then(
        (body) =>
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            trailers: text(response.trailers),
            body,
            continued,
          }),
        reject,
      );
    });
    const sendBody = () => {
      for (const piece of ask.body ?? []) request.write(piece);
      if (ask.trailers !== undefined) request.addTrailers(ask.trailers);
      request.end();
    };
    if (!request.hasHeader("expect")) return sendBody();
    request.on("continue", () => {
      continued = true;
      sendBody();
    });
    request.flushHeaders();
  });
}

/** One call over HTTP/2 with prior knowledge, on a connection of its own. */
export function askHttp2(port: number, ask: Ask): Promise<Got> {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`http://127.0.0.1:${port}`);
    session.on("error", reject);
    const fields = { ":method": ask.method, ":path": ask.path, ...Object.fromEntries(grouped(ask.headers ?? [])) };
    const stream = session.request(fields, { waitForTrailers: ask.trailers !== undefined });
    let head: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader = {};
    let trailers: Record<string, string> = {};
    stream.on("response", (came) => {
      head = came;
    });
    stream.on("trailers", (came) => {
      trailers = text(came);
    });
    stream.on("wantTrailers", () => stream.sendTrailers(ask.trailers ?? {}));
    stream.on("error", reject);
    collect(stream)
      .then((body) => resolve({ status: head[":status"]!, headers: head, trailers, body, continued: false }), reject)
      .finally(() => session.close());
    for (const piece of ask.body ?? []) stream.write(piece);
    stream.end();
  });
}

/** A unary gRPC call: the message that came back (none when the call failed) and the status, wherever it stood. */
export async function askGrpc(
  port: number,
  path: string,
  message: string,
): Promise<{ message?: string; status: number }> {
  const headers = [
    ["content-type", "application/grpc"],
    ["te", "trailers"],
  ] as const;
  const got = await askHttp2(port, { method: "POST", path, headers, body: [grpcFrame(Buffer.from(message))] });
  const status = Number(got.trailers["grpc-status"] ?? got.headers["grpc-status"]);
  return got.body.length === 0 ? { status } : { status, message: grpcMessage(got.body).toString() };
}

/** Sends the messages one after another, each after the answer to the one before, then closes with 1000. Gives the answers. */
export function talkWebSocket(
  port: number,
  path: string,
  messages: readonly (string | Buffer)[],
  mayTalk: () => Promise<unknown> = async () => {},
): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { perMessageDeflate: false });
    const answers: string[] = [];
    const next = () => (answers.length < messages.length ? socket.send(messages[answers.length]!) : socket.close(1000));
    socket.on("error", reject);
    socket.on("open", () => mayTalk().then(next, reject));
    socket.on("message", (answer) => {
      answers.push(answer.toString());
      next();
    });
    socket.on("close", () => resolve(answers));
  });
}

/**
 * Announces a body of `announcedBytes`, sends the first piece, and hangs up once `mayLeave` resolves: a client that aborts
 * in the middle of an upload.
 */
export async function abortUpload(
  port: number,
  path: string,
  upload: { announcedBytes: number; piece: Buffer; mayLeave: () => Promise<unknown> },
): Promise<void> {
  const socket = net.connect({ host: "127.0.0.1", port });
  socket.on("error", () => {});
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: text/plain\r\ncontent-length: ${upload.announcedBytes}\r\n\r\n`,
  );
  socket.write(upload.piece);
  await upload.mayLeave();
  await new Promise<void>((resolve) => socket.on("close", resolve).destroy());
}

/** What a load did: calls answered 200, and what became of the rest. */
export interface LoadResult {
  answered: number;
  other: Record<string, number>;
}

/**
 * Sends `count` small POSTs as fast as they are answered, over a fixed number of HTTP/1.1 connections. Every path and body is its own: the
 * number of the call from 0 is in both.
 */
export async function load(
  port: number,
  options: { count: number; connections: number; path?: (call: number) => string; stop?: () => boolean },
): Promise<LoadResult> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: options.connections, pipelining: 1 });
  const result: LoadResult = { answered: 0, other: {} };
  const path = options.path ?? ((call: number) => `/echo/load/${call}`);
  let next = 0;
  const worker = async () => {
    while (next < options.count && !options.stop?.()) {
      const call = next++;
      const seen = await callOnce(pool, path(call), call);
      if (seen === "200") result.answered++;
      else result.other[seen] = (result.other[seen] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: options.connections }, worker));
  await pool.close();
  return result;
}

async function callOnce(pool: Pool, path: string, call: number): Promise<string> {
  try {
    const headers = { "content-type": "application/json" };
    const answer = await pool.request({ method: "POST", path, headers, body: `{"call":${call}}` });
    await answer.body.dump();
    return String(answer.statusCode);
  } catch (failure) {
    return (failure as { code?: string }).code ?? String(failure);
  }
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

function grouped(fields: readonly (readonly [string, string])[]): [string, string | string[]][] {
  const byName = new Map<string, string[]>();
  for (const [name, value] of fields) byName.set(name, [...(byName.get(name) ?? []), value]);
  return [...byName].map(([name, values]) => [name, values.length === 1 ? values[0]! : values]);
}

function text(fields: NodeJS.Dict<string | string[] | number>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}
