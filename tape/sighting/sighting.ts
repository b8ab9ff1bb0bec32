import { toEpochNs } from "../../base/index.js";
import type { CapturedPart, RecorderDescription } from "../captured.js";
import type { TraceContext } from "../exchange.js";
import { type RedactedBody, type RedactedPart, type RedactionKey, redactPart } from "../redaction/index.js";
import { type Parties, partiesOf } from "./parties.js";
import { tellingHeaders } from "./telling-headers.js";
import { traceContextOf } from "./trace-context.js";

/** A part of a call as a store keeps it: redacted, with what its headers and its recorder say of it. */
export interface Sighting {
  part: RedactedPart;
  startedNs: bigint;
  parties: Parties;
  trace: TraceContext;
  /** `false`: only its request is known so far; an `answer` part will complete it. */
  complete: boolean;
  /** The kept bytes of the body are the wire's, so its wire hash is theirs too. */
  asItCame: { request: boolean; answer: boolean };
}

/** Redacts a part and reads it. What comes out holds no secret and may reach disk. */
export function sightingOf(part: CapturedPart, recorder: RecorderDescription, key: RedactionKey): Sighting {
  const redacted = redactPart(part, key);
  const headers = tellingHeaders(redacted.request.headers);
  const { authority } = redacted.request;
  const captured = part.part === "request" || part.answer.kind !== "response" ? undefined : part.answer.body;
  return {
    part: redacted,
    startedNs: toEpochNs(recorder, part.request.startedMs),
    parties: partiesOf(headers, { vantage: part.vantage, authority, service: recorder.service }),
    trace: traceContextOf(headers),
    complete: part.part !== "request",
    asItCame: {
      request: isAsItCame(redacted.request.body, part.request.body.pieces),
      answer: isAsItCame(answerBodyOf(redacted), captured?.pieces ?? []),
    },
  };
}

/** The body of a part's answer; empty where it has none. */
export function answerBodyOf(part: RedactedPart): RedactedBody {
  return part.answer?.kind === "response" ? part.answer.body : { kind: "empty" };
}

/** Nanoseconds from the start of a part's request to a later time of it, as both stores keep times. */
export function afterStartNs(part: RedactedPart, laterMs: number): number {
  return Math.round((laterMs - part.request.startedMs) * 1e6);
}

// Redaction hands on the very bytes it was given when it found nothing to replace.
function isAsItCame(body: RedactedBody, pieces: readonly Uint8Array[]): boolean {
  return body.kind === "whole" && pieces.length === 1 && pieces[0] === body.bytes;
}
