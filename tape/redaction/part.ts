import type { CapturedAnswer, CapturedBody, CapturedCall, CapturedFrame, CapturedRequest } from "../captured.js";
import type { RedactedPlace } from "../exchange.js";
import { bodyHeadersOf, redactBytes } from "./body.js";
import { movedFrames } from "./content/moved-frames.js";
import { isWebSocketMessage, redactFrames } from "./frames.js";
import { redactHeaders } from "./headers.js";
import type { RedactionKey } from "./key.js";
import { keyedHash } from "./keyed-hash.js";
import { PlaceList } from "./places.js";
import { redactAuthority, redactUrl } from "./query.js";
import type { Redaction } from "./rules/redaction.js";
import { defaultRules, type RedactionRules } from "./rules/rules.js";

/** As `Body`, with the keyed hash (over the wire bytes before redaction) as 16 bytes. */
export type RedactedBody =
  | { kind: "empty" }
  | { kind: "whole"; bytes: Uint8Array; hash: Uint8Array }
  | { kind: "cut"; bytes: Uint8Array; fullBytes: number; hash: Uint8Array }
  | { kind: "unredactable"; fullBytes: number; hash: Uint8Array };

export type RedactedRequest = Omit<CapturedRequest, "body"> & { body: RedactedBody };

type CapturedResponse = Extract<CapturedAnswer, { kind: "response" }>;
export type RedactedAnswer =
  | (Omit<CapturedResponse, "body"> & { body: RedactedBody })
  | Exclude<CapturedAnswer, { kind: "response" }>;

/** A part without its secrets: what may reach disk. Nothing in it needs to be read again. */
export type RedactedPart = Omit<CapturedCall, "request" | "answer" | "frames"> & {
  request: RedactedRequest;
  /** Absent from a `request` part. */
  answer?: RedactedAnswer;
  frames?: readonly CapturedFrame[];
  redacted: { request: readonly RedactedPlace[]; answer: readonly RedactedPlace[] };
  /** Bodies of this part that are withheld: 0, 1 or 2. */
  unredactable: number;
};

/** What is beside the rules for a part that was redacted before. */
export interface EarlierRedaction {
  /** Its places then. */
  redacted: RedactedPart["redacted"];
  /** The rules of then. What they replaced stays. */
  rules: readonly RedactionRules[];
}

/**
 * Replaces every secret of a part by its pseudonym. Strings, arrays and bytes that hold none are passed on, not copied
 * (a body that came in several pieces is put together). `found` is told each place with the rule that found something
 * there.
 */
export function redactPart(
  part: CapturedCall,
  key: RedactionKey,
  rules: RedactionRules = defaultRules,
  more: { earlier?: EarlierRedaction; found?: (rule: string, place: RedactedPlace) => void } = {},
): RedactedPart {
  const { earlier, found } = more;
  const ofRequest = redactionOf(key, rules, earlier?.redacted.request, earlier);
  const request = redactRequest(part.request, part.part === "request" ? undefined : part.frames, ofRequest);
  const ofAnswer = earlier === undefined ? ofRequest : redactionOf(key, rules, earlier.redacted.answer, earlier);
  const answer = part.part === "request" ? undefined : redactAnswerPart(part.answer, request.frames, ofAnswer);
  if (found !== undefined) {
    for (const [place, rule] of request.places.found()) found(rule, place);
    for (const [place, rule] of answer?.places.found() ?? []) found(rule, place);
  }
  // Fields are set one by one, here and below: every call passes here, and spreading costs several times as much.
  const redacted: RedactedPart = {
    part: part.part,
    sequence: part.sequence,
    vantage: part.vantage,
    request: request.redacted,
    redacted: { request: request.places.list(), answer: answer?.places.listWithClasses() ?? [] },
    unredactable: withheld(request.redacted) + (answer === undefined ? 0 : withheld(answer.redacted)),
  };
  if (part.connection !== undefined) redacted.connection = part.connection;
  if (part.client !== undefined) redacted.client = part.client;
  if (part.beside !== undefined) redacted.beside = part.beside;
  if (answer !== undefined) redacted.answer = answer.redacted;
  if (answer?.frames !== undefined) redacted.frames = answer.frames;
  return redacted;
}

function redactionOf(
  key: RedactionKey,
  rules: RedactionRules,
  places: readonly RedactedPlace[] | undefined,
  earlier: EarlierRedaction | undefined,
): Redaction {
  if (earlier === undefined || places === undefined) return { key, rules };
  return { key, rules, done: { places: new Set(places), rules: earlier.rules } };
}

type Frames = readonly CapturedFrame[] | undefined;

interface Redacted<T> {
  redacted: T;
  frames: Frames;
  places: PlaceList;
}

