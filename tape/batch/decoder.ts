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
  wordOf,
} from "../codes.js";
import { protocols, vantages } from "../exchange.js";
import type { EncodedBatch } from "./encoded-batch.js";
import { at, flag, frameAt, frameBytes, hashBytes, headBytes, leadingTexts } from "./layout.js";

/**
 * The parts of a batch, in the order they were added. Bodies are views into the batch's buffer: use them before the
 * buffer is given back.
 */
export function* decodeBatch(batch: EncodedBatch): Generator<CapturedPart> {
  const bytes = Buffer.from(batch.buffer, 0, batch.usedBytes);
  const view = new DataView(batch.buffer, 0, batch.usedBytes);
  let start = 0;
  for (let part = 0; part < batch.parts; part++) {
    yield decodePart({ bytes, view, start });
    start += view.getUint32(start + at.partBytes, true);
  }
}

interface Place {
  bytes: Buffer;
  view: DataView;
  start: number;
}

function decodePart(place: Place): CapturedPart {
  const { view, start } = place;
  const flags = view.getUint8(start + at.flags);
  const texts = textsOf(place);
  if (wordOf(partKinds, view.getUint8(start + at.kind)) === "status") return statusOf(place, texts);
  const blobs = blobsOf(place, flags);
  const request = requestOf(place, flags, texts, blobs.request);
  const decoded = partOf(place, request, flags, texts, blobs);
  if (flags & flag.connection) decoded.connection = texts.leading[4]!;
  if (flags & flag.client) decoded.client = texts.leading[5]!;
  if (texts.leading[6] !== "") decoded.beside = besideOf(texts);
  return decoded;
}

function besideOf({ leading }: Texts): CapturedBeside {
  return JSON.parse(leading[6]!) as CapturedBeside;
}

function statusOf(place: Place, texts: Texts): CapturedStatus {
  const { view, start } = place;
  const startedAfterMs = view.getFloat64(start + at.answerStartedMs, true);
  const endedAfterMs = view.getFloat64(start + at.answerEndedMs, true);
  const status: CapturedStatus = {
    part: "status",
    sequence: view.getFloat64(start + at.sequence, true),
    vantage: wordOf(vantages, view.getUint8(start + at.vantage)),
    answer: toldAnswerOf(place),
  };
  if (!Number.isNaN(startedAfterMs)) status.startedAfterMs = startedAfterMs;
  if (!Number.isNaN(endedAfterMs)) status.endedAfterMs = endedAfterMs;
  const proxy = texts.leading[6] === "" ? undefined : besideOf(texts).proxy;
  if (proxy !== undefined) status.proxy = proxy;
  return status;
}

function toldAnswerOf({ view, start }: Place): CapturedStatus["answer"] {
  const kind = wordOf(answerKinds, view.getUint8(start + at.answerKind));
  if (kind !== "failure") return { kind: "status-only", status: view.getUint32(start + at.status, true) };
  return { kind, reason: wordOf(failureReasons, view.getUint8(start + at.answerEnd)) };
}

function partOf(place: Place, request: CapturedRequest, flags: number, texts: Texts, blobs: Blobs): CapturedCall {
  const { view, start } = place;
  const part = wordOf(partKinds, view.getUint8(start + at.kind)) as CapturedCall["part"];
  const sequence = view.getFloat64(start + at.sequence, true);
  const vantage = wordOf(vantages, view.getUint8(start + at.vantage));
  if (part === "request") return { part, sequence, vantage, request };
  const answer = answerOf(place, flags, texts, blobs.answer);
  if (!(flags & flag.frames)) return { part, sequence, vantage, request, answer };
  return { part, sequence, vantage, request, answer, frames: framesOf(place, blobs.end) };
}

const none: readonly string[] = [];
const noBytes = new Uint8Array(0);

interface Texts {
  leading: readonly string[];
  headers: readonly string[];
  rawHeaders: readonly string[];
  trailers: readonly string[];
  answerHeaders: readonly string[];
  answerTrailers: readonly string[];
}

