import type http from "node:http";
import type { Http1Call } from "../mode.js";
import { ClientAnswer } from "./client-answer.js";
import { fieldValue, forwardedFields } from "./forwarded-fields.js";
import { isIdempotent } from "./idempotent.js";
import type { Upstream } from "./upstream.js";

/**
 * A request whose body is still coming, or that undici would not send as it is: node:http passes on body, trailers and
 * `100 Continue` as they come, each side at the pace of the other.
 */
export function forwardStreaming(upstream: Upstream, call: Http1Call): void {
  let outgoing = requestFor(upstream, call);
  const answer = new ClientAnswer(call.recording, call.response, () => outgoing.destroy());
  passRequest(call, outgoing);
  passAnswer(outgoing, answer);
  outgoing.on("error", (error) => {
    if (answer.isOver || !metClosing(call, outgoing)) return answer.fail(error);
    outgoing = requestFor(upstream, call);
    outgoing.on("error", (again) => answer.fail(again)).end();
    passAnswer(outgoing, answer);
  });
}

/** As with undici, see `forwardWhole`: the service closed a connection it had kept, just as the request went out. */
function metClosing({ recording }: Http1Call, { reusedSocket }: http.ClientRequest): boolean {
  const { head, hasAnswerStarted } = recording;
  return reusedSocket && !hasAnswerStarted && !head.hasBody && isIdempotent(head.method);
}

function requestFor(upstream: Upstream, { recording, fields: came }: Http1Call): http.ClientRequest {
  const { head } = recording;
  const fields = forwardedFields(came, head.isChunked);
  if (head.isChunked && fieldValue(fields, "transfer-encoding") === undefined) {
    fields.push("transfer-encoding", "chunked");
  }
  const outgoing = upstream.request({
    method: head.method,
    path: head.path,
    headers: fields,
  });
  outgoing.flushHeaders();
  return outgoing;
}

function passRequest({ recording, request }: Http1Call, outgoing: http.ClientRequest): void {
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
}

function passAnswer(outgoing: http.ClientRequest, answer: ClientAnswer): void {
  outgoing.on("information", ({ statusCode, statusMessage, rawHeaders }) => {
    answer.inform(statusCode, statusMessage, rawHeaders);
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
