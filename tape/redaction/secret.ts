import type { RedactionKey } from "./key.js";
import { madeOnce } from "./made-once.js";
import { pseudonymOf, pseudonymOfNumber } from "./pseudonym.js";
import { classOfForm, hasFewerReplaceable } from "./text/render.js";

/** Auth schemes that come before a token in values other than `authorization`, which may name any. */
const knownScheme = /^(?:apikey|basic|bearer|digest|dpop|jwt|negotiate|token) +(?=\S)/i;
/** RFC 9110, section 11.1: a token, then spaces, then what proves. */
const anyScheme = /^[\w!#$%&'*+.^`|~-]+ +(?=\S)/;

/** What was written in place of a value. */
export interface Replacement {
  text: string;
  /** The value was too short to stay distinct: what stands there is the same for all of its form. */
  byClass: boolean;
}

/** With fewer characters to change, pseudonyms could be told back by counting, and different values would be equal. */
const fewestCharacters = 4;

/**
 * Replaces the secret in a value: what follows `Bearer ` and its like, else all of it. The unit is the secret itself, so
 * a token has one pseudonym in a header, a cookie, a query and a body.
 */
export function replaceSecret(value: string, key: RedactionKey): Replacement {
  return replaceAfter(knownScheme, value, key);
}

/** The same for `authorization` and `proxy-authorization`, where the first word is always a scheme. */
export const replaceCredentials: (value: string, key: RedactionKey) => Replacement = madeOnce((value, key) =>
  replaceAfter(anyScheme, value, key),
);

/** The same for a JSON number by its lexeme. */
export function replaceNumber(lexeme: string, key: RedactionKey): Replacement {
  if (isTooShort(lexeme)) return { text: classOfNumber(lexeme), byClass: true };
  return { text: pseudonymOfNumber(lexeme, key), byClass: false };
}

/** `true` and `false` are one class. */
export const replacedBoolean: Replacement = { text: "false", byClass: true };

function replaceAfter(scheme: RegExp, value: string, key: RedactionKey): Replacement {
  const secretAt = scheme.exec(value)?.[0].length ?? 0;
  const secret = value.slice(secretAt);
  if (secret !== "" && isTooShort(secret))
    return { text: value.slice(0, secretAt) + classOfForm(secret), byClass: true };
  return { text: value.slice(0, secretAt) + pseudonymOf(secret, key), byClass: false };
}

function isTooShort(value: string): boolean {
  return value.length < 64 && hasFewerReplaceable(value, fewestCharacters);
}

function classOfNumber(lexeme: string): string {
  return lexeme.replace(/[0-9]+/g, (run, at: number) =>
    at > 0 && /[eE+.]/.test(lexeme[at - 1]!) ? "0".repeat(run.length) : `1${"0".repeat(run.length - 1)}`,
  );
}
