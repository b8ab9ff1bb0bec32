import type { Body, HeaderList } from "../../message/index.js";
import {
  answerEnds,
  answerKinds,
  bodyKinds,
  failureReasons,
  frameDirections,
  frameKinds,
  requestEnds,
  wordOf,
} from "../codes.js";
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
  type TraceContext,
  vantages,
} from "../exchange.js";
import { decodeBody } from "./body-codec.js";
import { headersFromBytes } from "./header-bytes.js";

/** A row of `headColumns`, as better-sqlite3 gives it raw. */
export type HeadRow = readonly (number | string | null)[];

/** An Exchange's own hash of a body, else that of its row, in hex, beside the row; all null where there is none. */
type BodyColumns = readonly [hash: string, codec: number | null, plainBytes: number | null, bytes: Buffer | null];

/** A row of `restQuery`. */
export type RestRow = readonly [
  answerKind: number,
  requestEnd: number,
  requestHeaders: Buffer,
  rawHeaders: Buffer | null,
  requestTrailers: Buffer | null,
  answerHeaders: Buffer | null,
  answerTrailers: Buffer | null,
  ...requestBody: BodyColumns,
  ...answerBody: BodyColumns,
  requestBodyId: number | null,
  answerBodyId: number | null,
  frames: number,
];

/** Where a `RestRow` says how many frames its Exchange has. */
export const frameCountOfRest = 17;

/** What a segment's recorder row says. */
export interface RecorderOfRow {
  id: RecorderId;
  origin: Origin;
}

/** The columns by name, so that the places below can be read. */
const at = {
  row: 0,
  recorder: 1,
  sequence: 2,
  startedS: 3,
  startedRestNs: 4,
  requestEnded: 5,
  answerStarted: 6,
  answerEnded: 7,
  vantage: 8,
  protocol: 9,
  requestEnd: 10,
  answerKind: 11,
  status: 12,
  answerEnd: 13,
  requestBodyKind: 14,
  requestBodyBytes: 15,
  answerBodyKind: 16,
  answerBodyBytes: 17,
  frames: 18,
  method: 19,
  scheme: 20,
  authority: 21,
  path: 22,
  callee: 23,
  caller: 24,
  connection: 25,
  client: 26,
  traceId: 27,
  parentSpanId: 28,
  requestId: 29,
  redactedRequest: 30,
  redactedAnswer: 31,
} as const;

/** Throws a RangeError for codes that no known version has written. */
export function headFromRow(row: HeadRow, recorders: ReadonlyMap<number, RecorderOfRow>, idBase: number): ExchangeHead {
  const recorder = recorders.get(number(row, at.recorder));
  if (!recorder) throw new RangeError(`recorder ${row[at.recorder]} of an Exchange is not in its segment`);
  const startedNs = BigInt(number(row, at.startedS)) * 1_000_000_000n + BigInt(number(row, at.startedRestNs));
  const head: ExchangeHead = {
    id: idBase + number(row, at.row),
    recorder: recorder.id,
    sequence: number(row, at.sequence),
    vantage: wordOf(vantages, number(row, at.vantage)),
    callee: text(row, at.callee),
    origin: recorder.origin,
    trace: traceFromRow(row),
    request: {
      method: text(row, at.method),
      scheme: text(row, at.scheme),
      authority: text(row, at.authority),
      path: text(row, at.path),
      protocol: wordOf(protocols, number(row, at.protocol)),
      end: wordOf(requestEnds, number(row, at.requestEnd)),
      bodyKind: wordOf(bodyKinds, number(row, at.requestBodyKind)),
      bodyBytes: number(row, at.requestBodyBytes),
    },
    answer: answerFromRow(row),
    startedNs,
    frameCount: number(row, at.frames),
    redacted: { request: places(row[at.redactedRequest]), answer: places(row[at.redactedAnswer]) },
  };
  addOptional(head, row, startedNs);
  return head;
}

function addOptional(head: ExchangeHead, row: HeadRow, startedNs: bigint): void {
  if (row[at.caller] !== null) head.caller = text(row, at.caller);
  if (row[at.connection] !== null) head.connection = text(row, at.connection);
  if (row[at.client] !== null) head.client = text(row, at.client);
  if (row[at.requestEnded] !== null) head.requestEndedNs = startedNs + BigInt(number(row, at.requestEnded));
  if (row[at.answerStarted] !== null) head.answerStartedNs = startedNs + BigInt(number(row, at.answerStarted));
  if (row[at.answerEnded] !== null) head.answerEndedNs = startedNs + BigInt(number(row, at.answerEnded));
}

function traceFromRow(row: HeadRow): TraceContext {
  const trace: TraceContext = {};
  if (row[at.traceId] !== null) trace.traceId = text(row, at.traceId);
  if (row[at.parentSpanId] !== null) trace.parentSpanId = text(row, at.parentSpanId);
  if (row[at.requestId] !== null) trace.requestId = text(row, at.requestId);
  return trace;
}

function answerFromRow(row: HeadRow): ExchangeHead["answer"] {
  const kind = wordOf(answerKinds, number(row, at.answerKind));
  switch (kind) {
    case "unknown":
      return { kind };
    case "status-only":
      return { kind, status: number(row, at.status) };
    case "failure":
      return {
        kind,
        reason: wordOf(failureReasons, number(row, at.answerEnd)),
        afterMs: number(row, at.answerEnded) / 1e6,
      };
    case "response":
      return {
        kind,
        status: number(row, at.status),
        end: wordOf(answerEnds, number(row, at.answerEnd)),
        bodyKind: wordOf(bodyKinds, number(row, at.answerBodyKind)),
        bodyBytes: number(row, at.answerBodyBytes),
      };
  }
}

