import type { FailureReason } from "../../tape/index.js";
import type { Recording } from "../capture/recording.js";
import type { Http1Call, Http2Call, UpgradeCall } from "../mode.js";
import type { NoWay } from "./directory.js";

/** What the client is told of a call that goes nowhere. */
export function refusalOf({ kind }: NoWay, authority: string): { status: number; text: string; reason: FailureReason } {
  switch (kind) {
    case "no-route":
      return { status: 502, text: `tapeloop: no route for "${authority}"\n`, reason: "unresolved-host" };
    case "not-allowed":
      return { status: 403, text: `tapeloop: "${authority}" is not among the allowed hosts\n`, reason: "refused" };
    case "loop":
      return { status: 508, text: `tapeloop: "${authority}" is this recorder itself\n`, reason: "refused" };
  }
}

export function refuseHttp1({ recording, request, response }: Http1Call, why: NoWay): void {
  const { status, text } = recordRefusal(recording, why);
  const length = Buffer.byteLength(text, "latin1");
  if (!request.complete) response.shouldKeepAlive = false;
  response.writeHead(status, ["content-type", "text/plain", "content-length", String(length)]).end(text, "latin1");
  request.resume();
}

export function refuseHttp2({ recording, stream }: Http2Call, why: NoWay): void {
  const { status, text } = recordRefusal(recording, why);
  if (stream.destroyed) return;
  stream.respond({ ":status": status, "content-type": "text/plain" });
  stream.end(text, "latin1");
  stream.resume();
}

export function refuseUpgrade({ recording, socket }: UpgradeCall, why: NoWay): void {
  const { status, text } = recordRefusal(recording, why);
  const length = Buffer.byteLength(text, "latin1");
  socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n${text}`, "latin1");
}

/** The body of what goes nowhere is not read into the tape. */
function recordRefusal(recording: Recording, why: NoWay): ReturnType<typeof refusalOf> {
  const refusal = refusalOf(why, recording.head.authority);
  if (recording.head.hasBody) recording.requestAborted();
  else recording.requestEnded();
  recording.failed(refusal.reason);
  return refusal;
}
