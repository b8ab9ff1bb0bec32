import { answerEnds, answerKinds, bodyKinds, failureReasons, requestEnds } from "../codes.js";
import { protocols, type RedactedPlace, vantages } from "../exchange.js";
import type { RedactedAnswer, RedactedBody, RedactedPart } from "../redaction/index.js";
import { afterStartNs, answerBodyOf, type Sighting } from "../sighting/sighting.js";
import type { StoredBody } from "./body-table.js";
import { headerBytes } from "./header-bytes.js";

/** Which rows an exchange row is and points to. */
export interface RowLinks {
  id: number;
  recorder: number;
  requestBody: StoredBody;
  answerBody: StoredBody;
}

type Value = number | bigint | string | Uint8Array | null;

/** The values of `storedColumns`, in their order. */
export function exchangeParams(sighting: Sighting, links: RowLinks): Value[] {
  const { part, parties, trace } = sighting;
  const { request } = part;
  const answer = part.answer ?? { kind: "unknown" };
  const response = answer.kind === "response" ? answer : undefined;
  const answerBody = answerBodyOf(part);
  return [
    links.id,
    links.recorder,
    part.sequence,
    sighting.complete ? 1 : 0,
    sighting.startedNs,
    afterNs(part, request.endedMs),
    afterNs(part, response?.startedMs),
    afterNs(part, answer.kind === "unknown" ? undefined : answer.endedMs),
    vantages.indexOf(part.vantage),
    protocols.indexOf(request.protocol),
    requestEnds.indexOf(request.end),
    answerKinds.indexOf(answer.kind),
    response?.status ?? null,
    answerEndCode(answer),
    bodyKinds.indexOf(request.body.kind),
    seenBytes(request.body),
    bodyKinds.indexOf(answerBody.kind),
    seenBytes(answerBody),
    part.frames?.length ?? 0,
    request.method,
    request.scheme,
    request.authority,
    request.path,
    parties.callee,
    parties.caller ?? null,
    part.connection ?? null,
    part.client ?? null,
    trace.traceId ?? null,
    trace.parentSpanId ?? null,
    trace.requestId ?? null,
    placesText(part.redacted.request),
    placesText(part.redacted.answer),
    links.requestBody.id,
    links.answerBody.id,
    links.requestBody.wireHash,
    links.answerBody.wireHash,
    headerBytes(request.headers),
    request.rawHeaders ? headerBytes(request.rawHeaders) : null,
    bytesOrNull(request.trailers),
    response ? headerBytes(response.headers) : null,
    bytesOrNull(response?.trailers),
  ];
}

function afterNs(part: RedactedPart, laterMs: number | undefined): number | null {
  return laterMs === undefined ? null : afterStartNs(part, laterMs);
}

function answerEndCode(answer: RedactedAnswer): number | null {
  if (answer.kind === "response") return answerEnds.indexOf(answer.end);
  return answer.kind === "failure" ? failureReasons.indexOf(answer.reason) : null;
}

/** As `bodyBytes` says of the Body that will be read again. */
function seenBytes(body: RedactedBody): number {
  if (body.kind === "empty") return 0;
  return body.kind === "whole" ? body.bytes.length : body.fullBytes;
}

function bytesOrNull(flat: readonly string[] | undefined): Uint8Array | null {
  return flat === undefined || flat.length === 0 ? null : headerBytes(flat);
}

function placesText(places: readonly RedactedPlace[]): string | null {
  return places.length === 0 ? null : JSON.stringify(places);
}
