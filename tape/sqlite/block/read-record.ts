import type { Body, HeaderList } from "../../../message/index.js";
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

/** Where a body is: its number among the stored ones, or its hash alone; nowhere for an empty one. */
export type BodyLink = number | Uint8Array | undefined;

/** Gives what of an Exchange is kept elsewhere than in its record. */
export interface KeptElsewhere {
  /** `seenBytes`: its length on the wire. */
  body(kind: Body["kind"], seenBytes: number, link: BodyLink): Body;
  frames(context: RecordContext, count: number): readonly Frame[];
}

/** The head of a record. Throws a RangeError for what no known version has written. */
export function readHead(from: ByteReader, context: RecordContext): ExchangeHead {
  const { shape, startedNs } = context;
  const start = readStart(from, shape);
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
      path: start.texts.path,
      protocol: wordOf(protocols, shape.protocol),
      end: wordOf(requestEnds, shape.requestEnd),
      bodyKind: wordOf(bodyKinds, shape.requestBodyKind),
      bodyBytes: start.requestBodyBytes,
    },
    answer: answerHead(shape, start),
    startedNs,
    frameCount: start.frameCount,
    redacted: nothingRedacted,
  };
  addRest(head, shape, start);
  return head;
}

/** The whole of a record. Throws a RangeError as `readHead` does, and for what is not kept where the record says. */
export function readWhole(from: ByteReader, context: RecordContext, elsewhere: KeptElsewhere): Exchange {
  const { shape, startedNs } = context;
  const start = readStart(from, shape);
  const exchange: Exchange = {
    id: context.id,
    recorder: context.recorder.id,
    sequence: context.sequence,
    vantage: wordOf(vantages, shape.vantage),
    callee: shape.callee ?? "",
    origin: context.recorder.origin,
    trace: {},
    request: wholeRequest(from, shape, start, elsewhere),
    answer: wholeAnswer(from, shape, start, elsewhere),
    startedNs,
    frames: start.frameCount === 0 ? noFrames : elsewhere.frames(context, start.frameCount),
    redacted: nothingRedacted,
  };
  addRest(exchange, shape, start);
  return exchange;
}

/** What a record begins with, up to its header lists: times are ns after the call's start. */
interface RecordStart {
  requestEnded: number | undefined;
  answerStarted: number | undefined;
  answerEnded: number | undefined;
  requestBodyBytes: number;
  requestBody: BodyLink;
  answerBodyBytes: number;
  answerBody: BodyLink;
  frameCount: number;
  /** Length of each header list, −1 where there is none, in the order they are written. */
  requestHeaders: number;
  rawHeaders: number;
  requestTrailers: number;
  answerHeaders: number;
  answerTrailers: number;
  texts: RecordTexts;
}

function readStart(from: ByteReader, shape: Shape): RecordStart {
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
  const requestHeaders = from.uint();
  const rawHeaders = flags & has.rawHeaders ? from.uint() : -1;
  const requestTrailers = flags & has.requestTrailers ? from.uint() : -1;
  const answerHeaders = flags & has.answerHeaders ? from.uint() : -1;
  const answerTrailers = flags & has.answerTrailers ? from.uint() : -1;
  const texts = new RecordTexts(from.latin1(textBytes), flags);
  // One literal: to spread several would take longer than all the rest.
  return {
    requestEnded,
    answerStarted,
    answerEnded,
    requestBodyBytes,
    requestBody,
    answerBodyBytes,
    answerBody,
    frameCount,
    requestHeaders,
    rawHeaders,
    requestTrailers,
    answerHeaders,
    answerTrailers,
    texts,
  };
}

/** What most Exchanges do not have, or have for themselves. */
function addRest(
  to: ExchangeHead | Exchange,
  { caller }: Shape,
  { texts, requestEnded, answerStarted, answerEnded }: RecordStart,
): void {
  if (caller !== null) to.caller = caller;
  texts.addTo(to);
  if (requestEnded !== undefined) to.requestEndedNs = to.startedNs + BigInt(requestEnded);
  if (answerStarted !== undefined) to.answerStartedNs = to.startedNs + BigInt(answerStarted);
  if (answerEnded !== undefined) to.answerEndedNs = to.startedNs + BigInt(answerEnded);
}

