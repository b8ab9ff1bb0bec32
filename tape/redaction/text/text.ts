import type { RedactedPlace } from "../../exchange.js";
import type { PlaceList } from "../places.js";
import { pseudonymOf } from "../pseudonym.js";
import { mayReplace, type Redaction } from "../rules/redaction.js";
import { type Replacement, replaceSecret } from "../secret.js";
import type { SecretSpan } from "./scan.js";

/** Replaces every secret that is told by its form, or by a name beside it, in a text. The same string when there is none. */
export function redactText(text: string, redaction: Redaction, places: PlaceList, place: RedactedPlace): string {
  return replaceSpans(text, redaction.rules.scanner.spans(text), redaction, places, place);
}

/** Replaces what stands at these spans, as far as rules and exceptions say so. */
export function replaceSpans(
  text: string,
  spans: readonly SecretSpan[],
  redaction: Redaction,
  places: PlaceList,
  place: RedactedPlace,
): string {
  let redacted = "";
  let copiedTo = 0;
  for (const { start, end, rule } of spans) {
    if (!mayReplace(redaction, place, rule)) continue;
    const secret = text.slice(start, end);
    redacted += text.slice(copiedTo, start) + asText(secret, (spelled) => pseudonymOf(spelled, redaction.key));
    copiedTo = end;
    places.add(place, rule);
  }
  return copiedTo === 0 ? text : redacted + text.slice(copiedTo);
}

/** Replaces a whole value by this rule; the same string where an exception spares it or it is empty. */
export function replaceWhole(
  value: string,
  rule: string,
  redaction: Redaction,
  places: PlaceList,
  place: RedactedPlace,
  replace: (value: string) => Replacement = (secret) => replaceSecret(secret, redaction.key),
): string {
  if (value === "" || !mayReplace(redaction, place, rule)) return value;
  const replaced = replace(value);
  places.add(place, rule, replaced.byClass);
  return replaced.text;
}

/**
 * Bytes are read as latin1, one character each. Where they are UTF-8 the secret is what they spell, so that it equals the
 * same secret elsewhere.
 */
export function asText(value: string, replace: (text: string) => string): string {
  if (!beyondAscii.test(value) || beyondLatin1.test(value)) return replace(value);
  const bytes = Buffer.from(value, "latin1");
  const text = bytes.toString("utf8");
  const isUtf8 = !text.includes("\ufffd");
  return isUtf8 ? Buffer.from(replace(text), "utf8").toString("latin1") : replace(value);
}

const beyondAscii = /[\x80-\xff]/;
const beyondLatin1 = /[^\0-\xff]/;
