import type { Socket } from "node:net";
import type { Recording } from "../../capture/recording.js";
import { type PlainHead, readPlainHead } from "./plain-head.js";

/** What becomes of the requests of one connection. */
export interface PlainParts {
  /** A head that is longer is not read here. */
  maxHeaderBytes: number;
  begin(head: PlainHead): Recording;
  /** Its request has ended: the fields of the empty 200 that answers it. */
  ended(recording: Recording): readonly string[];
  /** The connection is gone in the middle of a body. */
  aborted(recording: Recording): void;
  /** Bytes came. */
  used(): void;
  /** The answer is to say that no other request is taken. */
  isLast(): boolean;
  /** Something that is not plain: its first bytes are put back, and the connection is another's from here on. */
  handOver(): void;
  /** Thrown by any of these; the connection is lost. */
  failed(thrown: unknown, recording: Recording | undefined): void;
}

/**
 * Reads plain requests of a connection and answers each with an empty 200 at its end, in their order. A whole HTTP
 * server takes half as long again for a small copy as reading it here does, and can be had at any time: the first
 * request that is not plain is put back for it.
 */
export class PlainRequests {
  readonly #socket: Socket;
  readonly #parts: PlainParts;
  /** The request whose body is coming. */
  #recording: Recording | undefined;
  #bodyBytesLeft = 0;

  /** Reads from now on. */
  constructor(socket: Socket, parts: PlainParts) {
    this.#socket = socket;
    this.#parts = parts;
    socket.on("data", this.#read).on("end", this.#end).on("close", this.#gone).on("drain", this.#drained).resume();
  }

  /** No request is being read. */
  get isIdle(): boolean {
    return this.#recording === undefined;
  }

  readonly #read = (bytes: Buffer): void => {
    try {
      this.#parts.used();
      this.#take(bytes);
    } catch (thrown) {
      this.#parts.failed(thrown, this.#recording);
      this.#recording = undefined;
      this.#socket.destroy();
    }
  };

  #take(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && this.#socket.writable; ) {
      if (this.#recording !== undefined) {
        at = this.#takeBody(this.#recording, bytes, at);
        continue;
      }
      const head = readPlainHead(bytes, at, this.#parts.maxHeaderBytes);
      if (head === undefined) {
        this.#handOver(bytes.subarray(at));
        return;
      }
      at = head.endsAt;
      const recording = this.#parts.begin(head);
      this.#recording = recording;
      this.#bodyBytesLeft = head.bodyBytes;
      if (head.bodyBytes === 0) this.#answer(recording);
    }
  }

  /** Gives where the body, or what came of it, is over. */
  #takeBody(recording: Recording, bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#bodyBytesLeft);
    this.#bodyBytesLeft -= end - at;
    recording.requestPiece(bytes.subarray(at, end));
    if (this.#bodyBytesLeft === 0) this.#answer(recording);
    return end;
  }

  #answer(recording: Recording): void {
    const fields = this.#parts.ended(recording);
    this.#recording = undefined;
    const isLast = this.#parts.isLast();
    const isTaken = this.#socket.write(emptyOk(fields, isLast));
    if (isLast) this.#socket.end();
    else if (!isTaken) this.#socket.pause(); // a client that does not read is not read
  }

  readonly #drained = (): void => {
    this.#socket.resume();
  };

  /** The client has said all; a body that was not whole then never will be. */
  readonly #end = (): void => {
    if (this.isIdle) this.#socket.end();
    else this.#socket.destroy();
  };

  readonly #gone = (): void => {
    if (this.#recording !== undefined) this.#parts.aborted(this.#recording);
    this.#recording = undefined;
  };

  #handOver(rest: Buffer): void {
    const socket = this.#socket;
    socket.off("data", this.#read).off("end", this.#end).off("close", this.#gone).off("drain", this.#drained);
    socket.pause();
    socket.unshift(rest);
    this.#parts.handOver();
    socket.resume();
  }
}

/** A server with a clock says the time (RFC 9110, section 6.6.1). */
function emptyOk(fields: readonly string[], isLast: boolean): Buffer {
  const nowMs = Date.now();
  const second = Math.floor(nowMs / 1000);
  if (second === said.second && fields === said.fields && isLast === said.isLast) return said.bytes;
  let lines = "";
  for (let at = 0; at < fields.length; at += 2) lines += `${fields[at]}: ${fields[at + 1]}\r\n`;
  const date = new Date(nowMs).toUTCString();
  const end = isLast ? "connection: close\r\n\r\n" : "\r\n";
  const bytes = Buffer.from(`HTTP/1.1 200 OK\r\n${lines}date: ${date}\r\n${end}`, "latin1");
  said = { second, fields, isLast, bytes };
  return bytes;
}

/** The answer given last: it is the same for a second, whoever asks. */
let said: { second: number; fields: readonly string[]; isLast: boolean; bytes: Buffer } = {
  ...{ second: 0, fields: [], isLast: false, bytes: Buffer.alloc(0) },
};
