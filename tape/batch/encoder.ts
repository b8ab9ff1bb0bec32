import type {
  CapturedAnswer,
  CapturedBeside,
  CapturedBody,
  CapturedCall,
  CapturedFrame,
  CapturedPart,
  CapturedRequest,
  CapturedStatus,
} from "../captured.js";
import {
  answerEnds,
  answerKinds,
  failureReasons,
  frameDirections,
  frameKinds,
  partKinds,
  requestEnds,
} from "../codes.js";
import { protocols, vantages } from "../exchange.js";
import type { EncodedBatch } from "./encoded-batch.js";
import { at, flag, frameAt, frameBytes, hashBytes, headBytes } from "./layout.js";

const noBody: CapturedBody = { pieces: [], fullBytes: 0 };
const noFrames: readonly CapturedFrame[] = [];
const noText: readonly string[] = [];
const unknownAnswer: CapturedAnswer = { kind: "unknown" };
/** In the place of the request that a `status` does not hold. */
const noRequest: CapturedRequest = {
  method: "",
  scheme: "",
  authority: "",
  path: "",
  protocol: "http/1.1",
  headers: [],
  body: noBody,
  end: "complete",
  startedMs: 0,
};
const spareBuffers = 4;
// Node gives header text as latin1. Anything else would be cut to its low byte, which could be the NUL that separates.
const beyondLatin1 = /[^\0-\xff]/;

/**
 * Writes parts as bytes into one buffer, on the traffic thread: no JSON, no object a part, one write for all its text.
 * Nothing of a part is held after `add` returns.
 */
export class BatchEncoder {
  readonly #capacityBytes: number;
  #bytes: Buffer | undefined;
  #view: DataView | undefined;
  #usedBytes = 0;
  #parts = 0;
  readonly #spare: ArrayBuffer[] = [];

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  /** Bytes taken by the parts since the last `take`. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Parts since the last `take`. */
  get parts(): number {
    return this.#parts;
  }

