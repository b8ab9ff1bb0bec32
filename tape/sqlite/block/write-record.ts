import type { RedactedPlace } from "../../exchange.js";
import type { RedactedPart } from "../../redaction/index.js";
import { afterStartNs, answerBodyOf, type Sighting } from "../../sighting/sighting.js";
import { besideOf } from "./beside.js";
import type { ByteWriter } from "./byte-writer.js";
import { has } from "./record-flags.js";

/** Where the kept bytes of a body are: its number, or its hash alone where no bytes are kept. */
export type BodyLink = { kind: "none" } | { kind: "stored"; number: number } | { kind: "hash"; hash: Uint8Array };

export interface RecordParts {
  sighting: Sighting;
  requestBody: BodyLink;
  answerBody: BodyLink;
  /** Its shape has no texts, so the record says them. */
  ownLine: boolean;
}

/** Adds the record of a sighting: see record-flags.ts. All its text is written at once: one write costs less than several. */
export function writeRecord(into: ByteWriter, parts: RecordParts): void {
  const { sighting, requestBody, answerBody, ownLine } = parts;
  const { part } = sighting;
  let flags = flagsOf(sighting) | bodyFlags(requestBody, answerBody);
  let text = textsOf(sighting, flags);
  if (ownLine) {
    text += ownLineOf(sighting);
    flags |= sighting.parties.caller === undefined ? has.ownLine : has.ownLine | has.ownCaller;
  }
  into.uint(flags);
  writeTimes(into, part);
  writeBody(into, part.request.body, requestBody);
  writeBody(into, answerBodyOf(part), answerBody);
  if (flags & has.frames) into.uint(part.frames!.length);
  into.uint(text.length);
  into.latin1(asLatin1(text + listsOf(into, part, flags)));
}

/** The texts that the flags name, in their order. */
function textsOf(sighting: Sighting, flags: number): string {
  const { part, trace } = sighting;
  let text = part.request.path;
  if (flags & has.connection) text += `\0${part.connection}`;
  if (flags & has.client) text += `\0${part.client}`;
  if (flags & has.traceId) text += `\0${trace.traceId}`;
  if (flags & has.parentSpanId) text += `\0${trace.parentSpanId}`;
  if (flags & has.requestId) text += `\0${trace.requestId}`;
  if (flags & has.redactedRequest) text += `\0${placesJson(part.redacted.request)}`;
  if (flags & has.redactedAnswer) text += `\0${placesJson(part.redacted.answer)}`;
  if (flags & has.beside) text += `\0${asciiJson(besideOf(sighting))}`;
  return text;
}

function ownLineOf({ part, parties }: Sighting): string {
  const { method, scheme, authority } = part.request;
  const line = `\0${method}\0${scheme}\0${authority}\0${parties.callee}`;
  return parties.caller === undefined ? line : `${line}\0${parties.caller}`;
}

function flagsOf({ part, trace, hop, attempt }: Sighting): number {
  const { request, answer, frames, redacted } = part;
  const response = answer?.kind === "response" ? answer : undefined;
  const isBeside =
    hop !== undefined ||
    attempt !== undefined ||
    part.beside?.proxy !== undefined ||
    trace.grandparentSpanId !== undefined;
  return (
    (part.connection === undefined ? 0 : has.connection) |
    (part.client === undefined ? 0 : has.client) |
    (trace.traceId === undefined ? 0 : has.traceId) |
    (trace.parentSpanId === undefined ? 0 : has.parentSpanId) |
    (trace.requestId === undefined ? 0 : has.requestId) |
    (redacted.request.length === 0 ? 0 : has.redactedRequest) |
    (redacted.answer.length === 0 ? 0 : has.redactedAnswer) |
    (isBeside ? has.beside : 0) |
    (request.endedMs === undefined ? 0 : has.requestEnded) |
    (response === undefined ? 0 : has.answerStarted | has.answerHeaders) |
    (answer === undefined || !("endedMs" in answer) || answer.endedMs === undefined ? 0 : has.answerEnded) |
    (frames !== undefined && frames.length > 0 ? has.frames : 0) |
    (request.rawHeaders === undefined ? 0 : has.rawHeaders) |
    (request.trailers !== undefined && request.trailers.length > 0 ? has.requestTrailers : 0) |
    (response?.trailers !== undefined && response.trailers.length > 0 ? has.answerTrailers : 0)
  );
}

function bodyFlags(requestBody: BodyLink, answerBody: BodyLink): number {
  return (
    (requestBody.kind === "stored" ? has.storedRequestBody : requestBody.kind === "hash" ? has.requestBodyHash : 0) |
    (answerBody.kind === "stored" ? has.storedAnswerBody : answerBody.kind === "hash" ? has.answerBodyHash : 0)
  );
}

function writeTimes(into: ByteWriter, part: RedactedPart): void {
  const { request, answer } = part;
  if (request.endedMs !== undefined) into.int(afterStartNs(part, request.endedMs));
  if (answer === undefined) return;
  if (answer.kind === "response") into.int(afterStartNs(part, answer.startedMs));
  if ("endedMs" in answer && answer.endedMs !== undefined) into.int(afterStartNs(part, answer.endedMs));
}

/** Nothing for an empty body: the shape says so. */
function writeBody(into: ByteWriter, body: RedactedPart["request"]["body"], link: BodyLink): void {
  if (body.kind === "empty") return;
  // As `bodyBytes` says of the Body that will be read again.
  into.uint(body.kind === "whole" ? body.bytes.length : body.fullBytes);
  if (link.kind === "stored") into.uint(link.number);
  if (link.kind === "hash") into.raw(link.hash);
}

/** The header lists, joined; their lengths are written before. */
function listsOf(into: ByteWriter, { request, answer }: RedactedPart, flags: number): string {
  let text = fieldsOf(into, request.headers);
  if (flags & has.rawHeaders) text += fieldsOf(into, request.rawHeaders!);
  if (flags & has.requestTrailers) text += fieldsOf(into, request.trailers!);
  if (answer?.kind !== "response") return text;
  text += fieldsOf(into, answer.headers);
  return flags & has.answerTrailers ? text + fieldsOf(into, answer.trailers!) : text;
}

function fieldsOf(into: ByteWriter, flat: readonly string[]): string {
  const text = flat.length === 0 ? "" : `${flat.join("\0")}\0`;
  into.uint(text.length);
  return text;
}

const beyondLatin1 = /[^\0-\xff]/;

/** A pseudonym keeps to latin1 as what it replaces does; a character that does not would be cut to some other one. */
function asLatin1(text: string): string {
  return beyondLatin1.test(text) ? text.replaceAll(/[^\0-\xff]/g, "?") : text;
}

const knownPlaces = new Map<string, string>();

/** Most calls are redacted at one place or two, and at the same. */
function placesJson(places: readonly RedactedPlace[]): string {
  if (places.length > 2) return asciiJson(places);
  const key = places.length === 1 ? places[0]! : `${places[0]}\0${places[1]}`;
  const known = knownPlaces.get(key);
  if (known !== undefined) return known;
  const json = asciiJson(places);
  // Places hold names from the traffic, so the memory of them is bounded.
  if (knownPlaces.size >= 512) knownPlaces.clear();
  knownPlaces.set(key, json);
  return json;
}

/** JSON without a character beyond ASCII and without a NUL. */
function asciiJson(value: unknown): string {
  const json = JSON.stringify(value);
  return /^[ -~]*$/.test(json) ? json : json.replace(/[^ -~]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