/** Whether the Exchange was completed after its head was read, so that the two do not fit. */
export function isStale(head: ExchangeHead, [answerKind, requestEnd]: RestRow): boolean {
  return wordOf(answerKinds, answerKind) !== head.answer.kind || wordOf(requestEnds, requestEnd) !== head.request.end;
}

/**
 * The whole of an Exchange whose head is known. Throws a RangeError when its parts do not fit together. Field by field: to
 * spread the head's objects took longer than the rest of it, and this is done for each Exchange that is read.
 */
export function exchangeFromRows(head: ExchangeHead, rest: RestRow, frames: readonly Frame[]): Exchange {
  const exchange: Exchange = {
    id: head.id,
    recorder: head.recorder,
    sequence: head.sequence,
    vantage: head.vantage,
    callee: head.callee,
    origin: head.origin,
    trace: head.trace,
    request: wholeRequest(head.request, rest),
    answer: wholeAnswer(head.answer, rest),
    startedNs: head.startedNs,
    frames,
    redacted: head.redacted,
  };
  if (head.caller !== undefined) exchange.caller = head.caller;
  if (head.connection !== undefined) exchange.connection = head.connection;
  if (head.client !== undefined) exchange.client = head.client;
  if (head.requestEndedNs !== undefined) exchange.requestEndedNs = head.requestEndedNs;
  if (head.answerStartedNs !== undefined) exchange.answerStartedNs = head.answerStartedNs;
  if (head.answerEndedNs !== undefined) exchange.answerEndedNs = head.answerEndedNs;
  return exchange;
}

function wholeRequest(head: ExchangeHead["request"], rest: RestRow): Request {
  const { bodyKind, bodyBytes } = head;
  const request: Request = {
    method: head.method,
    scheme: head.scheme,
    authority: head.authority,
    path: head.path,
    protocol: head.protocol,
    end: head.end,
    headers: headerList(rest[2]),
    trailers: headerList(rest[4]),
    body: bodyFrom({ bodyKind, bodyBytes, id: rest[15] }, [rest[7], rest[8], rest[9], rest[10]]),
  };
  if (rest[3] !== null) request.rawHeaders = headerList(rest[3]);
  return request;
}

function wholeAnswer(head: ExchangeHead["answer"], rest: RestRow): Answer {
  if (head.kind !== "response") return head;
  const { kind, status, end, bodyKind, bodyBytes } = head;
  const body = bodyFrom({ bodyKind, bodyBytes, id: rest[16] }, [rest[11], rest[12], rest[13], rest[14]]);
  return { kind, status, end, headers: headerList(rest[5]), trailers: headerList(rest[6]), body };
}

const noFields: HeaderList = [];
const knownLists = new Map<string, HeaderList>();

/** Most header lists of a tape are like another one of it, so the last ones are remembered; lists are never changed. */
function headerList(bytes: Buffer | null): HeaderList {
  if (bytes === null || bytes.length === 0) return noFields;
  if (bytes.length > 1024) return headersFromBytes(bytes);
  const text = bytes.toString("latin1");
  const known = knownLists.get(text);
  if (known !== undefined) return known;
  const list = headersFromBytes(bytes);
  if (knownLists.size >= 512) knownLists.clear();
  knownLists.set(text, list);
  return list;
}

interface BodyHead {
  bodyKind: Body["kind"];
  bodyBytes: number;
  id: number | null;
}

function bodyFrom({ bodyKind, bodyBytes, id }: BodyHead, columns: BodyColumns): Body {
  if (bodyKind === "empty") return { kind: bodyKind };
  const [hash] = columns;
  if (bodyKind === "unredactable") return { kind: bodyKind, fullBytes: bodyBytes, hash };
  const bytes = id === null ? new Uint8Array(0) : keptBytes(id, columns);
  return bodyKind === "cut" ? { kind: bodyKind, bytes, fullBytes: bodyBytes, hash } : { kind: bodyKind, bytes, hash };
}

function keptBytes(id: number, [, codec, plainBytes, bytes]: BodyColumns): Uint8Array {
  if (codec === null || plainBytes === null || bytes === null) {
    throw new RangeError(`body ${id} of an Exchange is not in its segment`);
  }
  return decodeBody({ codec, plainBytes, bytes });
}

/** A row of table `frame`: direction, kind, at_after_ns, offset, length. */
export type FrameRow = readonly [direction: number, kind: number, afterNs: number, offset: number, length: number];

export function frameFromRow([direction, kind, afterNs, offset, length]: FrameRow, startedNs: bigint): Frame {
  return {
    direction: wordOf(frameDirections, direction),
    kind: wordOf(frameKinds, kind),
    atNs: startedNs + BigInt(afterNs),
    offset,
    length,
  };
}

function number(row: HeadRow, column: number): number {
  const value = row[column];
  if (typeof value !== "number") throw new RangeError(`an Exchange has ${value} where a number belongs`);
  return value;
}

function text(row: HeadRow, column: number): string {
  const value = row[column];
  if (typeof value !== "string") throw new RangeError(`an Exchange has ${value} where a text belongs`);
  return value;
}

const nowhere: readonly RedactedPlace[] = [];

function places(value: number | string | null | undefined): readonly RedactedPlace[] {
  return typeof value === "string" ? (JSON.parse(value) as RedactedPlace[]) : nowhere;
}
