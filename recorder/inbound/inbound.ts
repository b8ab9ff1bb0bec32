import type { Clock } from "../../base/index.js";
import { forwardHttp1 } from "../forward/forward-http1.js";
import { forwardHttp2 } from "../forward/forward-http2.js";
import { forwardWebSocket } from "../forward/forward-websocket.js";
import { Upstream } from "../forward/upstream.js";
import type { UpstreamAddress } from "../forward/upstream-address.js";
import type { Mode } from "../mode.js";

/**
 * In front of a service: every call goes on to it, authority and fields unchanged, and both halves are recorded as they
 * pass. The pace is that of client and service; recording never slows them.
 */
export function inboundMode(address: UpstreamAddress, maxHeaderBytes: number, clock: Clock): Mode {
  const upstream = new Upstream(address, maxHeaderBytes);
  return {
    takesWebSocketStreams: false,
    answerHttp1: (call) => forwardHttp1(upstream, call),
    answerHttp2: (call) => forwardHttp2(upstream, call),
    answerUpgrade: (call) => forwardWebSocket(upstream, call, clock),
    close: async () => upstream.close(),
  };
}