function textsOf({ bytes, view, start }: Place): Texts {
  const textBytes = view.getUint32(start + at.textBytes, true);
  const all = bytes.toString("latin1", start + headBytes, start + headBytes + textBytes).split("\0");
  const headersEnd = leadingTexts + view.getUint32(start + at.headers, true);
  const rawHeadersEnd = headersEnd + view.getUint32(start + at.rawHeaders, true);
  const trailersEnd = rawHeadersEnd + view.getUint32(start + at.trailers, true);
  const answerHeadersEnd = trailersEnd + view.getUint32(start + at.answerHeaders, true);
  const end = answerHeadersEnd + view.getUint32(start + at.answerTrailers, true);
  if (all.length !== end) throw new RangeError(`a part of a batch has ${all.length} texts where ${end} were counted`);
  return {
    leading: all,
    headers: listOf(all, leadingTexts, headersEnd),
    rawHeaders: listOf(all, headersEnd, rawHeadersEnd),
    trailers: listOf(all, rawHeadersEnd, trailersEnd),
    answerHeaders: listOf(all, trailersEnd, answerHeadersEnd),
    answerTrailers: listOf(all, answerHeadersEnd, end),
  };
}

function listOf(all: readonly string[], from: number, to: number): readonly string[] {
  return from === to ? none : all.slice(from, to);
}

interface Blobs {
  request: CapturedBody;
  answer: CapturedBody;
  /** Where the frames begin. */
  end: number;
}

function blobsOf({ bytes, view, start }: Place, flags: number): Blobs {
  let next = start + headBytes + view.getUint32(start + at.textBytes, true);
  const cut = (length: number): Uint8Array => {
    if (length === 0) return noBytes;
    next += length;
    return bytes.subarray(next - length, next);
  };
  const hash = flags & flag.hash ? cut(hashBytes) : undefined;
  const answerHash = flags & flag.answerHash ? cut(hashBytes) : undefined;
  const kept = cut(view.getUint32(start + at.keptBytes, true));
  const answerKept = cut(view.getUint32(start + at.answerKeptBytes, true));
  return {
    request: bodyOf(kept, view.getFloat64(start + at.fullBytes, true), hash),
    answer: bodyOf(answerKept, view.getFloat64(start + at.answerFullBytes, true), answerHash),
    end: next,
  };
}

function bodyOf(kept: Uint8Array, fullBytes: number, hash: Uint8Array | undefined): CapturedBody {
  const pieces = kept.length > 0 ? [kept] : [];
  return hash ? { pieces, fullBytes, hash } : { pieces, fullBytes };
}

// Optional fields are set, not spread: this runs for every call, and spreading costs several times as much.
function requestOf({ view, start }: Place, flags: number, texts: Texts, body: CapturedBody): CapturedRequest {
  const { leading } = texts;
  const endedMs = view.getFloat64(start + at.endedMs, true);
  const request: CapturedRequest = {
    method: leading[0]!,
    scheme: leading[1]!,
    authority: leading[2]!,
    path: leading[3]!,
    protocol: wordOf(protocols, view.getUint8(start + at.protocol)),
    headers: texts.headers,
    body,
    end: wordOf(requestEnds, view.getUint8(start + at.requestEnd)),
    startedMs: view.getFloat64(start + at.startedMs, true),
  };
  if (flags & flag.rawHeaders) request.rawHeaders = texts.rawHeaders;
  if (flags & flag.trailers) request.trailers = texts.trailers;
  if (!Number.isNaN(endedMs)) request.endedMs = endedMs;
  return request;
}

function answerOf({ view, start }: Place, flags: number, texts: Texts, body: CapturedBody): CapturedAnswer {
  const kind = wordOf(answerKinds, view.getUint8(start + at.answerKind));
  const endCode = view.getUint8(start + at.answerEnd);
  const endedMs = view.getFloat64(start + at.answerEndedMs, true);
  if (kind === "failure") return { kind, reason: wordOf(failureReasons, endCode), endedMs };
  if (kind !== "response") return { kind: "unknown" };
  const response: CapturedAnswer = {
    kind,
    status: view.getUint32(start + at.status, true),
    headers: texts.answerHeaders,
    body,
    end: wordOf(answerEnds, endCode),
    startedMs: view.getFloat64(start + at.answerStartedMs, true),
  };
  if (flags & flag.answerTrailers) response.trailers = texts.answerTrailers;
  if (!Number.isNaN(endedMs)) response.endedMs = endedMs;
  return response;
}

function framesOf({ view, start }: Place, framesStart: number): CapturedFrame[] {
  const frames: CapturedFrame[] = [];
  for (let frame = 0; frame < view.getUint32(start + at.frames, true); frame++) {
    const from = framesStart + frame * frameBytes;
    frames.push({
      direction: wordOf(frameDirections, view.getUint8(from + frameAt.direction)),
      kind: wordOf(frameKinds, view.getUint8(from + frameAt.kind)),
      atMs: view.getFloat64(from + frameAt.atMs, true),
      offset: view.getFloat64(from + frameAt.offset, true),
      length: view.getFloat64(from + frameAt.length, true),
    });
  }
  return frames;
}
