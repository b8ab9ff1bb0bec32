import type { RedactedPlace } from "../../exchange.js";
import type { RedactionKey } from "../key.js";
import type { RedactionRules } from "./rules.js";

/** What one message is redacted with. */
export interface Redaction {
  key: RedactionKey;
  rules: RedactionRules;
  /** In a part, a frame, or JSON in a string: what a place within it is called in the message. */
  placeOf?: (inner: RedactedPlace) => RedactedPlace;
  /** What was replaced in it before, when it is redacted again: it stays as it is. */
  done?: { places: ReadonlySet<RedactedPlace>; rules: readonly RedactionRules[] };
}

/** Whether a rule may replace what stands at a place: no exception spares it, and the rule has not been there before. */
export function mayReplace({ rules, done, placeOf }: Redaction, inner: RedactedPlace, rule: string): boolean {
  const place = placeOf?.(inner) ?? inner;
  if (rules.spares(place)) return false;
  return done === undefined || !done.places.has(place) || !done.rules.some((before) => before.has(rule));
}

/** The rule by which whatever stands at a place is replaced; undefined where none goes by places. */
export function demandedBy({ rules, placeOf }: Redaction, inner: RedactedPlace): string | undefined {
  return rules.looksAtPlaces ? rules.demandedBy(placeOf?.(inner) ?? inner) : undefined;
}

/** For what stands inside a message's value, part or frame: `placeOf` tells its places as the message's. */
export function within(redaction: Redaction, placeOf: (inner: RedactedPlace) => RedactedPlace): Redaction {
  const outer = redaction.placeOf;
  return { ...redaction, placeOf: outer === undefined ? placeOf : (inner) => outer(placeOf(inner)) };
}
