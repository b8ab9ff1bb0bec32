import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Destination } from "../virtual-service/index.js";
import { answerAbort } from "./abort.js";
import { answerLocally } from "./local-answer.js";
import type { Door } from "./mesh.js";
import { sendCopy } from "./mirror.js";
import { waitUnlessGone } from "./wait.js";
import { labelCall, wayOf } from "./way.js";

/** One call: label it, decide, delay, abort, mirror, forward. */
export async function passOn(door: Door, request: IncomingMessage, response: ServerResponse): Promise<void> {
  door.observed.calls++;
  labelCall(request, door.caller);
  const way = wayOf(door, request);
  const delayMs = way.fault.delayMs;
  if (delayMs !== undefined) {
    door.observed.delayed++;
    if ((await waitUnlessGone(delayMs, response)) === "gone") return;
  }
  switch (way.kind) {
    case "abort":
      door.observed.aborted++;
      return answerAbort(request, response, way.abort);
    case "nowhere":
      door.observed.unrouted++;
      request.resume();
      return answerLocally(response, way.answer);
    case "onward":
      mirrorTo(door, request, way.mirrors);
      door.mesh.forwarder.forward(request, response, way.target, () => void door.observed.unreachable++);
  }
}

function mirrorTo({ mesh, observed }: Door, request: IncomingMessage, mirrors: readonly Destination[]): void {
  for (const mirror of mirrors) {
    const target = mesh.locate(mirror);
    if (!target) continue;
    observed.mirrored++;
    sendCopy(request, target);
  }
}

/** One upgrade: routed and aborted like any call; it is not delayed, and no copy is made of it. */
export function passUpgradeOn(door: Door, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  door.observed.calls++;
  socket.on("error", () => socket.destroy());
  labelCall(request, door.caller);
  const way = wayOf(door, request);
  if (way.kind === "onward") {
    door.mesh.forwarder.forwardUpgrade(request, socket, head, way.target);
    return;
  }
  if (way.kind === "abort") door.observed.aborted++;
  else door.observed.unrouted++;
  const status = way.kind === "nowhere" ? way.answer.status : way.abort.kind === "http" ? way.abort.status : 200;
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
}
