import { webSocketOpcodes } from "../../message/index.js";
import type { CapturedBody } from "../captured.js";
import type { Exchange, Frame } from "../exchange.js";
import { wholeBody } from "../import/imported.js";
import { bytesOfBase64 } from "./body-text.js";
import type { HarEntry } from "./schema.js";

type Message = NonNullable<HarEntry["_webSocketMessages"]>[number];

const kindOf: ReadonlyMap<number, Frame["kind"]> = new Map([
  [webSocketOpcodes.text, "text"],
  [webSocketOpcodes.binary, "binary"],
  [webSocketOpcodes.ping, "ping"],
  [webSocketOpcodes.pong, "pong"],
  [webSocketOpcodes.close, "close"],
]);

/** A conversation: what each side sent, and the frames that lie in it. */
export interface Conversation {
  request: CapturedBody;
  answer: CapturedBody;
  frames: Frame[];
}

/** The messages of an entry, where it has any. Errors that Chrome writes among them (opcode -1) are no messages. */
export function webSocketOf({ _webSocketMessages: messages }: HarEntry): Conversation | undefined {
  if (!messages) return undefined;
  const sent = { "to-server": [] as Buffer[], "to-client": [] as Buffer[] };
  const bytes = { "to-server": 0, "to-client": 0 };
  const frames: Frame[] = [];
  for (const message of messages) {
    const kind = kindOf.get(message.opcode);
    if (kind === undefined || !(message.time >= 0 && message.time < 1e10)) continue;
    const direction = message.type === "send" ? "to-server" : "to-client";
    const payload = payloadOf(message);
    frames.push({ direction, kind, atNs: secondsToNs(message.time), offset: bytes[direction], length: payload.length });
    sent[direction].push(payload);
    bytes[direction] += payload.length;
  }
  return {
    request: wholeBody(Buffer.concat(sent["to-server"])),
    answer: wholeBody(Buffer.concat(sent["to-client"])),
    frames,
  };
}

function payloadOf({ opcode, data }: Message): Buffer {
  if (opcode === webSocketOpcodes.text) return Buffer.from(data, "utf8");
  return bytesOfBase64(data) ?? Buffer.from(data, "utf8");
}

/** A number of seconds has microseconds and no more: the rest is noise of its binary form. */
function secondsToNs(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1e6)) * 1000n;
}

/** The text and binary messages of an Exchange as Chrome writes them; control frames and closings it leaves out. */
export function webSocketMessages({ frames, request, answer }: Exchange): Message[] | undefined {
  const messages = frames.filter(({ kind }) => kind === "text" || kind === "binary");
  if (messages.length === 0) return undefined;
  const bodies = {
    "to-server": bytesIn(request.body),
    "to-client": answer.kind === "response" ? bytesIn(answer.body) : Buffer.alloc(0),
  };
  return messages.map(({ direction, kind, atNs, offset, length }) => {
    const payload = bodies[direction].subarray(offset, offset + length);
    return {
      type: direction === "to-server" ? "send" : "receive",
      time: Number(atNs / 1000n) / 1e6,
      opcode: kind === "text" ? webSocketOpcodes.text : webSocketOpcodes.binary,
      data: payload.toString(kind === "text" ? "utf8" : "base64"),
    };
  });
}

function bytesIn(body: Exchange["request"]["body"]): Buffer {
  if (body.kind !== "whole" && body.kind !== "cut") return Buffer.alloc(0);
  return Buffer.from(body.bytes.buffer, body.bytes.byteOffset, body.bytes.byteLength);
}
