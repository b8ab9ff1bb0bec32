import type { IncomingMessage, ServerResponse } from "node:http";
import type { Abort } from "../virtual-service/index.js";
import { answerLocally } from "./local-answer.js";

const text = "fault filter abort";

/**
 * Answers in place of the service, as Envoy's fault filter does (findings on Envoy, section 3): a gRPC status becomes a
 * trailers-only answer, and for a request that is no gRPC an HTTP 200.
 */
export function answerAbort(request: IncomingMessage, response: ServerResponse, abort: Abort): void {
  // The body is read to its end, so that the connection can carry the next call.
  request.resume();
  const isGrpc = request.headers["content-type"]?.startsWith("application/grpc") ?? false;
  if (abort.kind === "grpc" && isGrpc) answerGrpc(response, abort.code);
  else answerLocally(response, { status: abort.kind === "http" ? abort.status : 200, text });
}

function answerGrpc(response: ServerResponse, code: number): void {
  const status = { "grpc-status": String(code), "grpc-message": text };
  response
    .writeHead(200, { "content-type": "application/grpc", "content-length": 0, server: "envoy", ...status })
    .end();
}
