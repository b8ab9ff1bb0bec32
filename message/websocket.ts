import { createHash } from "node:crypto";

/** Opcodes of RFC 6455, section 5.2. */
export const webSocketOpcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The head of a frame. */
export interface WebSocketFrameHead {
  opcode: number;
  /** Last frame of its message. */
  fin: boolean;
  /** First reserved bit: the message is compressed (RFC 7692, section 6). */
  compressed: boolean;
  masked: boolean;
  payloadBytes: number;
}

/** What a {@link WebSocketParser} finds: each frame is a head, its payload in pieces (none when empty), and its end. */
export type WebSocketPart =
  | { kind: "head"; head: WebSocketFrameHead }
  /** Unmasked; a copy where it was masked. */
  | { kind: "payload"; bytes: Uint8Array }
  | { kind: "end" }
  /** What came is not RFC 6455: nothing more is found after it. */
  | { kind: "violation"; reason: string };

const controlBit = 8;
const maxControlBytes = 125;

/** Takes the bytes of one direction as they come, in pieces of any size, and says what they mean. Holds no payload. */
export class WebSocketParser {
  /** Bytes of a head that is not whole yet: at most 14. */
  #headBytes = Buffer.alloc(14);
  #headSeen = 0;
  #mask: Uint8Array | undefined;
  #payloadLeft = 0;
  #payloadSeen = 0;
  #state: "head" | "payload" | "broken" = "head";
  #insideMessage = false;

  /** The whole of the bytes is read when the iteration is finished. */
  *push(bytes: Uint8Array): Generator<WebSocketPart> {
    let at = 0;
    while (at < bytes.length && this.#state !== "broken") {
      if (this.#state === "payload") {
        const piece = bytes.subarray(at, at + this.#payloadLeft);
        at += piece.length;
        yield* this.#payload(piece);
      } else {
        this.#headBytes[this.#headSeen++] = bytes[at++]!;
        yield* this.#head();
      }
    }
  }

  *#head(): Generator<WebSocketPart> {
    const reason = this.#violation();
    if (reason !== undefined) {
      this.#state = "broken";
      yield { kind: "violation", reason };
    } else if (this.#headSeen === headLength(this.#headBytes, this.#headSeen)) {
      yield* this.#begin(readHead(this.#headBytes));
    }
  }

  *#begin(head: WebSocketFrameHead): Generator<WebSocketPart> {
    if ((head.opcode & controlBit) === 0) this.#insideMessage = !head.fin;
    this.#mask = head.masked
      ? Uint8Array.from(this.#headBytes.subarray(this.#headSeen - 4, this.#headSeen))
      : undefined;
    this.#headSeen = 0;
    this.#payloadLeft = head.payloadBytes;
    this.#payloadSeen = 0;
    this.#state = "payload";
    yield { kind: "head", head };
    if (head.payloadBytes === 0) yield this.#end();
  }

  *#payload(piece: Uint8Array): Generator<WebSocketPart> {
    const plain = this.#mask === undefined ? piece : unmask(piece, this.#mask, this.#payloadSeen);
    this.#payloadSeen += piece.length;
    this.#payloadLeft -= piece.length;
    yield { kind: "payload", bytes: plain };
    if (this.#payloadLeft === 0) yield this.#end();
  }

  #end(): WebSocketPart {
    this.#state = "head";
    return { kind: "end" };
  }

  /** Said as soon as the bytes of the head so far show it. */
  #violation(): string | undefined {
    const bytes = this.#headBytes;
    const opcode = bytes[0]! & 0x0f;
    if ((bytes[0]! & 0x30) !== 0) return "reserved bits are set";
    if ((opcode & 7) > 2) return `unknown opcode ${opcode}`;
    if ((opcode & controlBit) !== 0) return this.#controlViolation();
    if (opcode === webSocketOpcodes.continuation && !this.#insideMessage) return "a continuation of nothing";
    if (opcode !== webSocketOpcodes.continuation && this.#insideMessage) return "a message inside another";
    const isLong = this.#headSeen === 10 && (bytes[1]! & 0x7f) === 127;
    return isLong && !Number.isSafeInteger(readHead(bytes).payloadBytes)
      ? "a payload longer than 2^53 bytes"
      : undefined;
  }

  #controlViolation(): string | undefined {
    const isFragment = (this.#headBytes[0]! & 0x80) === 0;
    const isLong = this.#headSeen > 1 && (this.#headBytes[1]! & 0x7f) > maxControlBytes;
    return isFragment || isLong ? "a control frame in fragments, or longer than 125 bytes" : undefined;
  }
}

/** How long the head is, as far as its first bytes tell. */
function headLength(bytes: Uint8Array, seen: number): number {
  if (seen < 2) return 2;
  const length = bytes[1]! & 0x7f;
  const lengthBytes = length === 126 ? 2 : length === 127 ? 8 : 0;
  return 2 + lengthBytes + (bytes[1]! & 0x80 ? 4 : 0);
}

function readHead(bytes: Buffer): WebSocketFrameHead {
  const short = bytes[1]! & 0x7f;
  return {
    opcode: bytes[0]! & 0x0f,
    fin: (bytes[0]! & 0x80) !== 0,
    compressed: (bytes[0]! & 0x40) !== 0,
    masked: (bytes[1]! & 0x80) !== 0,
    payloadBytes: short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short,
  };
}

function unmask(bytes: Uint8Array, mask: Uint8Array, seen: number): Uint8Array {
  const plain = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) plain[at] = bytes[at]! ^ mask[(seen + at) & 3]!;
  return plain;
}

/** One frame as bytes; masked when a mask (4 bytes) is given, as clients must. */
export function encodeWebSocketFrame(
  frame: { opcode: number; payload: Uint8Array; fin?: boolean; compressed?: boolean },
  mask?: Uint8Array,
): Buffer {
  const { opcode, payload, fin = true, compressed = false } = frame;
  const first = (fin ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode;
  const length = encodeLength(payload.length, mask === undefined ? 0 : 0x80);
  if (mask === undefined) return Buffer.concat([Uint8Array.of(first), length, payload]);
  return Buffer.concat([Uint8Array.of(first), length, mask, unmask(payload, mask, 0)]);
}

function encodeLength(bytes: number, maskBit: number): Buffer {
  if (bytes < 126) return Buffer.of(maskBit | bytes);
  if (bytes < 65_536) return Buffer.of(maskBit | 126, bytes >> 8, bytes & 0xff);
  const long = Buffer.alloc(9, maskBit | 127);
  long.writeBigUInt64BE(BigInt(bytes), 1);
  return long;
}

/** What a server answers to a client's Sec-WebSocket-Key (RFC 6455, section 4.2.2). */
export function webSocketAccept(key: string): string {
  return createHash("sha1").update(`${key.trim()}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}
