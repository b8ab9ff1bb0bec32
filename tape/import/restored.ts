import { type Body, rawFromHeaderList, unknownHash } from "../../message/index.js";
import type { CapturedAnswer, CapturedBody, CapturedCall, CapturedRequest, CapturedStatus } from "../captured.js";
import type { Exchange, RedactedPlace } from "../exchange.js";
import type {
  RedactedAnswer,
  RedactedBody,
  RedactedPart,
  RedactedRequest,
  RedactionKey,
  RedactionRules,
} from "../redaction/index.js";
import { defaultRules, redactPart } from "../redaction/index.js";
import type { Sighting } from "../sighting/sighting.js";

/** An Exchange that was on a tape before, in the form in which a tape takes it again. */
export interface Restored {
  sighting: Sighting;
  /** Of one that only an access log knows the answer of. */
  status?: CapturedStatus;
}

/** An Exchange as it was: nothing in it is redacted again. */
export function restoredAsItWas(exchange: Exchange): Restored {
  const { request, answer } = exchange;
  const { trailers: _trailers, rawHeaders, headers: _headers, body, ...line } = request;
  const redactedRequest: RedactedRequest = {
    ...line,
    ...messageOf(request),
    body: redactedBodyOf(body),
    startedMs: 0,
  };
  if (rawHeaders) redactedRequest.rawHeaders = rawFromHeaderList(rawHeaders);
  if (exchange.requestEndedNs !== undefined) redactedRequest.endedMs = afterMs(exchange, exchange.requestEndedNs);
  return restored(exchange, {
    part: "call",
    ...identityOf(exchange),
    request: redactedRequest,
    answer: redactedAnswerOf(exchange, answer),
    ...framesOf(exchange),
    redacted: exchange.redacted,
    unredactable: 0,
  });
}

/**
 * An Exchange whose redaction cannot be trusted: it is redacted as if it had been captured now. Hashes were made with
 * another key, or of other bytes, so they are taken anew.
 */
export function restoredRedacted(exchange: Exchange, key: RedactionKey, rules = defaultRules): Restored {
  const part = redactPart(capturedOf(exchange), key, rules);
  const { request, answer } = exchange;
  if (request.body.kind === "unredactable") part.request.body = redactedBodyOf(request.body);
  if (answer.kind === "response" && answer.body.kind === "unredactable" && part.answer?.kind === "response") {
    part.answer.body = redactedBodyOf(answer.body);
  }
  return restored(exchange, part);
}

/**
 * An Exchange of a tape, redacted again: what was replaced stays, and so do the hashes of what had come on the wire.
 * `found` is told each place at which something is replaced now, with its rule.
 */
export function restoredRedactedAgain(
  exchange: Exchange,
  redaction: { key: RedactionKey; rules: RedactionRules; before: readonly RedactionRules[] },
  found: (rule: string, place: RedactedPlace) => void,
): Restored {
  const { key, rules, before } = redaction;
  const { request, answer, redacted } = exchange;
  const earlier = { redacted, rules: before };
  const part = redactPart(withHashes(capturedOf(exchange), exchange), key, rules, { earlier, found });
  if (request.body.kind === "unredactable") part.request.body = redactedBodyOf(request.body);
  if (answer.kind === "response" && answer.body.kind === "unredactable" && part.answer?.kind === "response") {
    part.answer.body = redactedBodyOf(answer.body);
  }
  part.redacted = {
    request: [...new Set([...redacted.request, ...part.redacted.request])],
    answer: [...new Set([...redacted.answer, ...part.redacted.answer])],
  };
  return restored(exchange, part);
}

/** Of the bytes on the wire before anything was replaced: what is on the tape is not what they are of. */
function withHashes(captured: CapturedCall, { request, answer }: Exchange): CapturedCall {
  const withHash = (kept: CapturedBody, body: Body): CapturedBody =>
    body.kind === "empty" ? kept : { ...kept, hash: Uint8Array.from(Buffer.from(body.hash, "hex")) };
  const own = { ...captured, request: { ...captured.request, body: withHash(captured.request.body, request.body) } };
  if (own.part === "request" || own.answer.kind !== "response" || answer.kind !== "response") return own;
  return { ...own, answer: { ...own.answer, body: withHash(own.answer.body, answer.body) } };
}

function restored(exchange: Exchange, part: RedactedPart): Restored {
  const { startedNs, caller, callee, trace, hop, attempt, answer, proxy } = exchange;
  if (proxy !== undefined) part.beside = { proxy };
  const sighting: Sighting = {
    part,
    startedNs,
    parties: caller === undefined ? { callee } : { caller, callee },
    trace,
    ...(hop === undefined ? {} : { hop }),
    ...(attempt === undefined ? {} : { attempt }),
    complete: true,
    asItCame: { request: false, answer: false },
  };
  return answer.kind === "status-only" ? { sighting, status: statusOf(exchange, answer.status) } : { sighting };
}

