import type { DoorParts } from "../doors/door.js";
import { forwardHttp1 } from "../forward/forward-http1.js";
import { forwardHttp2 } from "../forward/forward-http2.js";
import { forwardWebSocket } from "../forward/forward-websocket.js";
import type { Limits } from "../listen/port.js";
import type { Http1Call, Mode, UpgradeCall } from "../mode.js";
import { Directory } from "./directory.js";
import { refuseHttp1, refuseHttp2, refuseUpgrade } from "./refuse.js";
import type { OutboundRoutes } from "./routes.js";
import { Tunnels } from "./tunnels.js";

/**
 * Behind a service: every call it makes goes on to where its authority leads, by the routes or, where the call speaks as
 * to a proxy, by its own word; both halves are recorded as they pass. CONNECT opens a tunnel that is passed through
 * unread.
 */
export function outboundMode(
  routes: OutboundRoutes,
  limits: Limits,
  { clock, counts }: DoorParts,
  ownAddress: () => string | undefined,
): Mode {
  const directory = new Directory(routes, limits.maxHeaderBytes, ownAddress);
  const tunnels = new Tunnels(directory, limits.idleMs, counts);
  return {
    takesWebSocketStreams: false,
    answerHttp1: (call) => {
      const way = directory.find(call.recording.head);
      if (way.kind === "upstream") forwardHttp1(way.upstream, asToServer(call));
      else refuseHttp1(call, way);
    },
    answerHttp2: (call) => {
      const way = directory.find(call.recording.head);
      if (way.kind === "upstream") forwardHttp2(way.upstream, call);
      else refuseHttp2(call, way);
    },
    answerUpgrade: (call) => {
      const way = directory.find(call.recording.head);
      if (way.kind === "upstream") forwardWebSocket(way.upstream, asToServer(call), clock);
      else refuseUpgrade(call, way);
    },
    openTunnel: (call) => tunnels.open(call),
    close: async () => {
      tunnels.close();
      directory.close();
    },
  };
}

/** The authority in an absolute target takes the place of what Host says (RFC 9112, section 3.2.2). */
function asToServer<C extends Http1Call | UpgradeCall>(call: C): C {
  const { isAbsolute, authority, headers } = call.recording.head;
  if (!isAbsolute) return call;
  const fields = ["Host", authority];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (headers[at]!.toLowerCase() !== "host") fields.push(headers[at]!, headers[at + 1]!);
  }
  return { ...call, fields };
}
