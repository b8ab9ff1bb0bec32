import type { Http1Call } from "../mode.js";
import { forwardStreaming } from "./forward-streaming.js";
import { forwardWhole, isDispatchable } from "./forward-whole.js";
import type { Upstream } from "./upstream.js";

/** A request goes on by undici where it is here whole and undici sends it as it is, else by node:http. */
export function forwardHttp1(upstream: Upstream, call: Http1Call): void {
  const { head } = call.recording;
  if (!isDispatchable(head)) {
    forwardStreaming(upstream, call);
  } else if (head.hasBody) {
    // What came in one packet with the head is parsed by then (a next tick is too early): most bodies are here whole.
    setImmediate(() => call.guard(() => forwardBody(upstream, call)));
  } else {
    call.recording.requestEnded();
    forwardWhole(upstream, call, undefined);
  }
}

function forwardBody(upstream: Upstream, call: Http1Call): void {
  const { request, response, recording } = call;
  if (response.destroyed) {
    recording.requestAborted(); // the client has gone meanwhile; the service need not hear of it
    recording.failed("aborted");
    return;
  }
  if (!request.complete || request.rawTrailers.length > 0) {
    forwardStreaming(upstream, call);
    return;
  }
  const body = (request.read() as Buffer | null) ?? undefined;
  request.resume(); // to its end, so that the connection goes on
  if (body !== undefined) recording.requestPiece(body);
  recording.requestEnded();
  forwardWhole(upstream, call, body);
}
