import { isUtf8 } from "node:buffer";
import { firstValue, parseJson, WebSocketParser, webSocketOpcodes } from "../../../message/index.js";
import { compareJson } from "../json/compare-json.js";
import { bytesAsJson } from "../protobuf/bytes-text.js";
import type { BodyKind } from "./body-kind.js";

/**
 * What a server sent on a WebSocket connection, message by message: `body:/3/text/price`, `body:/4/binary`, and the code
 * and reason it closed with. Pings and pongs keep a connection open and say nothing; how messages are cut into frames
 * neither. Compressed messages are compared as bytes.
 */
export const webSocket: BodyKind = {
  name: "websocket",
  fits: ({ from, to }) => [from, to].every(({ headers }) => firstValue(headers, "sec-websocket-accept") !== undefined),
  compare({ expected, actual, findings }) {
    const [left, right] = [messagesOf(expected), messagesOf(actual)];
    if (left === undefined || right === undefined) return false;
    return compareJson(Buffer.from(left), Buffer.from(right), "utf8", findings).kind === "compared";
  },
};

/** As a JSON array; undefined when the bytes are no frames. */
function messagesOf(bytes: Uint8Array): string | undefined {
  const messages: string[] = [];
  let payload: Uint8Array[] = [];
  let opcode = 0;
  let compressed = false;
  let control = -1;
  let fin = true;
  let controlPayload: Uint8Array[] = [];
  for (const part of new WebSocketParser().push(bytes)) {
    if (part.kind === "violation") return undefined;
    if (part.kind === "head") {
      const isControl = part.head.opcode >= webSocketOpcodes.close;
      control = isControl ? part.head.opcode : -1;
      if (isControl) continue;
      fin = part.head.fin;
      if (part.head.opcode !== webSocketOpcodes.continuation) {
        opcode = part.head.opcode;
        compressed = part.head.compressed;
      }
    } else if (part.kind === "payload") (control === -1 ? payload : controlPayload).push(part.bytes);
    else if (control === -1) {
      if (!fin) continue;
      messages.push(messageOf(Buffer.concat(payload), opcode === webSocketOpcodes.text && !compressed));
      payload = [];
    } else {
      if (control === webSocketOpcodes.close) messages.push(closeOf(Buffer.concat(controlPayload)));
      controlPayload = [];
    }
  }
  if (payload.length > 0) messages.push(`{"unfinished":${bytesAsJson(Buffer.concat(payload))}}`);
  return `[${messages.join()}]`;
}

function messageOf(payload: Buffer, isText: boolean): string {
  if (!isText || !isUtf8(payload)) return `{"binary":${bytesAsJson(payload)}}`;
  const text = payload.toString();
  return `{"text":${/^\s*[{[]/.test(text) && parseJson(text) !== undefined ? text : JSON.stringify(text)}}`;
}

function closeOf(payload: Buffer): string {
  const code = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
  return `{"close":${code},"reason":${JSON.stringify(payload.toString("utf8", 2))}}`;
}
