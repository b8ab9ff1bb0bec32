import { type Body, type HeaderList, headerListFromRaw, rawFromHeaderList } from "../../message/index.js";
import type { Answer, RedactedPlace } from "../exchange.js";
import { bodyHeadersOf, redactBytes } from "./body.js";
import { redactHeaders } from "./headers.js";
import type { RedactionKey } from "./key.js";
import { PlaceList } from "./places.js";
import { redactUrl } from "./query.js";

/**
 * Replaces every secret of an Answer by its pseudonym, so that an Outcome compares with what a tape of the same key
 * holds. The Answer itself comes back when there is none.
 */
export function redactAnswer(answer: Answer, key: RedactionKey): { answer: Answer; redacted: RedactedPlace[] } {
  if (answer.kind !== "response") return { answer, redacted: [] };
  const places = new PlaceList();
  const headers = redactHeaderList(answer.headers, key, places);
  const trailers = redactHeaderList(answer.trailers, key, places);
  const body = redactBody(answer.body, answer.headers, key, places);
  if (headers === answer.headers && trailers === answer.trailers && body === answer.body)
    return { answer, redacted: [] };
  return { answer: { ...answer, headers, trailers, body }, redacted: [...places.list()] };
}

/** Replaces the secrets in the path and query of a request, as it is done on a tape. */
export function redactRequestTarget(path: string, key: RedactionKey): { path: string; redacted: RedactedPlace[] } {
  const places = new PlaceList();
  return { path: redactUrl(path, key, places, "query:"), redacted: [...places.list()] };
}

function redactHeaderList(headers: HeaderList, key: RedactionKey, places: PlaceList): HeaderList {
  const flat = rawFromHeaderList(headers);
  const redacted = redactHeaders(flat, key, places);
  return redacted === flat ? headers : headerListFromRaw(redacted);
}

function redactBody(body: Body, headers: HeaderList, key: RedactionKey, places: PlaceList): Body {
  if (body.kind !== "whole" && body.kind !== "cut") return body;
  const redacted = redactBytes(
    body.bytes,
    bodyHeadersOf(rawFromHeaderList(headers)),
    body.kind === "whole",
    key,
    places,
  );
  switch (redacted.kind) {
    case "unchanged":
      return body;
    case "redacted":
      return { ...body, bytes: redacted.bytes };
    case "unreadable":
      return {
        kind: "unredactable",
        fullBytes: body.kind === "cut" ? body.fullBytes : body.bytes.length,
        hash: body.hash,
      };
  }
}