function redactRequest(request: CapturedRequest, frames: Frames, redaction: Redaction): Redacted<RedactedRequest> {
  const places = new PlaceList();
  const authority = redactAuthority(request.authority, redaction, places, "header:host");
  const path =
    request.method === "CONNECT"
      ? redactAuthority(request.path, redaction, places, "path")
      : redactUrl(request.path, redaction, places, "query:");
  const headers = redactHeaders(request.headers, redaction, places);
  const body = redactBody(
    request.body,
    request.headers,
    request.end === "complete",
    "to-server",
    frames,
    redaction,
    places,
  );
  const redacted: RedactedRequest = {
    method: request.method,
    scheme: request.scheme,
    authority,
    path,
    protocol: request.protocol,
    headers,
    body: body.redacted,
    end: request.end,
    startedMs: request.startedMs,
  };
  if (request.endedMs !== undefined) redacted.endedMs = request.endedMs;
  if (request.rawHeaders !== undefined) redacted.rawHeaders = redactHeaders(request.rawHeaders, redaction, places);
  if (request.trailers !== undefined) redacted.trailers = redactHeaders(request.trailers, redaction, places);
  return { redacted, frames: body.frames, places };
}

function redactAnswerPart(answer: CapturedAnswer, frames: Frames, redaction: Redaction): Redacted<RedactedAnswer> {
  const places = new PlaceList();
  if (answer.kind !== "response") return { redacted: answer, frames, places };
  const headers = redactHeaders(answer.headers, redaction, places);
  const body = redactBody(
    answer.body,
    answer.headers,
    answer.end === "complete",
    "to-client",
    frames,
    redaction,
    places,
  );
  const { kind, status, end, startedMs } = answer;
  const redacted: RedactedAnswer = { kind, status, headers, body: body.redacted, end, startedMs };
  if (answer.endedMs !== undefined) redacted.endedMs = answer.endedMs;
  if (answer.trailers !== undefined) redacted.trailers = redactHeaders(answer.trailers, redaction, places);
  return { redacted, frames: body.frames, places };
}

function redactBody(
  body: CapturedBody,
  headers: readonly string[],
  hasEnded: boolean,
  direction: CapturedFrame["direction"],
  frames: Frames,
  redaction: Redaction,
  places: PlaceList,
): { redacted: RedactedBody; frames: Frames } {
  const { fullBytes } = body;
  if (fullBytes === 0) return { redacted: { kind: "empty" }, frames };
  const hash = body.hash ?? keyedHash(redaction.key, body.pieces);
  const kept = body.pieces.length === 1 ? body.pieces[0]! : Buffer.concat(body.pieces);
  const isWhole = hasEnded && kept.length === fullBytes;
  const content = redactKept(kept, headers, isWhole, direction, frames, redaction, places);
  if (content === undefined) return { redacted: { kind: "unredactable", fullBytes, hash }, frames };
  const { bytes } = content;
  const redacted: RedactedBody = isWhole ? { kind: "whole", bytes, hash } : { kind: "cut", bytes, fullBytes, hash };
  return { redacted, frames: content.frames };
}

/** Undefined when the body is to be withheld. */
function redactKept(
  bytes: Uint8Array,
  headers: readonly string[],
  isWhole: boolean,
  direction: CapturedFrame["direction"],
  frames: Frames,
  redaction: Redaction,
  places: PlaceList,
): { bytes: Uint8Array; frames: Frames } | undefined {
  const bodyHeaders = bodyHeadersOf(headers);
  const ofDirection = frames?.filter((frame) => frame.direction === direction) ?? [];
  if (ofDirection.some(isWebSocketMessage) && bodyHeaders.contentEncoding === undefined) {
    return redactFrames(bytes, frames!, direction, bodyHeaders.contentType, redaction, places) ?? { bytes, frames };
  }
  const redacted = redactBytes(bytes, bodyHeaders, isWhole, redaction, places);
  if (redacted.kind === "unchanged") return { bytes, frames };
  if (redacted.kind === "unreadable") {
    if (!redaction.rules.flagsUnreadable) return undefined;
    places.add(unreadablePlace, "unreadable");
    return { bytes, frames };
  }
  if (ofDirection.length === 0) return { bytes: redacted.bytes, frames };
  // Frames point into the encoded bytes; encoded anew, they would point nowhere.
  if (bodyHeaders.contentEncoding !== undefined) return undefined;
  return { bytes: redacted.bytes, frames: movedFrames(frames!, direction, bytes, redacted.bytes) };
}

/** Told of a body that was kept as it came though it may hold a secret, because it could not be read. */
const unreadablePlace = "unreadable:body";

function withheld(message: RedactedRequest | RedactedAnswer): number {
  return "body" in message && message.body.kind === "unredactable" ? 1 : 0;
}
