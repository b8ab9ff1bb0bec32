import type { ClientRequest, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { createProxyServer } from "http-proxy";
import type { Clock } from "../../base/index.js";
import { WebSocketFrames } from "../capture/websocket-frames.js";
import type { UpgradeCall } from "../mode.js";
import { failureReason, failureStatus } from "./failure.js";
import type { Upstream } from "./upstream.js";

/** Tunnels a WebSocket through http-proxy, reading along in both directions. An answer that is no upgrade goes back as it is. */
export function forwardWebSocket(upstream: Upstream, call: UpgradeCall, clock: Clock): void {
  const { request, socket, head } = call;
  const proxy = createProxyServer({ target: upstream.url });
  proxy.on("error", () => {}); // a client that resets: "close" follows
  proxy.on("proxyReqWs", (outgoing) => {
    outgoing.on("upgrade", (incoming, upstreamSocket) => readAlong(call, incoming, upstreamSocket, clock));
    outgoing.on("response", (incoming) => readRefusal(call, incoming));
    socket.on("close", () => clientGone(call, outgoing));
  });
  proxy.ws(request, socket, head, {}, (error) => fail(call, error));
}

/** Called before http-proxy joins the two sockets, in the same turn of the event loop: no byte passes unread. */
function readAlong(
  { recording, socket }: UpgradeCall,
  incoming: IncomingMessage,
  upstream: Duplex,
  clock: Clock,
): void {
  recording.answerStarted(101, incoming.rawHeaders);
  const toServer = new WebSocketFrames(recording, "to-server", clock);
  const toClient = new WebSocketFrames(recording, "to-client", clock);
  socket.on("data", (bytes: Uint8Array) => toServer.push(bytes));
  upstream.on("data", (bytes: Uint8Array) => toClient.push(bytes));
  const over = (end: "client-aborted" | "reset") => {
    const isClosed = toServer.isClosed || toClient.isClosed;
    if (isClosed || end === "reset") recording.requestEnded();
    else recording.requestAborted();
    recording.answerEnded(isClosed ? "complete" : end);
  };
  upstream.on("close", () => over("reset"));
  socket.prependListener("close", () => over("client-aborted"));
}

function readRefusal({ recording }: UpgradeCall, incoming: IncomingMessage): void {
  recording.requestEnded();
  recording.answerStarted(incoming.statusCode!, incoming.rawHeaders);
  incoming.on("data", (piece: Buffer) => recording.answerPiece(piece));
  incoming.on("end", () => recording.answerEnded("complete", incoming.rawTrailers));
  incoming.on("error", () => recording.answerEnded("reset"));
}

function fail({ recording, socket }: UpgradeCall, error: Error): void {
  if (recording.hasAnswerStarted || !socket.writable) return;
  const reason = failureReason(error);
  const { status, text } = failureStatus(reason);
  recording.requestEnded();
  recording.failed(reason);
  socket.write(`HTTP/1.1 ${status} \r\nconnection: close\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
}

/** Before an answer; afterwards the two ends of the tunnel tell. */
function clientGone({ recording }: UpgradeCall, outgoing: ClientRequest): void {
  if (recording.hasAnswerStarted) return;
  recording.requestAborted();
  recording.failed("aborted");
  outgoing.destroy();
}