  /**
   * Adds a part. `false`: no room beside the parts already there, `take` first. A part larger than the capacity gets a
   * buffer of its own size, alone.
   */
  add(captured: CapturedPart): boolean {
    const part = captured.part === "status" ? statusAsCall(captured) : captured;
    const answer = part.part === "request" ? unknownAnswer : part.answer;
    const frames = part.part === "request" || part.part === "status" ? undefined : part.frames;
    const text = textOf(part, answer);
    const requestKept = keptBytes(part.request.body);
    const answerBody = answer.kind === "response" ? answer.body : noBody;
    const answerKept = keptBytes(answerBody);
    const hashes = (part.request.body.hash ? hashBytes : 0) + (answerBody.hash ? hashBytes : 0);
    const frameList = frames ?? noFrames;
    const partBytes = headBytes + text.length + hashes + requestKept + answerKept + frameList.length * frameBytes;
    if (!this.#makeRoom(partBytes)) return false;

    const bytes = this.#bytes!;
    const view = this.#view!;
    const start = this.#usedBytes;
    writeHead(view, start, part, answer);
    view.setUint32(start + at.partBytes, partBytes, true);
    view.setUint32(start + at.textBytes, text.length, true);
    view.setUint32(start + at.keptBytes, requestKept, true);
    view.setUint32(start + at.answerKeptBytes, answerKept, true);
    view.setUint32(start + at.frames, frameList.length, true);
    let end = start + headBytes;
    end += bytes.write(text, end, "latin1");
    end = writeHash(bytes, end, part.request.body);
    end = writeHash(bytes, end, answerBody);
    end = writePieces(bytes, end, part.request.body);
    end = writePieces(bytes, end, answerBody);
    for (const frame of frameList) end = writeFrame(view, end, frame);
    this.#usedBytes = end;
    this.#parts++;
    return true;
  }

  /** The parts so far, in a buffer that is the taker's from now on; the encoder begins a new one. */
  take(): EncodedBatch {
    const batch = {
      buffer: (this.#bytes?.buffer as ArrayBuffer | undefined) ?? new ArrayBuffer(0),
      usedBytes: this.#usedBytes,
      parts: this.#parts,
    };
    this.#use(undefined);
    this.#usedBytes = 0;
    this.#parts = 0;
    return batch;
  }

  /** Gives back the buffer of a batch that was stored (`AppendReceipt.buffer`): saves allocating the next. */
  reuse(buffer: ArrayBuffer): void {
    if (buffer.byteLength === this.#capacityBytes && this.#spare.length < spareBuffers) this.#spare.push(buffer);
  }

  #makeRoom(partBytes: number): boolean {
    if (this.#bytes && this.#usedBytes + partBytes <= this.#bytes.length) return true;
    if (this.#parts > 0) return false;
    if (partBytes > this.#capacityBytes) this.#use(new ArrayBuffer(partBytes));
    else this.#use(this.#spare.pop() ?? new ArrayBuffer(this.#capacityBytes));
    return true;
  }

  #use(buffer: ArrayBuffer | undefined): void {
    this.#bytes = buffer && Buffer.from(buffer);
    this.#view = buffer && new DataView(buffer);
  }
}

/** A part as it is encoded: a `status` in the form of a call. */
type Encodable = CapturedCall | StatusAsCall;
type EncodableAnswer = CapturedAnswer | (CapturedStatus["answer"] & { startedMs: number; endedMs: number });

interface StatusAsCall extends Pick<CapturedStatus, "part" | "sequence" | "vantage"> {
  connection?: never;
  client?: never;
  request: CapturedRequest;
  answer: EncodableAnswer;
  beside?: CapturedBeside;
}

function statusAsCall({ part, sequence, vantage, ...told }: CapturedStatus): StatusAsCall {
  const times = { startedMs: told.startedAfterMs ?? Number.NaN, endedMs: told.endedAfterMs ?? Number.NaN };
  const call: StatusAsCall = { part, sequence, vantage, request: noRequest, answer: { ...told.answer, ...times } };
  if (told.proxy !== undefined) call.beside = { proxy: told.proxy };
  return call;
}

function textOf(part: Encodable, answer: EncodableAnswer): string {
  const { request } = part;
  let text = `${request.method}\0${request.scheme}\0${request.authority}\0${request.path}\0${part.connection ?? ""}\0${part.client ?? ""}\0${part.beside === undefined ? "" : JSON.stringify(part.beside)}`;
  text = withFields(text, request.headers);
  if (request.rawHeaders) text = withFields(text, request.rawHeaders);
  if (request.trailers) text = withFields(text, request.trailers);
  if (answer.kind === "response") {
    text = withFields(text, answer.headers);
    if (answer.trailers) text = withFields(text, answer.trailers);
  }
  return beyondLatin1.test(text) ? text.replaceAll(/[^\0-\xff]/g, "?") : text;
}

function withFields(text: string, fields: readonly string[]): string {
  return fields.length === 0 ? text : `${text}\0${fields.join("\0")}`;
}

function keptBytes(body: CapturedBody): number {
  let kept = 0;
  for (const piece of body.pieces) kept += piece.length;
  return kept;
}

function writeHead(view: DataView, start: number, part: Encodable, answer: EncodableAnswer): void {
  const { request } = part;
  view.setUint8(start + at.kind, partKinds.indexOf(part.part));
  view.setUint8(start + at.vantage, vantages.indexOf(part.vantage));
  view.setUint8(start + at.protocol, protocols.indexOf(request.protocol));
  view.setUint8(start + at.requestEnd, requestEnds.indexOf(request.end));
  view.setUint8(start + at.flags, flagsOf(part, answer));
  view.setUint32(start + at.headers, request.headers.length, true);
  view.setUint32(start + at.rawHeaders, (request.rawHeaders ?? noText).length, true);
  view.setUint32(start + at.trailers, (request.trailers ?? noText).length, true);
  view.setFloat64(start + at.sequence, part.sequence, true);
  view.setFloat64(start + at.startedMs, request.startedMs, true);
  view.setFloat64(start + at.endedMs, request.endedMs ?? Number.NaN, true);
  view.setFloat64(start + at.fullBytes, request.body.fullBytes, true);
  writeAnswerHead(view, start, answer);
}

function writeAnswerHead(view: DataView, start: number, answer: EncodableAnswer): void {
  const response = answer.kind === "response" ? answer : undefined;
  const endedMs = answer.kind === "unknown" ? undefined : answer.endedMs;
  const startedMs = "startedMs" in answer ? answer.startedMs : undefined;
  view.setUint8(start + at.answerKind, answerKinds.indexOf(answer.kind));
  view.setUint8(start + at.answerEnd, endCode(answer));
  view.setUint32(start + at.status, "status" in answer ? answer.status : 0, true);
  view.setUint32(start + at.answerHeaders, (response?.headers ?? noText).length, true);
  view.setUint32(start + at.answerTrailers, (response?.trailers ?? noText).length, true);
  view.setFloat64(start + at.answerStartedMs, startedMs ?? Number.NaN, true);
  view.setFloat64(start + at.answerEndedMs, endedMs ?? Number.NaN, true);
  view.setFloat64(start + at.answerFullBytes, response?.body.fullBytes ?? 0, true);
}

function endCode(answer: EncodableAnswer): number {
  if (answer.kind === "response") return answerEnds.indexOf(answer.end);
  return answer.kind === "failure" ? failureReasons.indexOf(answer.reason) : 0;
}

function flagsOf(part: Encodable, answer: EncodableAnswer): number {
  const response = answer.kind === "response" ? answer : undefined;
  const { request } = part;
  return (
    (part.connection === undefined ? 0 : flag.connection) |
    (part.client === undefined ? 0 : flag.client) |
    (request.rawHeaders ? flag.rawHeaders : 0) |
    (request.trailers ? flag.trailers : 0) |
    (response?.trailers ? flag.answerTrailers : 0) |
    (request.body.hash ? flag.hash : 0) |
    (response?.body.hash ? flag.answerHash : 0) |
    ("frames" in part && part.frames ? flag.frames : 0)
  );
}

function writeHash(bytes: Buffer, end: number, body: CapturedBody): number {
  if (!body.hash) return end;
  bytes.set(body.hash, end);
  return end + hashBytes;
}

function writePieces(bytes: Buffer, start: number, body: CapturedBody): number {
  let end = start;
  for (const piece of body.pieces) {
    bytes.set(piece, end);
    end += piece.length;
  }
  return end;
}

function writeFrame(view: DataView, start: number, frame: CapturedFrame): number {
  view.setUint8(start + frameAt.direction, frameDirections.indexOf(frame.direction));
  view.setUint8(start + frameAt.kind, frameKinds.indexOf(frame.kind));
  view.setFloat64(start + frameAt.atMs, frame.atMs, true);
  view.setFloat64(start + frameAt.offset, frame.offset, true);
  view.setFloat64(start + frameAt.length, frame.length, true);
  return start + frameBytes;
}
