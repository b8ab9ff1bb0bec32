import type { ClientRequest, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "../../base/index.js";
import { WebSocketFrames } from "../capture/websocket-frames.js";
import type { UpgradeCall } from "../mode.js";
import { failureReason, failureStatus } from "./failure.js";
import { fieldValue, forwardedFields } from "./forwarded-fields.js";
import { passBothWays } from "./pass-both-ways.js";
import type { Upstream } from "./upstream.js";

/**
 * Passes a WebSocket on: its handshake through node:http, then the bytes as they come, read along in both directions. An
 * answer that is no upgrade goes back as it is, and ends the connection.
 */
export function forwardWebSocket(upstream: Upstream, call: UpgradeCall, clock: Clock): void {
  const { recording, fields, socket } = call;
  const { method, path } = recording.head;
  const headers = [...forwardedFields(fields, false), ...upgradeFields(fieldValue(fields, "upgrade"))];
  const outgoing = upstream.upgrade({ method, path, headers });
  outgoing.on("upgrade", (incoming, upstreamSocket, first) => join(call, incoming, { upstreamSocket, first }, clock));
  outgoing.on("response", (incoming) => passRefusal(call, incoming));
  outgoing.on("error", (error) => fail(call, error));
  socket.on("close", () => clientGone(call, outgoing));
  socket.on("error", () => {}); // "close" follows
  outgoing.end();
}

function upgradeFields(protocol = "websocket"): string[] {
  return ["Connection", "Upgrade", "Upgrade", protocol];
}

function headText(start: string, fields: readonly string[]): string {
  let text = `${start}\r\n`;
  for (let at = 0; at + 1 < fields.length; at += 2) text += `${fields[at]}: ${fields[at + 1]}\r\n`;
  return `${text}\r\n`;
}

function join(
  { recording, socket, head }: UpgradeCall,
  { rawHeaders, statusMessage }: IncomingMessage,
  { upstreamSocket, first }: { upstreamSocket: Duplex; first: Buffer },
  clock: Clock,
): void {
  recording.answerStarted(101, rawHeaders);
  const fields = [...forwardedFields(rawHeaders, false), ...upgradeFields(fieldValue(rawHeaders, "upgrade"))];
  socket.write(headText(`HTTP/1.1 101 ${statusMessage}`, fields), "latin1");
  const toServer = new WebSocketFrames(recording, "to-server", clock);
  const toClient = new WebSocketFrames(recording, "to-client", clock);
  const over = (end: "client-aborted" | "reset") => {
    const isClosed = toServer.isClosed || toClient.isClosed;
    if (isClosed || end === "reset") recording.requestEnded();
    else recording.requestAborted();
    recording.answerEnded(isClosed ? "complete" : end);
  };
  upstreamSocket.on("error", () => {}); // "close" follows
  upstreamSocket.on("close", () => over("reset"));
  socket.prependListener("close", () => over("client-aborted"));
  passBothWays(
    { stream: socket, first: head, read: (bytes) => toServer.push(bytes) },
    { stream: upstreamSocket, first, read: (bytes) => toClient.push(bytes) },
  );
}

/** Its body ends with the connection, unless its length says where. */
function passRefusal({ recording, socket }: UpgradeCall, incoming: IncomingMessage): void {
  const { rawHeaders, statusCode, statusMessage } = incoming;
  recording.requestEnded();
  recording.answerStarted(statusCode!, rawHeaders);
  const fields = [...forwardedFields(rawHeaders, false), "Connection", "close"];
  socket.write(headText(`HTTP/1.1 ${statusCode} ${statusMessage}`, fields), "latin1");
  incoming.on("data", (piece: Buffer) => {
    recording.answerPiece(piece);
    if (!socket.destroyed && !socket.write(piece)) incoming.pause();
  });
  socket.on("drain", () => incoming.resume());
  incoming.on("end", () => {
    recording.answerEnded("complete", incoming.rawTrailers);
    socket.end();
  });
  incoming.on("error", () => {
    recording.answerEnded("reset");
    socket.destroy();
  });
}

/** As with other requests: who hung up on us has the client hung up on. */
function fail({ recording, socket }: UpgradeCall, error: Error): void {
  if (recording.hasAnswerStarted || socket.destroyed) return;
  const reason = failureReason(error);
  recording.requestEnded();
  recording.failed(reason);
  if (reason === "reset") return void socket.destroy();
  const { status, text } = failureStatus(reason);
  socket.end(headText(`HTTP/1.1 ${status} `, ["connection", "close", "content-length", String(text.length)]) + text);
}

/** Before an answer; afterwards the two ends of the tunnel tell. */
function clientGone({ recording }: UpgradeCall, outgoing: ClientRequest): void {
  if (recording.hasAnswerStarted) return;
  recording.requestAborted();
  recording.failed("aborted");
  outgoing.destroy();
}
