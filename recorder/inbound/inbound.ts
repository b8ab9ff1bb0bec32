import type { Clock } from "../../base/index.js";
import type { Http1Call, Mode } from "../mode.js";
import { forwardHttp2 } from "./forward-http2.js";
import { forwardStreaming } from "./forward-streaming.js";
import { forwardWebSocket } from "./forward-websocket.js";
import { forwardWhole, isDispatchable } from "./forward-whole.js";
import { Upstream } from "./upstream.js";

/**
 * In front of a service: every call goes on to it, authority and fields unchanged, and both halves are recorded as they
 * pass. The pace is that of client and service; recording never slows them.
 */
export function inboundMode(url: URL, clock: Clock): Mode {
  const upstream = new Upstream(url);
  return {
    takesWebSocketStreams: false,
    answerHttp1: (call) => forwardHttp1(upstream, call),
    answerHttp2: (call) => forwardHttp2(upstream, call),
    answerUpgrade: (call) => forwardWebSocket(upstream, call, clock),
    close: () => upstream.close(),
  };
}

function forwardHttp1(upstream: Upstream, call: Http1Call): void {
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
