import type { HeaderList } from "../../../message/index.js";
import { answerEnds, answerKinds, bodyKinds, failureReasons, requestEnds, wordOf } from "../../codes.js";
import {
  type Answer,
  type Exchange,
  type ExchangeHead,
  type Frame,
  type Origin,
  protocols,
  type RecorderId,
  type RedactedPlace,
  type Request,
  vantages,
} from "../../exchange.js";
import { headersFromBytes } from "../header-bytes.js";
import { addBeside, type Beside } from "./beside.js";
import type { ByteReader } from "./byte-reader.js";
import { has } from "./record-flags.js";
import type { Shape } from "./shape.js";

/** What a record does not say itself. */
export interface RecordContext {
  id: number;
  recorder: { id: RecorderId; origin: Origin };
  sequence: number;
  startedNs: bigint;
  shape: Shape;
}

/** Where a body is: its number among the stored ones, or its hash alone. */
export interface ReadBodyLink {
  number: number | undefined;
  hash: Uint8Array | undefined;
}

/** A head, and what else was read on the way to it. */
export interface ReadHead {
  head: ExchangeHead;
  /**
   * Length of each header list, −1 where there is none, in the order they are written: request headers (always there), raw
   * ones, trailers, answer headers, trailers.
   */
  listBytes: readonly number[];
  requestBody: ReadBodyLink;
  answerBody: ReadBodyLink;
}

/** The head of a record; the reader is left at its header lists. Throws a RangeError for what no known version has written. */
export function readHead(from: ByteReader, context: RecordContext): ReadHead {
  const { shape, startedNs } = context;
  const flags = from.uint();
  const requestEnded = flags & has.requestEnded ? from.int() : undefined;
  const answerStarted = flags & has.answerStarted ? from.int() : undefined;
  const answerEnded = flags & has.answerEnded ? from.int() : undefined;
  const requestBodyBytes = shape.requestBodyKind === 0 ? 0 : from.uint();
  const requestBody = readLink(from, flags & has.storedRequestBody, flags & has.requestBodyHash);
  const answerBodyBytes = shape.answerBodyKind === 0 ? 0 : from.uint();
  const answerBody = readLink(from, flags & has.storedAnswerBody, flags & has.answerBodyHash);
  const frameCount = flags & has.frames ? from.uint() : 0;
  const textBytes = from.uint();
  const listBytes = [
    from.uint(),
    flags & has.rawHeaders ? from.uint() : -1,
    flags & has.requestTrailers ? from.uint() : -1,
    flags & has.answerHeaders ? from.uint() : -1,
    flags & has.answerTrailers ? from.uint() : -1,
  ];
  const texts = new ReadTexts(from.latin1(textBytes), flags);
  const head: ExchangeHead = {
    id: context.id,
    recorder: context.recorder.id,
    sequence: context.sequence,
    vantage: wordOf(vantages, shape.vantage),
    callee: shape.callee ?? "",
    origin: context.recorder.origin,
    trace: {},
    request: {
      method: shape.method ?? "",
      scheme: shape.scheme ?? "",
      authority: shape.authority ?? "",
      path: texts.path,
      protocol: wordOf(protocols, shape.protocol),
      end: wordOf(requestEnds, shape.requestEnd),
      bodyKind: wordOf(bodyKinds, shape.requestBodyKind),
      bodyBytes: requestBodyBytes,
    },
    answer: answerHead(shape, answerBodyBytes, answerEnded),
    startedNs,
    frameCount,
    redacted: nothingRedacted,
  };
  if (shape.caller !== null) head.caller = shape.caller;
  texts.addTo(head);
  if (requestEnded !== undefined) head.requestEndedNs = startedNs + BigInt(requestEnded);
  if (answerStarted !== undefined) head.answerStartedNs = startedNs + BigInt(answerStarted);
  if (answerEnded !== undefined) head.answerEndedNs = startedNs + BigInt(answerEnded);
  return { head, listBytes, requestBody, answerBody };
}

const nowhere: readonly RedactedPlace[] = [];
const nothingRedacted: ExchangeHead["redacted"] = { request: nowhere, answer: nowhere };
const noLink: ReadBodyLink = { number: undefined, hash: undefined };

function readLink(from: ByteReader, isStored: number, isHash: number): ReadBodyLink {
  if (isStored) return { number: from.uint(), hash: undefined };
  return isHash ? { number: undefined, hash: from.raw(16) } : noLink;
}

function answerHead(shape: Shape, bodyBytes: number, endedAfterNs: number | undefined): ExchangeHead["answer"] {
  const kind = wordOf(answerKinds, shape.answerKind);
  switch (kind) {
    case "unknown":
      return { kind };
    case "status-only":
      return { kind, status: shape.answerStatus ?? 0 };
    case "failure":
      return { kind, reason: wordOf(failureReasons, shape.answerEnd ?? -1), afterMs: (endedAfterNs ?? 0) / 1e6 };
    case "response": {
      const end = wordOf(answerEnds, shape.answerEnd ?? -1);
      return {
        kind,
        status: shape.answerStatus ?? 0,
        end,
        bodyKind: wordOf(bodyKinds, shape.answerBodyKind),
        bodyBytes,
      };
    }
  }
}

/** The texts of a record, in the order of their flags. */
class ReadTexts {
  readonly path: string;
  readonly #joined: string;
  readonly #flags: number;
  #at = 0;

  constructor(joined: string, flags: number) {
    this.#joined = joined;
    this.#flags = flags;
    this.path = this.#take();
  }

