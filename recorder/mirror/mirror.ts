import type { ServerResponse } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { Clock } from "../../base/index.js";
import type { Recording } from "../capture/recording.js";
import type { Http1Call, Http2Call, Mode } from "../mode.js";
import { answerMirroredWebSocket, answerMirroredWebSocketStream } from "./websocket.js";

const emptyAnswer: readonly string[] = ["content-length", "0"];
/** A call that failed before a message came says so in its header fields alone: "Trailers-Only" of the gRPC protocol. */
const grpcAnswer: readonly string[] = ["content-type", "application/grpc", "grpc-status", "0", "content-length", "0"];

/**
 * All copies of one Envoy worker come on one connection. While the recorder stands still, primaries wait from the moment
 * its window is used up (16 MiB were eight seconds of 1 MB bodies twice a second, `bench/hurt.ts`), or what Envoy buffers
 * for a connection.
 */
const connectionWindowBytes = 64 * 2 ** 20;

/**
 * The target of a mirror rule: reads every request to its end, whatever becomes of the recording, then answers an empty
 * 200. Envoy throws the answer away, but a copy that is never answered holds a connection until the route's timeout,
 * and one that is not read holds up the user's own upload.
 */
export function mirrorMode(clock: Clock): Mode {
  return {
    takesWebSocketStreams: true,
    connectionWindowBytes,
    plainAnswer: (recording) => {
      ended(recording);
      return answerTo(recording);
    },
    answerHttp1: (call) => answerHttp1(call),
    answerHttp2: (call) => (call.isWebSocket ? answerMirroredWebSocketStream(call, clock) : answerHttp2(call)),
    answerUpgrade: (call) => answerMirroredWebSocket(call, clock),
    close: async () => {},
  };
}

function answerHttp1({ recording, request, response, awaitsContinue }: Http1Call): void {
  if (!recording.head.hasBody) {
    ended(recording, request.rawTrailers);
    sayOk(recording, response);
    return;
  }
  if (awaitsContinue) response.writeContinue();
  request.on("data", (piece: Buffer) => recording.requestPiece(piece));
  request.on("end", () => {
    ended(recording, request.rawTrailers);
    sayOk(recording, response);
  });
  request.on("close", () => aborted(recording));
  request.on("error", () => {}); // "close" follows
}

function ended(recording: Recording, trailers?: readonly string[]): void {
  recording.requestEnded(trailers);
  recording.endedUnanswered();
}

function aborted(recording: Recording): void {
  recording.requestAborted();
  recording.endedUnanswered();
}

function sayOk(recording: Recording, response: ServerResponse): void {
  response.writeHead(200, [...answerTo(recording)]).end();
}

function answerTo({ head }: Recording): readonly string[] {
  return head.isGrpc ? grpcAnswer : emptyAnswer;
}

function answerHttp2({ recording, stream }: Http2Call): void {
  let trailers: readonly string[] = [];
  stream.on("data", (piece: Buffer) => recording.requestPiece(piece));
  stream.on("trailers", (_fields: unknown, _flags: number, raw?: readonly string[]) => {
    trailers = raw ?? [];
  });
  stream.on("end", () => {
    if (stream.closed) return; // a reset ends the reading, too
    recording.requestEnded(trailers);
    recording.endedUnanswered();
    sayOkOnStream(recording, stream);
  });
  stream.on("close", () => {
    // Node 26 tells of a reset first, and gives what came with it only to who asks.
    for (let piece = read(stream); piece !== null; piece = read(stream)) recording.requestPiece(piece);
    aborted(recording);
  });
}

const read = (stream: ServerHttp2Stream) => stream.read() as Buffer | null;

function sayOkOnStream(recording: Recording, stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.headersSent) return;
  if (!recording.head.isGrpc) {
    stream.respond({ ":status": 200, "content-length": "0" }, { endStream: true });
    return;
  }
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.end();
}