function statusOf(exchange: Exchange, status: number): CapturedStatus {
  const { sequence, vantage, answerStartedNs, answerEndedNs, proxy } = exchange;
  return {
    part: "status",
    sequence,
    vantage,
    answer: { kind: "status-only", status },
    ...(answerStartedNs === undefined ? {} : { startedAfterMs: afterMs(exchange, answerStartedNs) }),
    ...(answerEndedNs === undefined ? {} : { endedAfterMs: afterMs(exchange, answerEndedNs) }),
    ...(proxy === undefined ? {} : { proxy }),
  };
}

function identityOf({ sequence, vantage, connection, client }: Exchange) {
  return {
    sequence,
    vantage,
    ...(connection === undefined ? {} : { connection }),
    ...(client === undefined ? {} : { client }),
  };
}

function framesOf(exchange: Exchange) {
  if (exchange.frames.length === 0) return {};
  return { frames: exchange.frames.map(({ atNs, ...frame }) => ({ ...frame, atMs: afterMs(exchange, atNs) })) };
}

/** Milliseconds after the start: exact to the nanosecond for what takes less than 26 days. */
function afterMs({ startedNs }: Exchange, ns: bigint): number {
  return Number(ns - startedNs) / 1e6;
}

function redactedAnswerOf(exchange: Exchange, answer: Exchange["answer"]): RedactedAnswer {
  if (answer.kind !== "response") return otherAnswerOf(exchange, answer);
  const { kind, status, end } = answer;
  return { kind, status, end, ...messageOf(answer), ...answerTimesOf(exchange), body: redactedBodyOf(answer.body) };
}

function otherAnswerOf(exchange: Exchange, answer: Exclude<Exchange["answer"], { kind: "response" }>) {
  if (answer.kind !== "failure") return { kind: "unknown" } as const;
  const { answerEndedNs } = exchange;
  const endedMs = answerEndedNs === undefined ? answer.afterMs : afterMs(exchange, answerEndedNs);
  return { kind: "failure", reason: answer.reason, endedMs } as const;
}

function messageOf({ headers, trailers }: Pick<Exchange["request"], "headers" | "trailers">) {
  const flat = { headers: rawFromHeaderList(headers) };
  return trailers.length === 0 ? flat : { ...flat, trailers: rawFromHeaderList(trailers) };
}

function answerTimesOf(exchange: Exchange): { startedMs: number; endedMs?: number } {
  const { startedNs, answerStartedNs, answerEndedNs } = exchange;
  const startedMs = afterMs(exchange, answerStartedNs ?? answerEndedNs ?? startedNs);
  return answerEndedNs === undefined ? { startedMs } : { startedMs, endedMs: afterMs(exchange, answerEndedNs) };
}

function redactedBodyOf(body: Body): RedactedBody {
  return body.kind === "empty" ? body : { ...body, hash: Uint8Array.from(Buffer.from(body.hash, "hex")) };
}

function capturedOf(exchange: Exchange): CapturedCall {
  const { request, answer } = exchange;
  const { trailers: _trailers, rawHeaders, headers: _headers, body, ...line } = request;
  const captured: CapturedRequest = {
    ...line,
    ...messageOf(request),
    body: capturedBodyOf(body),
    startedMs: 0,
  };
  if (rawHeaders) captured.rawHeaders = rawFromHeaderList(rawHeaders);
  if (exchange.requestEndedNs !== undefined) captured.endedMs = afterMs(exchange, exchange.requestEndedNs);
  return {
    part: "call",
    ...identityOf(exchange),
    request: captured,
    answer: capturedAnswerOf(exchange, answer),
    ...framesOf(exchange),
  };
}

function capturedAnswerOf(exchange: Exchange, answer: Exchange["answer"]): CapturedAnswer {
  if (answer.kind !== "response") return otherAnswerOf(exchange, answer);
  const { kind, status, end } = answer;
  return { kind, status, end, ...messageOf(answer), ...answerTimesOf(exchange), body: capturedBodyOf(answer.body) };
}

const unknown = Uint8Array.from(Buffer.from(unknownHash, "hex"));

/** Of a body that is not all there the hash with this key cannot be known. */
function capturedBodyOf(body: Body): CapturedBody {
  if (body.kind === "empty") return { pieces: [], fullBytes: 0 };
  if (body.kind === "unredactable") return { pieces: [], fullBytes: body.fullBytes, hash: unknown };
  const pieces = body.bytes.length === 0 ? [] : [body.bytes];
  if (body.kind === "cut") return { pieces, fullBytes: body.fullBytes, hash: unknown };
  return { pieces, fullBytes: body.bytes.length };
}