  addTo(head: ExchangeHead): void {
    const { trace } = head;
    if (this.#flags & has.connection) head.connection = this.#take();
    if (this.#flags & has.client) head.client = this.#take();
    if (this.#flags & has.traceId) trace.traceId = this.#take();
    if (this.#flags & has.parentSpanId) trace.parentSpanId = this.#take();
    if (this.#flags & has.requestId) trace.requestId = this.#take();
    if (this.#flags & (has.redactedRequest | has.redactedAnswer)) this.#addPlaces(head);
    if (this.#flags & has.beside) addBeside(head, JSON.parse(this.#take()) as Beside);
    if (this.#flags & has.ownLine) this.#addLine(head);
    if (this.#at <= this.#joined.length) throw new RangeError("a record has more texts than its flags name");
  }

  #addPlaces(head: ExchangeHead): void {
    head.redacted = {
      request: this.#flags & has.redactedRequest ? placesFrom(this.#take()) : nowhere,
      answer: this.#flags & has.redactedAnswer ? placesFrom(this.#take()) : nowhere,
    };
  }

  #addLine(head: ExchangeHead): void {
    head.request.method = this.#take();
    head.request.scheme = this.#take();
    head.request.authority = this.#take();
    head.callee = this.#take();
    if (this.#flags & has.ownCaller) head.caller = this.#take();
  }

  #take(): string {
    const [joined, start] = [this.#joined, this.#at];
    if (start > joined.length) throw new RangeError("a record lacks a text that its flags name");
    const end = joined.indexOf("\0", start);
    this.#at = (end === -1 ? joined.length : end) + 1;
    return end === -1 ? joined.slice(start) : joined.slice(start, end);
  }
}

const knownPlaces = new Map<string, readonly RedactedPlace[]>();

/** Most calls of a tape are redacted at the same places. */
function placesFrom(json: string): readonly RedactedPlace[] {
  const known = knownPlaces.get(json);
  if (known !== undefined) return known;
  const places = JSON.parse(json) as RedactedPlace[];
  if (knownPlaces.size >= 512) knownPlaces.clear();
  if (json.length <= 1024) knownPlaces.set(json, places);
  return places;
}

/** A body as the caller found it by its link. */
export interface FoundBodies {
  request: Request["body"];
  answer: Request["body"];
}

/**
 * The whole of an Exchange whose head was read; `from` stands at its header lists. Field by field: to spread the head's
 * objects took longer than the rest of it, and this is done for each Exchange that is read.
 */
export function readWhole(
  from: ByteReader,
  { head, listBytes }: ReadHead,
  bodies: FoundBodies,
  frames: readonly Frame[],
): Exchange {
  const exchange: Exchange = {
    id: head.id,
    recorder: head.recorder,
    sequence: head.sequence,
    vantage: head.vantage,
    callee: head.callee,
    origin: head.origin,
    trace: head.trace,
    request: wholeRequest(from, head, listBytes, bodies.request),
    answer: wholeAnswer(from, head, listBytes, bodies.answer),
    startedNs: head.startedNs,
    frames,
    redacted: head.redacted,
  };
  if (head.caller !== undefined) exchange.caller = head.caller;
  if (head.connection !== undefined) exchange.connection = head.connection;
  if (head.client !== undefined) exchange.client = head.client;
  if (head.hop !== undefined) exchange.hop = head.hop;
  if (head.attempt !== undefined) exchange.attempt = head.attempt;
  if (head.proxy !== undefined) exchange.proxy = head.proxy;
  if (head.requestEndedNs !== undefined) exchange.requestEndedNs = head.requestEndedNs;
  if (head.answerStartedNs !== undefined) exchange.answerStartedNs = head.answerStartedNs;
  if (head.answerEndedNs !== undefined) exchange.answerEndedNs = head.answerEndedNs;
  return exchange;
}

function wholeRequest(
  from: ByteReader,
  { request: head }: ExchangeHead,
  listBytes: readonly number[],
  body: Request["body"],
): Request {
  const headers = headerList(from, listBytes[0]!);
  const rawHeaders = listBytes[1] === -1 ? undefined : headerList(from, listBytes[1]!);
  const trailers = headerList(from, listBytes[2]!);
  const request: Request = {
    method: head.method,
    scheme: head.scheme,
    authority: head.authority,
    path: head.path,
    protocol: head.protocol,
    end: head.end,
    headers,
    trailers,
    body,
  };
  if (rawHeaders !== undefined) request.rawHeaders = rawHeaders;
  return request;
}

function wholeAnswer(
  from: ByteReader,
  { answer: head }: ExchangeHead,
  listBytes: readonly number[],
  body: Request["body"],
): Answer {
  if (head.kind !== "response") return head;
  const headers = headerList(from, listBytes[3]!);
  const trailers = headerList(from, listBytes[4]!);
  return { kind: head.kind, status: head.status, end: head.end, headers, trailers, body };
}

const noFields: HeaderList = [];
const knownLists = new Map<string, HeaderList>();

/** Most header lists of a tape are like another one of it, so the last ones are remembered; lists are never changed. */
function headerList(from: ByteReader, length: number): HeaderList {
  if (length <= 0) return noFields;
  if (length > 1024) return headersFromBytes(from.raw(length));
  const text = from.latin1(length);
  const known = knownLists.get(text);
  if (known !== undefined) return known;
  const list = headersFromBytes(Buffer.from(text, "latin1"));
  if (knownLists.size >= 512) knownLists.clear();
  knownLists.set(text, list);
  return list;
}
