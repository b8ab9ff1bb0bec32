import type { Duplex } from "node:stream";
import type { Clock } from "../../base/index.js";
import { encodeWebSocketFrame, webSocketAccept, webSocketOpcodes } from "../../message/index.js";
import type { Recording } from "../capture/recording.js";
import { WebSocketFrames } from "../capture/websocket-frames.js";
import type { Http2Call, UpgradeCall } from "../mode.js";

/**
 * Accepts the handshake, for Envoy sends the client's frames only then, and reads until the client closes or goes
 * away. Nothing is offered in return: no protocol, no extension. The frames follow what the real service agreed to.
 */
export function answerMirroredWebSocket({ recording, request, socket, head }: UpgradeCall, clock: Clock): void {
  const accept = webSocketAccept(request.headers["sec-websocket-key"]!);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  );
  readFrames(recording, socket, clock, head);
}

/** Over HTTP/2 the handshake is an extended CONNECT, and 200 accepts it (RFC 8441, section 5). */
export function answerMirroredWebSocketStream({ recording, stream }: Http2Call, clock: Clock): void {
  stream.respond({ ":status": 200 });
  readFrames(recording, stream, clock, Buffer.alloc(0));
}

/** @param head what came after the handshake already */
function readFrames(recording: Recording, socket: Duplex, clock: Clock, head: Buffer): void {
  const frames = new WebSocketFrames(recording, "to-server", clock);
  const read = (bytes: Uint8Array) => {
    frames.push(bytes);
    if (frames.violation !== undefined) socket.end(closing(1002));
    else if (frames.isClosed && socket.writable) socket.end(closing(1000));
  };
  const over = () => {
    if (frames.isClosed) recording.requestEnded();
    else recording.requestAborted();
    recording.endedUnanswered();
  };
  read(head);
  socket.on("data", read);
  socket.on("end", () => socket.end());
  socket.on("close", over);
}

function closing(code: number): Buffer {
  return encodeWebSocketFrame({ opcode: webSocketOpcodes.close, payload: Uint8Array.of(code >> 8, code & 0xff) });
}
