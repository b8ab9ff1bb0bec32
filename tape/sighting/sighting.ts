import { toEpochNs } from "../../base/index.js";
import type { CapturedCall, RecorderDescription } from "../captured.js";
import type { TraceContext } from "../exchange.js";
import { type RedactedBody, type RedactedPart, type RedactionKey, redactPart, rulesOf } from "../redaction/index.js";
import { type Parties, partiesOf } from "./parties.js";
import { type TellingHeaders, tellingHeaders } from "./telling-headers.js";
import { traceContextOf } from "./trace-context.js";

/** A part of a call as a store keeps it: redacted, with what its headers and its recorder say of it. */
export interface Sighting {
  part: RedactedPart;
  startedNs: bigint;
  parties: Parties;
  trace: TraceContext;
  /** See Exchange. */
  hop?: string;
  attempt?: number;
  /** `false`: only its request is known so far; an `answer` part will complete it. */
  complete: boolean;
  /** The kept bytes of the body are the wire's, so its wire hash is theirs too. */
  asItCame: { request: boolean; answer: boolean };
}

/** Redacts a part and reads it. What comes out holds no secret and may reach disk. */
export function sightingOf(part: CapturedCall, recorder: RecorderDescription, key: RedactionKey): Sighting {
  const redacted = redactPart(part, key, rulesOf(recorder.redaction?.[0]));
  const captured = part.part === "request" || part.answer.kind !== "response" ? undefined : part.answer.body;
  const identity = identityOf(part, redacted.request, recorder);
  // Fields are set one by one, here and below: every call passes here, and spreading costs several times as much.
  const sighting: Sighting = {
    part: redacted,
    startedNs: toEpochNs(recorder, part.request.startedMs),
    parties: identity.parties,
    trace: identity.trace,
    complete: part.part !== "request",
    asItCame: {
      request: isAsItCame(redacted.request.body, part.request.body.pieces),
      answer: isAsItCame(answerBodyOf(redacted), captured?.pieces ?? noPieces),
    },
  };
  if (identity.hop !== undefined) sighting.hop = identity.hop;
  if (identity.attempt !== undefined) sighting.attempt = identity.attempt;
  return sighting;
}

/** Who calls whom within which trace, as far as a call's headers, what is known beside them, and its recorder say. */
export function identityOf(
  { vantage, beside }: Pick<CapturedCall, "vantage" | "beside">,
  { headers: flat, rawHeaders, authority }: Pick<CapturedCall["request"], "headers" | "rawHeaders" | "authority">,
  { service }: RecorderDescription,
): Pick<Sighting, "parties" | "trace" | "hop" | "attempt"> {
  const headers = tellingHeaders(flat);
  const identity: ReturnType<typeof identityOf> = {
    parties: partiesOf(headers, { vantage, authority, service, caller: beside?.caller }),
    trace: withTraceBeside(traceContextOf(headers), beside?.traceparent),
  };
  const hop = hopOf(headers, rawHeaders) ?? beside?.hop;
  const attempt = attemptOf(headers);
  if (hop) identity.hop = hop;
  if (attempt !== undefined) identity.attempt = attempt;
  return identity;
}

/**
 * A proxy that begins a trace puts its id into what it sends on, which is after this was seen. Of the span given there only
 * the trace is the call's: the span is one of the proxy's own.
 */
function withTraceBeside(trace: TraceContext, traceparent: string | undefined): TraceContext {
  if (traceparent === undefined || trace.traceId !== undefined) return trace;
  const { traceId } = traceContextOf({ traceparent });
  return traceId === undefined ? trace : { ...trace, traceId };
}

/** Undoing what a proxy added to a copy takes its label out of the headers, too: it is still in those that came. */
function hopOf(headers: TellingHeaders, rawHeaders: readonly string[] | undefined): string | undefined {
  return headers.hop ?? (rawHeaders && tellingHeaders(rawHeaders).hop);
}

function attemptOf({ attempt }: TellingHeaders): number | undefined {
  return attempt !== undefined && /^[1-9]\d{0,3}$/.test(attempt) ? Number(attempt) : undefined;
}

/** The body of a part's answer; empty where it has none. */
export function answerBodyOf(part: RedactedPart): RedactedBody {
  return part.answer?.kind === "response" ? part.answer.body : noBody;
}

const noBody: RedactedBody = { kind: "empty" };
const noPieces: readonly Uint8Array[] = [];

/** Nanoseconds from the start of a part's request to a later time of it, as both stores keep times. */
export function afterStartNs(part: RedactedPart, laterMs: number): number {
  return Math.round((laterMs - part.request.startedMs) * 1e6);
}

// Redaction hands on the very bytes it was given when it found nothing to replace.
function isAsItCame(body: RedactedBody, pieces: readonly Uint8Array[]): boolean {
  return body.kind === "whole" && pieces.length === 1 && pieces[0] === body.bytes;
}