const noFrames: readonly Frame[] = [];
const nowhere: readonly RedactedPlace[] = [];
const nothingRedacted: ExchangeHead["redacted"] = { request: nowhere, answer: nowhere };

function readLink(from: ByteReader, isStored: number, isHash: number): BodyLink {
  if (isStored) return from.uint();
  return isHash ? from.raw(16) : undefined;
}

function answerHead(shape: Shape, { answerBodyBytes, answerEnded }: RecordStart): ExchangeHead["answer"] {
  const kind = wordOf(answerKinds, shape.answerKind);
  switch (kind) {
    case "response":
      return {
        kind,
        status: shape.answerStatus ?? 0,
        end: wordOf(answerEnds, shape.answerEnd ?? -1),
        bodyKind: wordOf(bodyKinds, shape.answerBodyKind),
        bodyBytes: answerBodyBytes,
      };
    default:
      return bareAnswer(kind, shape, answerEnded);
  }
}

/** An answer that is no message. */
function bareAnswer(
  kind: BareKind,
  shape: Shape,
  endedAfterNs: number | undefined,
): Extract<Answer, { kind: BareKind }> {
  switch (kind) {
    case "unknown":
      return { kind };
    case "status-only":
      return { kind, status: shape.answerStatus ?? 0 };
    case "failure":
      return { kind, reason: wordOf(failureReasons, shape.answerEnd ?? -1), afterMs: (endedAfterNs ?? 0) / 1e6 };
  }
}

type BareKind = Exclude<Answer["kind"], "response">;

/** The texts of a record, in the order of their flags. */
class RecordTexts {
  readonly path: string;
  readonly #joined: string;
  readonly #flags: number;
  #at = 0;

  constructor(joined: string, flags: number) {
    this.#joined = joined;
    this.#flags = flags;
    this.path = this.#take();
  }

  addTo(head: ExchangeHead | Exchange): void {
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

  #addPlaces(head: ExchangeHead | Exchange): void {
    head.redacted = {
      request: this.#flags & has.redactedRequest ? placesFrom(this.#take()) : nowhere,
      answer: this.#flags & has.redactedAnswer ? placesFrom(this.#take()) : nowhere,
    };
  }

  #addLine(head: ExchangeHead | Exchange): void {
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

function wholeRequest(from: ByteReader, shape: Shape, start: RecordStart, elsewhere: KeptElsewhere): Request {
  const headers = headerList(from, start.requestHeaders);
  const rawHeaders = start.rawHeaders === -1 ? undefined : headerList(from, start.rawHeaders);
  const trailers = headerList(from, start.requestTrailers);
  const request: Request = {
    method: shape.method ?? "",
    scheme: shape.scheme ?? "",
    authority: shape.authority ?? "",
    path: start.texts.path,
    protocol: wordOf(protocols, shape.protocol),
    end: wordOf(requestEnds, shape.requestEnd),
    headers,
    trailers,
    body: elsewhere.body(wordOf(bodyKinds, shape.requestBodyKind), start.requestBodyBytes, start.requestBody),
  };
  if (rawHeaders !== undefined) request.rawHeaders = rawHeaders;
  return request;
}

function wholeAnswer(from: ByteReader, shape: Shape, start: RecordStart, elsewhere: KeptElsewhere): Answer {
  const kind = wordOf(answerKinds, shape.answerKind);
  if (kind !== "response") return bareAnswer(kind, shape, start.answerEnded);
  return {
    kind,
    status: shape.answerStatus ?? 0,
    end: wordOf(answerEnds, shape.answerEnd ?? -1),
    headers: headerList(from, start.answerHeaders),
    trailers: headerList(from, start.answerTrailers),
    body: elsewhere.body(wordOf(bodyKinds, shape.answerBodyKind), start.answerBodyBytes, start.answerBody),
  };
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
