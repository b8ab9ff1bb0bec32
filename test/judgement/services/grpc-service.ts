import {
  type ClientHttp2Session,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { propagatedHeaders } from "../../../simple-service/propagated-headers.js";
import { grpcFrame, grpcMessage } from "../../support/grpc.js";

/** What a method answers: one message, or a status other than 0. */
export type GrpcAnswer = { message: Buffer } | { status: number; message?: never };

/** Asks the next service; gives its message, or undefined when it failed. */
export type AskNext = (path: string, message: Buffer) => Promise<Buffer | undefined>;

/** A method by its path; undefined for one that it does not have. */
export type GrpcProgram = (path: string, request: Buffer, ask: AskNext) => Promise<GrpcAnswer> | undefined;

export interface RunningGrpcService {
  /** host:port. */
  listen: string;
  stop(): Promise<void>;
}

/** A service that speaks gRPC over plain HTTP/2 and passes on the trace of what it is asked. */
export async function serveGrpc(programs: readonly GrpcProgram[], next: URL | undefined): Promise<RunningGrpcService> {
  const upstream = next === undefined ? undefined : connect(next);
  upstream?.on("error", () => {});
  const server = createServer();
  server.on("stream", (stream, headers) => void answer(stream, headers, programs, upstream));
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    listen: `127.0.0.1:${port}`,
    async stop() {
      upstream?.destroy();
      for (const session of sessions) session.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function answer(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  programs: readonly GrpcProgram[],
  upstream: ClientHttp2Session | undefined,
): Promise<void> {
  stream.on("error", () => {});
  const request = grpcMessage(await read(stream));
  const path = String(headers[":path"]);
  const ask: AskNext = (asked, message) => callGrpc(upstream!, asked, message, propagatedHeaders(headers));
  for (const program of programs) {
    const answered = await program(path, request, ask);
    if (answered !== undefined) return send(stream, answered);
  }
  send(stream, { status: 12 });
}

function send(stream: ServerHttp2Stream, answered: GrpcAnswer): void {
  const head = { ":status": 200, "content-type": "application/grpc" };
  if (answered.message === undefined) {
    stream.respond({ ...head, "grpc-status": String(answered.status) }, { endStream: true });
    return;
  }
  stream.respond(head, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(grpcFrame(answered.message));
}

/** A unary call; undefined unless it ends with status 0. */
export async function callGrpc(
  session: ClientHttp2Session,
  path: string,
  message: Buffer,
  headers: Readonly<Record<string, unknown>>,
): Promise<Buffer | undefined> {
  const stream = session.request({
    ...headers,
    ...{ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" },
  });
  let status: unknown;
  stream.on("response", (fields) => (status = fields["grpc-status"] ?? status));
  stream.on("trailers", (fields) => (status = fields["grpc-status"] ?? status));
  stream.end(grpcFrame(message));
  const body = await read(stream).catch(() => Buffer.alloc(0));
  return String(status) === "0" ? grpcMessage(body) : undefined;
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}
