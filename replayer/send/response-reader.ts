import type { HeaderList } from "../../message/index.js";
import { BadResponse, fieldsFrom, type ResponseHead, readResponseHead } from "./response-head.js";

/** What is told of a response as its bytes come. */
export interface ResponseEvents {
  /** The final response's head; interim ones (1xx) are passed over. */
  head(status: number, headers: HeaderList): void;
  /** Body bytes, without framing; the piece is only good during the call. */
  piece(bytes: Buffer): void;
  complete(trailers: HeaderList): void;
}

/** As much as undici and node:http are told to take. */
const mostHeadBytes = 1 << 20;
const mostChunkLineBytes = 4096;
const emptyLine = Buffer.from("\r\n\r\n");
const beginning = "HTTP/1.";
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

type State = "idle" | "head" | "length" | "until-close" | "chunk-line" | "chunk" | "chunk-end" | "trailers";

/**
 * Reads the responses of one HTTP/1.1 connection, one after the other (RFC 9112, sections 4 to 7). Strict: what is not
 * allowed throws a BadResponse, and the connection is of no further use.
 */
export class ResponseReader {
  #state: State = "idle";
  #events: ResponseEvents | undefined;
  #toHead = false;
  #head: ResponseHead | undefined;
  /** That of the response before. */
  #likely: ResponseHead | undefined;
  /** Bytes of a head, a line or trailers that are not yet complete. */
  #held: Buffer | undefined;
  /** Bytes that the body or its chunk still lacks. */
  #left = 0;

  /** The next response's events; `toHead`: the request is a HEAD, whose answers have no body. */
  expect(events: ResponseEvents, toHead: boolean): void {
    this.#events = events;
    this.#toHead = toHead;
    this.#head = undefined;
    this.#state = "head";
  }

  /** Nothing is expected: the last response was complete. */
  get idle(): boolean {
    return this.#state === "idle";
  }

  /** The head of the response that came last. */
  get lastHead(): ResponseHead | undefined {
    return this.#head;
  }

  /** Takes what came from the connection. */
  push(bytes: Buffer): void {
    let rest: Buffer | undefined = this.#withHeld(bytes);
    while (rest !== undefined && rest.length > 0) rest = this.#step(rest);
  }

  /** The peer ended the connection; false when the response is not complete by that. */
  end(): boolean {
    if (this.#state !== "until-close") return false;
    this.#complete([]);
    return true;
  }

  #withHeld(bytes: Buffer): Buffer {
    if (this.#held === undefined) return bytes;
    const both = Buffer.concat([this.#held, bytes]);
    this.#held = undefined;
    return both;
  }

  /** Gives what is left after one step, undefined when more has to come first. */
  #step(bytes: Buffer): Buffer | undefined {
    switch (this.#state) {
      case "idle":
        throw new BadResponse("bytes that nobody asked for");
      case "head":
        return this.#readHead(bytes);
      case "length":
      case "chunk":
        return this.#readCounted(bytes);
      case "until-close":
        this.#events!.piece(bytes);
        return undefined;
      case "chunk-line":
        return this.#readChunkLine(bytes);
      case "chunk-end":
        return this.#readChunkEnd(bytes);
      case "trailers":
        return this.#readTrailers(bytes);
    }
  }

  #readHead(bytes: Buffer): Buffer | undefined {
    const head = this.#sameHead(bytes) ?? newHead(bytes);
    if (head === undefined) {
      // What is no HTTP at all may never send an empty line.
      if (!beginning.startsWith(bytes.toString("latin1", 0, beginning.length))) throw new BadResponse("no status line");
      return this.#hold(bytes, mostHeadBytes);
    }
    const rest = bytes.subarray(head.wire.length);
    if (head.status === 101) throw new BadResponse("a change of protocol that nobody asked for");
    if (head.status < 200) return rest;
    this.#head = head;
    this.#likely = head;
    this.#events!.head(head.status, head.headers);
    this.#beginBody(head);
    return rest;
  }

  /** Most answers on a connection have one head until its `date` changes: to compare takes a third of reading it. */
  #sameHead(bytes: Buffer): ResponseHead | undefined {
    const likely = this.#likely;
    if (likely === undefined || bytes.length < likely.wire.length) return undefined;
    return likely.wire.compare(bytes, 0, likely.wire.length) === 0 ? likely : undefined;
  }

  #beginBody({ framing }: ResponseHead): void {
    if (this.#toHead || framing.kind === "none") this.#complete([]);
    else if (framing.kind === "length") {
      this.#left = framing.bytes;
      this.#state = "length";
    } else this.#state = framing.kind === "chunked" ? "chunk-line" : "until-close";
  }

  #readCounted(bytes: Buffer): Buffer | undefined {
    const piece = bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left);
    this.#left -= piece.length;
    this.#events!.piece(piece);
    if (this.#left === 0) {
      if (this.#state === "chunk") this.#state = "chunk-end";
      else this.#complete([]);
    }
    return piece === bytes ? undefined : bytes.subarray(piece.length);
  }

  /** Extensions of a chunk say nothing to us and are passed over (section 7.1.1). */
  #readChunkLine(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf(lineFeed);
    if (end === -1) return this.#hold(bytes, mostChunkLineBytes);
    const size = /^([0-9a-fA-F]{1,12})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?\r\n$/.exec(
      bytes.toString("latin1", 0, end + 1),
    );
    if (size === null) throw new BadResponse("a chunk without its size");
    this.#left = Number.parseInt(size[1]!, 16);
    this.#state = this.#left === 0 ? "trailers" : "chunk";
    return bytes.subarray(end + 1);
  }

  #readChunkEnd(bytes: Buffer): Buffer | undefined {
    if (bytes[0] !== carriageReturn || (bytes.length > 1 && bytes[1] !== lineFeed)) {
      throw new BadResponse("a chunk longer than its size");
    }
    if (bytes.length === 1) return this.#hold(bytes, mostChunkLineBytes);
    this.#state = "chunk-line";
    return bytes.subarray(2);
  }

  #readTrailers(bytes: Buffer): Buffer | undefined {
    if (bytes[0] === carriageReturn && bytes[1] === lineFeed) {
      this.#complete([]);
      return bytes.subarray(2);
    }
    const end = bytes.indexOf(emptyLine);
    if (end === -1) return this.#hold(bytes, mostHeadBytes);
    this.#complete(fieldsFrom(bytes.toString("latin1", 0, end).split("\r\n")));
    return bytes.subarray(end + 4);
  }

  #hold(bytes: Buffer, most: number): undefined {
    if (bytes.length > most) throw new BadResponse("a line without end");
    this.#held = Buffer.from(bytes);
  }

  #complete(trailers: HeaderList): void {
    this.#state = "idle";
    this.#events!.complete(trailers);
  }
}

/** Undefined where it is not all there. */
function newHead(bytes: Buffer): ResponseHead | undefined {
  const end = bytes.indexOf(emptyLine);
  return end === -1 ? undefined : readResponseHead(bytes.toString("latin1", 0, end + 2));
}
