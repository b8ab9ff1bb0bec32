import {
  type Body,
  type HeaderList,
  headerListFromRaw,
  rawFromHeaderList,
  type UndecodedContent,
} from "../../message/index.js";
import type { Answer, RedactedPlace } from "../exchange.js";
import { bodyHeadersOf, redactBytes } from "./body.js";
import { redactHeaders } from "./headers.js";
import type { RedactionKey } from "./key.js";
import { PlaceList } from "./places.js";
import { redactUrl } from "./query.js";
import type { Redaction } from "./rules/redaction.js";
import { defaultRules, type RedactionRules } from "./rules/rules.js";

/**
 * Replaces every secret of an Answer by its pseudonym, so that an Outcome compares with what a tape of the same key
 * holds: `inTurn` are the rules that the tape's recorder followed, one after the other. The Answer itself comes back when
 * there is no secret in it.
 */
export function redactAnswer(
  answer: Answer,
  key: RedactionKey,
  inTurn: readonly RedactionRules[] = [defaultRules],
): { answer: Answer; redacted: RedactedPlace[] } {
  const found = { answer, redacted: [] as RedactedPlace[] };
  for (const [at, rules] of inTurn.entries()) {
    const done = at === 0 ? {} : { done: { places: new Set(found.redacted), rules: inTurn.slice(0, at) } };
    const { answer: after, redacted } = redactOnce(found.answer, { key, rules, ...done });
    found.answer = after;
    found.redacted.push(...redacted);
  }
  return found;
}

function redactOnce(answer: Answer, redaction: Redaction): { answer: Answer; redacted: RedactedPlace[] } {
  if (answer.kind !== "response") return { answer, redacted: [] };
  const places = new PlaceList();
  const headers = redactHeaderList(answer.headers, redaction, places);
  const trailers = redactHeaderList(answer.trailers, redaction, places);
  const body = redactBody(answer.body, answer.headers, redaction, places);
  if (headers === answer.headers && trailers === answer.trailers && body === answer.body)
    return { answer, redacted: [] };
  return { answer: { ...answer, headers, trailers, body }, redacted: [...places.listWithClasses()] };
}

/** Replaces the secrets in the path and query of a request, as it is done on a tape. */
export function redactRequestTarget(
  path: string,
  key: RedactionKey,
  rules: RedactionRules = defaultRules,
): { path: string; redacted: RedactedPlace[] } {
  const places = new PlaceList();
  return { path: redactUrl(path, { key, rules }, places, "query:"), redacted: [...places.list()] };
}

function redactHeaderList(headers: HeaderList, redaction: Redaction, places: PlaceList): HeaderList {
  const flat = rawFromHeaderList(headers);
  const redacted = redactHeaders(flat, redaction, places);
  return redacted === flat ? headers : headerListFromRaw(redacted);
}

function redactBody(body: Body, headers: HeaderList, redaction: Redaction, places: PlaceList): Body {
  if (body.kind !== "whole" && body.kind !== "cut") return body;
  const redacted = redactBytes(
    body.bytes,
    bodyHeadersOf(rawFromHeaderList(headers)),
    body.kind === "whole",
    redaction,
    places,
  );
  switch (redacted.kind) {
    case "unchanged":
      return body;
    case "redacted":
      return { ...body, bytes: redacted.bytes };
    case "unreadable":
      if (redaction.rules.flagsUnreadable) return body;
      return withheld(body, redacted.undecoded);
  }
}

/** Of a body that was cut, that it does not decode tells nothing. */
function withheld(body: Extract<Body, { kind: "whole" | "cut" }>, undecoded: UndecodedContent | undefined): Body {
  const { hash } = body;
  if (body.kind === "cut") return { kind: "unredactable", fullBytes: body.fullBytes, hash };
  const fullBytes = body.bytes.length;
  return undecoded ? { kind: "unredactable", fullBytes, hash, undecoded } : { kind: "unredactable", fullBytes, hash };
}
