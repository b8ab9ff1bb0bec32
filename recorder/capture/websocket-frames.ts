import type { Clock } from "../../base/index.js";
import { type WebSocketFrameHead, WebSocketParser, webSocketOpcodes } from "../../message/index.js";
import type { CapturedFrame } from "../../tape/index.js";
import type { Recording } from "./recording.js";

type Kind = CapturedFrame["kind"];
type Direction = CapturedFrame["direction"];

/** More control frames than this inside one message are not kept. */
const mostHeldBack = 64;

interface HeldBack {
  kind: Kind;
  atMs: number;
  pieces: Uint8Array[];
}

/**
 * Reads one direction of a WebSocket connection into a recording: the body is the payloads one after another, and each
 * message is a frame with its place there. A control frame that came between the fragments of a message stands after
 * it, so that a message is one stretch.
 */
export class WebSocketFrames {
  /** Why the bytes were no longer understood; nothing is recorded after that. */
  violation: string | undefined;
  /** A close frame came. */
  isClosed = false;
  readonly #parser = new WebSocketParser();
  readonly #recording: Recording;
  readonly #direction: Direction;
  readonly #clock: Clock;
  #offset = 0;
  #message: { kind: Kind; atMs: number; offset: number; ends: boolean } | undefined;
  #control: HeldBack | undefined;
  #heldBack: HeldBack[] = [];

  constructor(recording: Recording, direction: Direction, clock: Clock) {
    this.#recording = recording;
    this.#direction = direction;
    this.#clock = clock;
  }

  push(bytes: Uint8Array): void {
    if (this.violation !== undefined) return;
    for (const part of this.#parser.push(bytes)) {
      if (part.kind === "head") this.#begin(part.head);
      else if (part.kind === "payload") this.#payload(part.bytes);
      else if (part.kind === "end") this.#end();
      else this.violation = part.reason;
    }
  }

  #begin(head: WebSocketFrameHead): void {
    const atMs = this.#clock.now();
    const kind = controlKind(head.opcode);
    if (kind !== undefined) {
      this.#control = { kind, atMs, pieces: [] };
      return;
    }
    this.#message ??= {
      kind: head.opcode === webSocketOpcodes.text ? "text" : "binary",
      atMs,
      offset: this.#offset,
      ends: false,
    };
    this.#message.ends = head.fin;
  }

  #payload(bytes: Uint8Array): void {
    if (this.#control !== undefined) this.#control.pieces.push(bytes);
    else this.#write(bytes);
  }

  #write(bytes: Uint8Array): void {
    this.#offset += bytes.length;
    if (this.#direction === "to-server") this.#recording.requestPiece(bytes);
    else this.#recording.answerPiece(bytes);
  }

  #end(): void {
    const control = this.#control;
    if (control !== undefined) {
      this.#control = undefined;
      this.isClosed ||= control.kind === "close";
      if (this.#message === undefined) this.#writeControl(control);
      else if (this.#heldBack.length < mostHeldBack) this.#heldBack.push(control);
    } else if (this.#message?.ends === true) {
      const { kind, atMs, offset } = this.#message;
      this.#frame(kind, atMs, offset);
      this.#message = undefined;
      for (const held of this.#heldBack.splice(0)) this.#writeControl(held);
    }
  }

  #writeControl({ kind, atMs, pieces }: HeldBack): void {
    const offset = this.#offset;
    for (const piece of pieces) this.#write(piece);
    this.#frame(kind, atMs, offset);
  }

  #frame(kind: Kind, atMs: number, offset: number): void {
    this.#recording.frame({ direction: this.#direction, kind, atMs, offset, length: this.#offset - offset });
  }
}

function controlKind(opcode: number): Kind | undefined {
  if (opcode === webSocketOpcodes.close) return "close";
  if (opcode === webSocketOpcodes.ping) return "ping";
  if (opcode === webSocketOpcodes.pong) return "pong";
  return undefined;
}
