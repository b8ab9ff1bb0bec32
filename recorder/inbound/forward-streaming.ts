import http from "node:http";
import type { Http1Call } from "../mode.js";
import { ClientAnswer } from "./client-answer.js";
import { fieldValue, forwardedFields } from "./forwarded-fields.js";
import type { Upstream } from "./upstream.js";

/**
 * A request whose body is still coming, or that undici would not send as it is: node:http passes on body, trailers and
 * `100 Continue` as they come, each side at the pace of the other.
 */
export function forwardStreaming(upstream: Upstream, call: Http1Call): void {
  const outgoing = requestFor(upstream, call);
  const answer = new ClientAnswer(call.recording, call.response, () => outgoing.destroy());
  passRequest(call, outgoing, answer);
  passAnswer(call, outgoing, answer);
}

function requestFor(upstream: Upstream, { recording }: Http1Call): http.ClientRequest {
  const { head } = recording;
  const fields = forwardedFields(head.headers, head.isChunked);
  if (head.isChunked && fieldValue(fields, "transfer-encoding") === undefined) {
    fields.push("transfer-encoding", "chunked");
  }
  const outgoing = http.request({
    agent: upstream.agent,
    hostname: upstream.hostname,
    port: upstream.url.port || 80,
    method: head.method,
    path: head.path,
    headers: fields as unknown as http.OutgoingHttpHeaders, // a flat list keeps order and repeats
  });
  outgoing.setNoDelay(true);
  outgoing.flushHeaders();
  return outgoing;
}

function passRequest({ recording, request }: Http1Call, outgoing: http.ClientRequest, answer: ClientAnswer): void {
  request.on("data", (piece: Buffer) => {
    recording.requestPiece(piece);
    if (!outgoing.destroyed && !outgoing.write(piece)) request.pause();
  });
  outgoing.on("drain", () => request.resume());
  outgoing.on("close", () => request.resume()); // the rest is read and thrown away
  request.on("end", () => {
    recording.requestEnded(request.rawTrailers);
    if (outgoing.destroyed) return;
    if (request.rawTrailers.length > 0) outgoing.addTrailers(trailerPairs(request.rawTrailers));
    outgoing.end();
  });
  request.on("error", () => {}); // the answer's "close" follows
  outgoing.on("error", (error) => answer.fail(error));
}

function passAnswer({ response, awaitsContinue }: Http1Call, outgoing: http.ClientRequest, answer: ClientAnswer): void {
  outgoing.on("continue", () => {
    if (awaitsContinue && !answer.isOver) response.writeContinue();
  });
  outgoing.on("information", (information) => {
    answer.inform(information.statusCode, fieldValue(information.rawHeaders, "link"));
  });
  outgoing.on("response", (incoming) => {
    answer.start(incoming.statusCode!, incoming.statusMessage!, incoming.rawHeaders);
    incoming.on("data", (piece: Buffer) => {
      if (answer.piece(piece)) return;
      incoming.pause();
      answer.onDrain(() => incoming.resume());
    });
    incoming.on("end", () => answer.end(incoming.rawTrailers));
    incoming.on("error", (error) => answer.fail(error));
  });
}

function trailerPairs(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at]!, raw[at + 1]!]);
  return pairs;
}
